import Datasets
import Experiments
import Reporting
import Statistics

/// Figures 4, 5 and 9 to 12 of the paper, as far as a run's rows allow them, beside the paper's own numbers over the same datasets.
struct PaperFigures {
  /// Figures and what the report says of them.
  struct Part {
    var title: String
    var figures: [Figure]
    var tables: [String] = []
    var notes: [String] = []

    func section(_ files: [FigureFile]) -> ReportSection {
      ReportSection(title: title, figures: files, tables: tables, notes: notes)
    }
  }

  /// A mean, or a comparison, is of as many datasets at least.
  static let fewestDatasets = 3

  let zeroShot: ScoreTable
  let words: [PromptingFigure.Words: ScoreTable]
  let linear: ScoreTable
  let costs: [String: ModelCost]
  let published: PublishedTables?
  /// What runs call each model: a report over several tells models of one name apart.
  let ownNames: [String: String]

  /// - Parameters:
  ///   - costs: of models that the paper says nothing of.
  ///   - published: nil draws a run's own numbers alone.
  init(_ rows: [ResultRow], costs: [ModelCost], published: PublishedTables?) {
    let zeroShot = rows.filter {
      $0.experiment == ZeroShotExperiment.name && !$0.protocol.isOfSingleTemplate
    }
    self.zeroShot = ScoreTable(zeroShot)
    words = Dictionary(grouping: zeroShot) { Self.words($0) }.mapValues { ScoreTable($0) }
    linear = ScoreTable(rows.filter { $0.experiment == ProbeExperiment.linear })
    ownNames = Dictionary(
      rows.map { ($0.model, $0.protocol.model) }, uniquingKeysWith: { first, _ in first })
    let known = ownNames.compactMap { shown, own in
      ModelCost(published: own).map { cost in
        var cost = cost
        cost.model = shown
        return cost
      }
    }
    self.costs = Dictionary(
      (costs + known).map { ($0.model, $0) }, uniquingKeysWith: { first, _ in first })
    self.published = published
  }

  private static func words(_ row: ResultRow) -> PromptingFigure.Words {
    switch row.protocol.templateSet {
    case "generic/bare": .bare
    case "generic/single": .single
    default: .ensemble
    }
  }

  var parts: [Part] {
    [prompting, scaling, againstResNet, againstNoisyStudent, transfer].compactMap(\.self)
  }

  // MARK: Datasets

  /// `27 datasets`, or what the one set is that it is all of.
  static func text(_ datasets: [String]) -> String {
    let twelve = Set(PaperDatasets.kornblith)
    let own = Set(datasets)
    if own == twelve { return "Kornblith et al.'s 12 datasets" }
    if own.isSubset(of: twelve) { return "\(own.count) of Kornblith et al.'s 12 datasets" }
    return "\(own.count) datasets"
  }

  static func partialRemark(_ table: ScoreTable, _ models: [String], _ datasets: [String])
    -> [String]
  {
    let partial = table.partial(models, datasets)
    return partial.isEmpty ? [] : ["Only in part evaluated: \(partial.joined(separator: ", "))."]
  }

  func points(_ table: ScoreTable, _ models: [String], _ datasets: [String]) -> [ScalePoint] {
    models.compactMap { model in
      guard let cost = costs[model], let score = table.mean(model, datasets) else { return nil }
      return ScalePoint(model: model, family: cost.family, gflops: cost.gflops, score: score)
    }
  }

  private func unknownRemark(_ models: [String]) -> [String] {
    let unknown = models.filter { costs[$0] == nil }
    return unknown.isEmpty
      ? [] : ["Not shown, as what an image costs is not known: \(unknown.joined(separator: ", "))."]
  }

  // MARK: Figure 4

