import Core
package import Experiments
package import Foundation
import Logging

/// What was found out about the results of a run: `explanations.json` of its folder.
package struct RunExplanations: Sendable, Codable {
  /// A result that could not be looked into.
  package struct Failed: Sendable, Codable, Equatable {
    package var experiment: String
    package var dataset: String
    package var model: String
    package var metric: String
    package var reason: String

    init(_ row: ResultRow, reason: String) {
      (experiment, dataset, model, metric) = (row.experiment, row.dataset, row.model, row.metric)
      self.reason = reason
    }
  }

  package static let fileName = "explanations.json"

  package var schemaVersion = 1
  package var explanations: [Explanation] = []
  package var failed: [Failed] = []

  package init() {}

  /// Those of a run folder; none where it has no such file.
  /// - Throws: `EvalError.malformedData`.
  package init(in folder: URL) throws {
    let file = folder.appending(path: Self.fileName)
    guard FileManager.default.fileExists(atPath: file.path) else {
      self.init()
      return
    }
    do {
      self = try JSONDecoder().decode(RunExplanations.self, from: readFile(file))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "not a file of explanations: \(error)", subject: file.path,
        remedy: "`clip-eval explain RUN --write` makes it anew; it can be removed.")
    }
  }

  /// The same where a damaged file is to stop nothing: it is told, and left out.
  static func readable(in folder: URL) -> RunExplanations {
    do {
      return try RunExplanations(in: folder)
    } catch {
      Logger(label: "clip-eval.suites").warning("explanations are left out: \(error)")
      return RunExplanations()
    }
  }

  /// Puts these in place of earlier ones of the same results; the others stay.
  package func merged(into earlier: RunExplanations) -> RunExplanations {
    var merged = earlier
    for explanation in explanations {
      merged.explanations.removeAll { $0.isOfSameResult(as: explanation) }
    }
    merged.explanations += explanations
    merged.explanations.sort { $0.place.lexicographicallyPrecedes($1.place) }
    merged.failed = failed
    return merged
  }

  package func write(to folder: URL) throws {
    try AtomicFile.write(
      CanonicalJSON.pretty(self), to: folder.appending(path: Self.fileName))
  }

  /// The rows with verdicts of what was found out. A verdict of the protocol whose explanation no longer stands is taken back.
  package func applied(to rows: [ResultRow]) -> [ResultRow] {
    rows.map { row in
      guard [.differsUnexplained, .differsByProtocol].contains(row.verdict),
        let own = explanations.first(where: { $0.isOf(row) })
      else { return row }
      var row = row
      row.verdict = own.verdict == .differsByProtocol ? .differsByProtocol : .differsUnexplained
      row.explainedBy = own.explainedBy
      return row
    }
  }
}

extension Explanation {
  fileprivate var place: [String] { [experiment, model, dataset, metric, protocolHash] }

  func isOfSameResult(as other: Explanation) -> Bool { place == other.place }

  /// Whether it is of this very result, held against the same published number.
  func isOf(_ row: ResultRow) -> Bool {
    experiment == row.experiment && dataset == row.dataset && model == row.model
      && metric == row.metric && protocolHash == row.protocolHash.hex && value == row.value
      && (row.reference == nil || reference == row.reference)
  }
}
