package import Core
package import Experiments
package import Foundation

/// `run.json`: what was asked for, of which program, on which machine, and how it ended.
package struct RunRecord: Codable, Sendable {
  package struct SuiteText: Codable, Sendable {
    package var path: String
    package var text: String
  }

  package struct Settings: Codable, Sendable, Equatable {
    @ExplicitNull package var recipe: String?
    @ExplicitNull package var resize: String?
    @ExplicitNull package var crop: String?
    @ExplicitNull package var activation: String?
  }

  package enum ExitState: String, Codable, Sendable {
    case running
    case complete
    case failed
    case interrupted
  }

  package var schemaVersion = 1
  package var programVersion: String
  package var suites: [SuiteText]
  package var plan: [PlannedTask]
  /// What the command line changed for all tasks.
  package var settings: Settings
  /// Over plan, settings and precision: what a folder must agree in to be continued.
  package var planHash: SHA256Digest
  package var machine: Machine
  package var threads: Int
  package var precision: String
  package var start: Date
  @ExplicitNull package var end: Date?
  package var state: ExitState
  package var tasks: [TaskOutcome]
  /// What an image costs the models that were read; left out by versions that did not know.
  package var costs: [ModelCost]?

  static func hash(
    plan: [PlannedTask], settings: Settings, precision: String
  ) throws -> SHA256Digest {
    struct Request: Encodable {
      let plan: [PlannedTask]
      let settings: Settings
      let precision: String
    }
    return try CanonicalJSON.hash(
      Request(plan: plan, settings: settings, precision: precision))
  }

  static func read(_ folder: URL) throws -> RunRecord {
    let url = folder.appending(path: "run.json")
    let data = try readFile(url)
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      return try decoder.decode(RunRecord.self, from: data)
    } catch {
      throw EvalError(.malformedData, "not a run record: \(error)", subject: url.path)
    }
  }

  func write(_ folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .iso8601
    try AtomicFile.write(try encoder.encode(self), to: folder.appending(path: "run.json"))
  }
}