  private var prompting: Part? {
    guard let bare = words[.bare], let ensemble = words[.ensemble] else { return nil }
    let models = ensemble.models.filter(bare.models.contains)
    let both = Set(bare.common(to: models))
    let datasets = ensemble.common(to: models).filter(both.contains)
    guard !models.isEmpty, datasets.count >= Self.fewestDatasets else { return nil }
    var curves = [
      PromptingFigure.Curve(.bare, points: points(bare, models, datasets)),
      PromptingFigure.Curve(.ensemble, points: points(ensemble, models, datasets)),
    ]
    let single = words[.single].map { points($0, models, datasets) } ?? []
    if !single.isEmpty { curves.insert(.init(.single, points: single), at: 1) }
    guard !curves[0].points.isEmpty else { return nil }
    let isPaper = Set(datasets) == PaperDatasets.zeroShot
    var figure = PromptingFigure(
      curves: curves, datasets: Self.text(datasets),
      remarks: unknownRemark(models) + Self.partialRemark(ensemble, models, datasets))
    if isPaper, let published {
      figure.published = published.prompting
      figure.publishedSource =
        "\(published.promptingSource), its 36 datasets, of which one is not public"
    }
    return Part(
      title: "Prompts against bare class names", figures: [figure.figure],
      notes: ["Datasets: \(datasets.joined(separator: ", "))."])
  }

  // MARK: Figures 9 and 10

  private var scaling: Part? {
    var figures: [Figure] = []
    var columns: [(title: String, scores: [String: Double])] = []
    func add(
      _ table: ScoreTable, _ datasets: [String], name: String, experiment: String,
      _ quantity: ScalingFigure.Quantity, published: [ScalePoint], source: String?
    ) {
      let own = points(table, table.models, datasets)
      // One model alone is no scale.
      guard datasets.count >= Self.fewestDatasets, !own.isEmpty,
        own.count + published.count > 1
      else { return }
      let text = Self.text(datasets)
      figures.append(
        ScalingFigure(
          name: name,
          title:
            "\(experiment) against compute: mean \(quantity == .error ? "error" : "score") of \(text)",
          quantity: quantity, points: own, published: published, publishedSource: source,
          datasets: text,
          remarks: unknownRemark(table.models)
            + Self.partialRemark(table, table.models, datasets)
        ).figure)
      columns.append(
        (
          "\(experiment), \(text)",
          Dictionary(own.map { ($0.model, $0.score) }, uniquingKeysWith: { first, _ in first })
        ))
    }

    let datasets = zeroShot.common(to: zeroShot.models)
    let isPaper = Set(datasets) == PaperDatasets.zeroShot
    add(
      zeroShot, datasets, name: "scaling-zero-shot", experiment: "Zero-shot", .error,
      published: isPaper
        ? published?.scaling ?? [] : Self.scale(published?.zeroShot ?? [], datasets),
      source: isPaper ? published?.scalingSource : published?.zeroShotSource)
    let probed = linear.common(to: linear.models)
    let twelve = probed.filter(PaperDatasets.kornblith.contains)
    for (datasets, name) in [(twelve, "kornblith"), (probed, "all")]
    where name == "all" || twelve.count < probed.count {
      add(
        linear, datasets, name: "scaling-linear-probe-\(name)", experiment: "Linear probes",
        .score, published: Self.scale(published?.clipProbes ?? [], datasets),
        source: published.map { "CLIP in \($0.probeSource)" })
    }
    guard !figures.isEmpty else { return nil }
    let models = (zeroShot.models + linear.models).uniqued().filter { costs[$0] != nil }
    let lines = models.compactMap { model in
      costs[model].map { cost in
        ScalingTable.Line(
          model: model, family: cost.family, gflops: cost.gflops, source: cost.source.rawValue,
          scores: columns.map { $0.scores[model] })
      }
    }
    return Part(
      title: "Scaling with compute", figures: figures,
      tables: [ScalingTable.text(lines, columns: columns.map(\.title))],
      notes: [ScalingTable.caption])
  }

  /// Published CLIP models over the same datasets; none where a dataset is not among theirs.
  private static func scale(_ models: [PublishedScores], _ datasets: [String]) -> [ScalePoint] {
    models.compactMap { model in
      guard let cost = ModelCost(published: model.model), let mean = model.mean(datasets) else {
        return nil
      }
      return ScalePoint(
        model: model.model, family: cost.family, gflops: cost.gflops, score: mean)
    }
  }
}
