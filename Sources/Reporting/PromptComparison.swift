import Experiments
import Foundation

/// One model's results under several prompts, side by side: the main metric of each dataset, a line for each of its
/// class-name sets, columns for each template set, its templates taken alone, and what their ensemble gains (§3.1.4 of the
/// paper).
struct PromptComparison {
  /// What one template set gave: all of its templates together, and each alone.
  struct Cell {
    var together: Double?
    /// In no order.
    var singles: [Double] = []

    var singleMean: Double? {
      singles.isEmpty ? nil : singles.reduce(0, +) / Double(singles.count)
    }

    var gain: Double? {
      guard let together, let singleMean else { return nil }
      return together - singleMean
    }
  }

  struct Line {
    var split: EvaluatedSplit
    var classNames: String
    var metric: String
    /// By column.
    var cells: [String: Cell] = [:]
    /// The columns in the order of the rows.
    var titles: [String] = []
  }

  private var lines: [Line] = []
  /// Splits of which the results table shows no single templates.
  private var condensed: Set<EvaluatedSplit> = []

  /// - Parameter rows: of one model.
  init(_ rows: [ResultRow]) {
    // Those of the experiment have a section of their own.
    let rows = rows.filter { $0.experiment != PromptStudy.experiment }
    for (split, members) in rows.grouped(by: Self.split) {
      let prompts = members.map { PromptProtocol($0.protocol) }
      guard Set(prompts).count > 1, let metric = members.first?.metric else { continue }
      if prompts.contains(where: { $0.template == nil }) { condensed.insert(split) }
      lines += Self.lines(split, members.filter { $0.metric == metric }, metric: metric)
    }
  }

  /// Rows agree in all but words and metric.
  private static func split(_ row: ResultRow) -> EvaluatedSplit {
    EvaluatedSplit(
      row,
      sharing: EvaluationProtocol.CodingKeys.allCases.filter {
        ![.classNameSet, .classNamesHash, .templateSet, .templatesHash, .metric].contains($0)
      })
  }

  private static func lines(
    _ split: EvaluatedSplit, _ rows: [ResultRow], metric: String
  ) -> [Line] {
    let entries = rows.map { (row: $0, prompts: PromptProtocol($0.protocol)) }
    let classNames = entries.map(\.prompts.classNames).uniqued()
    let templates = entries.filter { $0.prompts.template == nil }.map(\.prompts.templates)
      .uniqued()
    return classNames.map { names in
      var line = Line(
        split: split, classNames: title(names, among: classNames), metric: metric)
      for (row, prompts) in entries where prompts.classNames == names {
        let column = title(prompts.templates, among: templates)
        if line.cells[column] == nil { line.titles.append(column) }
        if prompts.template == nil {
          line.cells[column, default: Cell()].together = row.value
        } else {
          line.cells[column, default: Cell()].singles += [row.value].compactMap(\.self)
        }
      }
      return line
    }
  }

  /// The set's name, with its hash where another set has the same.
  private static func title(_ set: PromptSetName, among all: [PromptSetName]) -> String {
    guard all.contains(where: { $0.name == set.name && $0 != set }), let hash = set.hash else {
      return set.text
    }
    return "\(set.text) `\(hash.short)`"
  }

  /// A single template whose results are shown here, and would flood the results table.
  func leavesOut(_ row: ResultRow) -> Bool {
    PromptProtocol(row.protocol).template != nil && condensed.contains(Self.split(row))
  }

  /// No split has rows under several prompts.
  var isEmpty: Bool { lines.isEmpty }

  /// A table for each experiment; nothing where no split has rows under several prompts.
  var blocks: [String] {
    guard !lines.isEmpty else { return [] }
    let experiments = lines.map(\.split.experiment).uniqued()
    return ["### Prompt comparison"]
      + experiments.flatMap { experiment in
        let table = PromptTable(lines.filter { $0.split.experiment == experiment })
        return (experiments.count > 1 ? ["\(Markdown.escaped(experiment)):"] : [])
          + [table.text, table.caption]
      }
  }
}
