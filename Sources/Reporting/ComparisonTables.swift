import Core
package import Experiments
import Foundation
import Statistics

/// A comparison as Markdown, and as tables for other programs.
package struct ComparisonTables {
  private let comparison: RunComparison
  /// Of each task, in the Markdown.
  private let classLimit: Int
  private let sampleLimit: Int

  package init(_ comparison: RunComparison, classes: Int = 5, samples: Int = 0) {
    self.comparison = comparison
    classLimit = classes
    sampleLimit = samples
  }

  // MARK: Markdown

  /// - Parameter figure: beside the file.
  package func markdown(figure: FigureFile? = nil) -> String {
    var blocks = [
      "# \(Markdown.escaped(comparison.second)) against \(Markdown.escaped(comparison.first))",
      "A is \(Markdown.escaped(comparison.first)), B is \(Markdown.escaped(comparison.second)); \(compared). Differences are B − A in percentage points, on the samples that both have.",
    ]
    blocks += comparison.notes.map(Markdown.escaped)
    if let figure { blocks.append(figure.markdown) }
    blocks += [metrics, legend]
    blocks += classes
    blocks += samples
    blocks += leftOut
    return blocks.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(separator: "\n")
  }

  private var compared: String {
    comparison.axes.isEmpty
      ? "the same protocols" : "compared: \(comparison.axes.joined(separator: ", "))"
  }

  private var metrics: String {
    var table = MarkdownTable([
      ("Experiment", .left), ("Dataset", .left), ("Metric", .left), ("n", .right), ("A", .right),
      ("B", .right), ("B − A", .right), ("95 % interval", .right), ("p", .right), ("Holm", .right),
      ("BH", .right), ("Detectable", .right), ("A alone right", .right), ("B alone right", .right),
    ])
    for task in comparison.tasks {
      for metric in task.metrics {
        let name = Markdown.escaped(metric.metric)
        let difference = ComparisonTables.signed(metric.difference)
        let isFound = metric.isMain && (metric.holm ?? 1) < comparison.alpha
        table.append([
          Markdown.escaped(task.subject.experimentText),
          Markdown.escaped(task.subject.datasetText), name, "\(metric.n)",
          Percent.text(metric.first), Percent.text(metric.second),
          isFound ? "**\(difference)**" : difference, Self.text(metric.interval95),
          Self.probability(metric.pValue), Self.probability(metric.holm),
          Self.probability(metric.benjaminiHochberg),
          metric.minimumDetectableEffect.map { Self.points($0) } ?? Markdown.unknown,
          metric.mcNemar.map { "\($0.onlyFirst)" } ?? Markdown.unknown,
          metric.mcNemar.map { "\($0.onlySecond)" } ?? Markdown.unknown,
        ])
      }
    }
    return table.text
  }

  private var legend: String {
    """
    Intervals are paired bootstraps: every resample draws the same samples for both. p: McNemar's exact test of accuracies, DeLong's of areas under ROC, else the bootstrap's. \
    Holm and BH (Benjamini–Hochberg) are over datasets: of an experiment each dataset's own metric, and each other metric by itself. Bold: a dataset's own metric, Holm below \(comparison.alpha). \
    Detectable: the difference of accuracies that the test finds in 80 % of cases when as many samples disagree.
    """
  }

  private var classes: [String] {
    guard classLimit > 0 else { return [] }
    return comparison.tasks.flatMap { task -> [String] in
      let changed = task.classes.filter { $0.difference != 0 }
      guard !changed.isEmpty else { return [] }
      var table = MarkdownTable([
        ("Class", .left), ("n", .right), ("A", .right), ("B", .right), ("B − A", .right),
        ("95 % interval", .right), ("Holm", .right),
      ])
      for change in changed.prefix(classLimit) {
        table.append([
          Markdown.escaped(task.title(ofClass: change.name)), "\(change.n)",
          Percent.text(change.first),
          Percent.text(change.second), Self.signed(change.difference), Self.text(change.interval95),
          Self.probability(change.holm),
        ])
      }
      return [
        "## Classes of \(heading(task))",
        "\(changed.count) of \(task.classes.count) classes differ; those that changed most. They were chosen for that, so expect less of them on other samples.",
        table.text,
      ]
    }
  }

  private var samples: [String] {
    guard sampleLimit > 0 else { return [] }
    return comparison.tasks.flatMap { task -> [String] in
      guard !task.changes.isEmpty else { return [] }
      var table = MarkdownTable([
        ("Sample", .left), ("", .left), ("Label", .left), ("A", .left), ("B", .left),
      ])
      for change in task.changes.prefix(sampleLimit) {
        table.append(
          [change.id, change.kind.rawValue]
            .map(Markdown.escaped)
            + change.answers(in: task).map { $0.map(Markdown.escaped) ?? Markdown.unknown })
      }
      let more = task.changes.count - sampleLimit
      return ["## Samples of \(heading(task))", counts(task), table.text]
        + (more > 0 ? ["And \(more) more in samples.csv."] : [])
    }
  }

  private func heading(_ task: TaskComparison) -> String {
    Markdown.escaped("\(task.subject.datasetText) (\(task.subject.experimentText))")
  }

  private func counts(_ task: TaskComparison) -> String {
    guard let counts = task.changeCounts else { return "" }
    return
      "B alone is right on \(counts.gained), A alone on \(counts.lost); \(counts.changed) others are answered differently."
  }

  private var leftOut: [String] {
    let lines = Self.leftOut(comparison)
    return lines.isEmpty
      ? [] : ["## Notes", lines.map { "- \(Markdown.escaped($0))\n" }.joined()]
  }

  /// What was not compared, or not in whole, and why.
  static func leftOut(_ comparison: RunComparison) -> [String] {
    var lines: [String] = []
    for task in comparison.tasks {
      let counts = task.samples
      var parts = task.notes
      if counts.onlyFirst > 0 { parts.append("\(counts.onlyFirst) samples of A alone") }
      if counts.onlySecond > 0 { parts.append("\(counts.onlySecond) samples of B alone") }
      if counts.duplicateIDs > 0 {
        parts.append("\(counts.duplicateIDs) ids that come several times, left out")
      }
      if counts.relabelled > 0 {
        parts.append("\(counts.relabelled) samples with another label in B")
      }
      if !parts.isEmpty {
        lines.append(
          "\(task.subject.datasetText) (\(task.subject.experimentText)): \(counts.common) samples compared; \(parts.joined(separator: ", "))"
        )
      }
    }
    for left in comparison.failed {
      lines.append(
        "not compared: \(left.experiment) \(left.dataset) \(left.metric): \(left.reason ?? "")")
    }
    for (side, rows) in [("A", comparison.onlyFirst), ("B", comparison.onlySecond)]
    where !rows.isEmpty {
      var names: [String] = []
      for row in rows {
        let name = "\(row.experiment) \(row.dataset)"
        if !names.contains(name) { names.append(name) }
      }
      lines.append(
        "in \(side) alone: \(rows.count == 1 ? "1 result" : "\(rows.count) results") (\(names.prefix(12).joined(separator: ", "))\(names.count > 12 ? ", …" : ""))"
      )
    }
    return lines
  }

  // MARK: numbers

  /// Percentage points; two decimals, since differences are small.
  static func points(_ fraction: Double) -> String {
    FixedPoint.text(fraction * 100, decimals: 2)
  }

  static func signed(_ fraction: Double) -> String {
    let digits = points(abs(fraction))
    if digits == points(0) { return digits }
    return (fraction < 0 ? "−" : "+") + digits
  }

  static func text(_ interval: Interval?) -> String {
    interval.map { "\(signed($0.lower)) to \(signed($0.upper))" } ?? Markdown.unknown
  }

  static func probability(_ value: Double?) -> String {
    guard let value else { return Markdown.unknown }
    return value < 0.0001 ? "< 0.0001" : FixedPoint.text(value, decimals: 4)
  }
}

extension TaskComparison.Subject {
  /// With what tells it from other results of its experiment.
  package var experimentText: String {
    let parts: [String?] = [
      experiment, shots.map { "\($0)-shot" }, classifier, alpha.map { "alpha \($0)" }, direction,
    ]
    return parts.compactMap(\.self).joined(separator: " ")
  }

  package var datasetText: String {
    [dataset, options, model, classNames, templates].compactMap(\.self).joined(separator: " ")
  }
}

extension SampleChange {
  /// The label and what the two sides answer, as people know them.
  func answers(in task: TaskComparison) -> [String?] {
    [label, first, second].map { $0.map(task.title(ofClass:)) }
  }
}
