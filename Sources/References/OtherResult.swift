import Core
import Experiments
import Foundation
import ReferenceFiles

/// What another harness measured of the same model, on the dataset that it calls by the same name (`other-harnesses.csv`).
package struct OtherResult: Sendable, Equatable {
  /// How a harness's protocol differs from the paper's (`harness-protocols.csv`).
  package struct Difference: Sendable, Hashable {
    package var axis: KnownCause.Axis
    package var text: String

    package init(axis: KnownCause.Axis, text: String) {
      self.axis = axis
      self.text = text
    }
  }

  package var harness: String
  package var model: String
  package var value: Double
  package var source: String
  package var differences: [Difference]

  package init(
    harness: String, model: String, value: Double, source: String, differences: [Difference]
  ) {
    self.harness = harness
    self.model = model
    self.value = value
    self.source = source
    self.differences = differences
  }

  struct Key: Hashable {
    var experiment: String
    var dataset: String
    var model: String
    var metric: String
  }

  static func all(in folder: URL?) throws(EvalError) -> [Key: [OtherResult]] {
    let differences = try differences(in: folder)
    let table = try ReferenceTable("other-harnesses.csv", in: folder)
    var results: [Key: [OtherResult]] = [:]
    for row in table.rows {
      let (harness, dataset) = (try table.text(row, "harness"), try table.text(row, "dataset"))
      let model = try table.text(row, "model")
      let key = Key(
        experiment: try table.text(row, "experiment"), dataset: dataset, model: model,
        metric: try table.text(row, "metric"))
      results[key, default: []].append(
        OtherResult(
          harness: harness, model: model, value: try table.fraction(row),
          source: try table.text(row, "source"), differences: differences[[harness, dataset]] ?? [])
      )
    }
    return results
  }

  /// By harness and dataset.
  private static func differences(in folder: URL?) throws(EvalError) -> [[String]: [Difference]] {
    let table = try ReferenceTable("harness-protocols.csv", in: folder)
    var differences: [[String]: [Difference]] = [:]
    for row in table.rows {
      let text = try table.text(row, "axis")
      guard let axis = KnownCause.Axis(rawValue: text) else {
        throw table.error(row, "axis", "expected an axis of the protocol, found \(text)")
      }
      let key = [try table.text(row, "harness"), try table.text(row, "dataset")]
      differences[key, default: []].append(
        Difference(axis: axis, text: try table.text(row, "difference")))
    }
    return differences
  }
}
