import Core
import Foundation
import Probes

/// What a file of `probe --save` holds, for `inspect`.
struct ProbeFileSummary: Encodable {
  let path: String
  let classCount: Int
  let columns: Int
  /// One of several answers (softmax), or a question of its own each.
  let labels: String
  @ExplicitNull var classes: [String]?
  /// Classes that had no training sample and are never predicted.
  let absentClasses: [Int]
  let notes: [String: String]
  private let fit: FitSummary

  init(_ url: URL) throws {
    let probe = try ProbeFile(contentsOf: url)
    path = url.path
    classCount = probe.fit.model.classCount
    columns = probe.fit.model.columns
    labels = probe.isMultiLabel ? "multiple" : "single"
    classes = probe.classIDs
    let intercepts = probe.fit.model.intercepts
    absentClasses = intercepts.indices.filter { intercepts[$0] == -.infinity }
    notes = probe.notes
    fit = probe.fit.summary
  }

  static func show(_ url: URL, json: Bool) throws {
    let summary = try ProbeFileSummary(url)
    if json {
      return try Output.json(Described(kind: "probe-weights", value: Joined(summary, summary.fit)))
    }
    let fit = summary.fit
    try Output.table(
      [
        ["probe", "\(summary.classCount) classes × \(summary.columns) features"],
        [
          "labels",
          summary.labels == "multiple" ? "several a sample (one-vs-rest)" : "one a sample",
        ],
        ["C", ProbeWork.text(fit.C)],
        ["objective", String(format: "%.8g", fit.objective)],
        [
          "gradient",
          "\(ProbeWork.short(fit.gradientNorm)), "
            + (fit.converged ? "converged" : "NOT converged") + " (\(fit.stop))",
        ],
        ["work", "\(fit.iterations) iterations, \(fit.evaluations) evaluations"],
      ]
        + (summary.absentClasses.isEmpty
          ? []
          : [["never predicted", summary.absentClasses.map(String.init).joined(separator: ", ")]])
        + summary.notes.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
  }

  private enum CodingKeys: CodingKey {
    case path, classCount, columns, labels, classes, absentClasses, notes
  }
}
