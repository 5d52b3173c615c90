import Experiments

/// Several models side by side: the main metric of each dataset under one choice of prompts, the last that the suite lists.
enum ModelComparison {
  private static let title = "## All models"

  /// A table for each experiment; nothing for a single model.
  static func blocks(_ rows: [ResultRow]) -> [String] {
    // Few-shot results are many for each dataset, and have a figure. Templates that were selected are each model's own, scored on a part.
    let rows = rows.filter {
      $0.probe?.shots == nil && $0.robustness == nil && $0.protocol.selection == nil
    }
    let models = rows.map(\.model).uniqued()
    guard models.count > 1 else { return [] }
    let experiments = rows.map(\.experiment).uniqued()
    return [title]
      + experiments.flatMap { experiment in
        ["### \(Markdown.escaped(experiment))"]
          + table(rows.filter { $0.experiment == experiment }, models: models)
      }
  }

  private static func table(_ rows: [ResultRow], models: [String]) -> [String] {
    var table = MarkdownTable(
      [("Dataset", .left), ("Metric", .left), ("Class names", .left), ("Templates", .left)]
        + models.map { (Markdown.escaped($0), .right) })
    var complete: [[Double]] = []
    let groups = rows.grouped { EvaluatedSplit($0, sharing: []) }
    let hasSplits =
      Set(groups.map(\.split.datasetText)).count < groups.count
    for (split, members) in groups {
      guard let metric = members.first?.metric, let prompts = mainPrompts(members) else { continue }
      let own = models.map { model in
        members.last {
          $0.model == model && $0.metric == metric && PromptProtocol($0.protocol) == prompts
        }
      }
      let values = own.map { $0?.value }
      let known = values.compactMap(\.self)
      if known.count == models.count { complete.append(known) }
      let name =
        split.datasetText
        + (hasSplits ? " (\(split.split.map(Markdown.escaped) ?? Markdown.unknown))" : "")
        + (own.contains { $0?.partial == true } ? " **(partial)**" : "")
      table.append(
        [
          name, Markdown.escaped(metric), prompts.classNames.text, prompts.templatesText,
        ] + cells(own))
    }
    var caption =
      "The main metric of each dataset, under the class names and templates that the suite lists last, single and selected templates aside. In bold: the best, and with it those that its 99.5 % interval does not tell from it (within it, as in the paper's Table 10). A set named without a dataset is the dataset's own."
    if complete.count > 1 {
      let means = models.indices.map { model in
        complete.reduce(0) { $0 + $1[model] } / Double(complete.count)
      }
      let unknown = [String](repeating: Markdown.unknown, count: 3)
      table.append(["**mean of \(complete.count)**"] + unknown + cells(means, bounds: means))
      caption +=
        " The last line averages \(complete.count) of \(groups.count) datasets: those on which every model has a value."
    }
    return [table.text, caption]
  }

  private static func cells(_ rows: [ResultRow?]) -> [String] {
    cells(rows.map { $0?.value }, bounds: rows.map { $0?.interval99_5?.lower ?? $0?.value })
  }

  /// - Parameter bounds: what another value must reach not to be told from this one.
  private static func cells(_ values: [Double?], bounds: [Double?]) -> [String] {
    let known = values.compactMap(\.self)
    let best = known.count > 1 ? known.max() : nil
    let bound = values.firstIndex(of: best).flatMap { best == nil ? nil : bounds[$0] }
    return values.map { value in
      guard let value, let bound, value >= bound else { return Percent.text(value) }
      return "**\(Percent.text(value))**"
    }
  }

  /// Rows come in the order of the suite, so the last are of the class names and templates it lists last. A model whose tasks
  /// failed in part has fewer prompts than others, and does not decide.
  private static func mainPrompts(_ rows: [ResultRow]) -> PromptProtocol? {
    let byModel = rows.map(\.model).uniqued().map { model in
      rows.filter { $0.model == model }.map { PromptProtocol($0.protocol) }.uniqued()
    }
    let most = byModel.map(\.count).max()
    let prompts = byModel.first { $0.count == most } ?? []
    return prompts.last { $0.template == nil } ?? prompts.last
  }
}
