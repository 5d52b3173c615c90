import Core
import Experiments
import Foundation
import ReferenceFiles

/// Something that is known to move a number away from the published one (`known-causes.csv`).
package struct KnownCause: Sendable {
  /// What of the protocol it is about.
  package enum Axis: String, Sendable, CaseIterable {
    case classNames
    case templates
    case metric
    case split
    case preprocessing
    case precision
    /// Frames of videos.
    case frames
    case captions
    /// Which layer they are of.
    case features
    /// How it was fitted.
    case probe
    /// The published numbers disagree among themselves.
    case publication
    case unknown
  }

  package enum Status: String, Sendable, CaseIterable {
    case certain
    case likely
    case possible
    /// The gap is known, its cause is not.
    case unexplained
  }

  package var id: String
  package var axis: Axis
  package var status: Status
  package var text: String
  /// By how much others' numbers lie above (below: negative) the published one, as fractions; nil where not known.
  package var gap: ClosedRange<Double>?
  /// Nil where it is common knowledge, or told in a report itself.
  package var source: String?
  private var experiments: Set<String>
  /// Empty for any.
  private var datasets: Set<String>
  /// Empty for any.
  private var models: Set<String>
  private var condition: RowCondition

  static func all(in folder: URL?) throws(EvalError) -> [KnownCause] {
    let table = try ReferenceTable("known-causes.csv", in: folder)
    var causes: [KnownCause] = []
    for row in table.rows { causes.append(try KnownCause(row, of: table)) }
    return causes
  }

  private init(_ row: ReferenceTable.Row, of table: ReferenceTable) throws(EvalError) {
    func value<Value: RawRepresentable & CaseIterable>(
      _ column: String
    ) throws(EvalError) -> Value where Value.RawValue == String {
      let text = try table.text(row, column)
      guard let value = Value(rawValue: text) else {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw table.error(row, column, "expected one of \(known), found \(text)")
      }
      return value
    }
    id = try table.text(row, "id")
    axis = try value("axis")
    status = try value("status")
    text = try table.text(row, "cause")
    let source = try table.text(row, "source")
    self.source = source.isEmpty ? nil : source
    experiments = Set(try table.words(row, "experiments"))
    datasets = Set(try table.words(row, "datasets"))
    models = Set(try table.words(row, "models"))
    condition = try table.condition(row)
    if let from = try table.percent(row, "from"), let to = try table.percent(row, "to") {
      guard from <= to else {
        throw table.error(row, "to", "expected \(from) or more, found \(to)")
      }
      gap = from...to
    }
  }

  /// - Parameter model: as the paper calls the row's; nil for another one.
  func concerns(_ row: ResultRow, model: String?) -> Bool {
    experiments.contains(row.experiment) && (datasets.isEmpty || datasets.contains(row.dataset))
      && (models.isEmpty || model.map(models.contains) == true) && condition.holds(for: row)
  }
}
