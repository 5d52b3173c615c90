import Core
import Experiments
import Metrics

/// What a reader needs to know of the columns.
extension MarkdownReport {
  static func legend(_ rows: [ResultRow]) -> String {
    var lines = [
      "`\(Markdown.unknown)`: not known or not applicable. Partial: not all samples, or classes, of a known split.",
      "Chance: guessing classes uniformly at random.",
    ]
    if rows.contains(where: { MetricName(rawValue: $0.metric)?.isMultiLabel == true }) {
      lines.append(
        "Chance of a mean average precision: about what ranking images at random gives, the mean over classes of the share of images that show the class."
      )
    }
    if rows.contains(where: { $0.experiment == RetrievalExperiment.name }) {
      lines += RetrievalTable.legend
    }
    lines += ProbeTables.legend(rows)
    for metric in rows.map(\.metric).uniqued() {
      let methods = rows.filter { $0.metric == metric }.compactMap(\.intervalMethod).uniqued()
      guard !methods.isEmpty else { continue }
      lines.append(
        "Interval of \(Markdown.escaped(metric)): \(methods.map(Markdown.escaped).joined(separator: "; "))."
      )
    }
    for source in rows.compactMap({ $0.reference?.source }).uniqued() {
      lines.append("Paper: \(Markdown.escaped(source)).")
    }
    for row in rows {
      if let empty = row.emptyClasses, empty > 0 {
        lines.append(
          "\(row.datasetText), \(Markdown.escaped(row.metric)): \(counted(empty, "class", "classes")) without samples"
            + (isMeanOverClasses(row) ? " left out." : ".")
        )
      }
    }
    return "## Legend\n\n" + lines.uniqued().map { "- \($0)\n" }.joined()
  }

  /// Of other metrics a class without samples is one more to choose wrongly.
  private static func isMeanOverClasses(_ row: ResultRow) -> Bool {
    MetricName(rawValue: row.metric).map { $0 == .meanPerClass || $0.isMultiLabel } ?? true
  }
}
