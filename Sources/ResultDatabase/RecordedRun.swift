package import Experiments
package import References

/// What a database holds of one run.
package struct RecordedRun: Sendable {
  /// The run's folder as an absolute path: what tells runs apart.
  package var folder: String
  /// Names of suites and their texts.
  package var suites: [(path: String, text: String)] = []
  package var programVersion: String?
  package var processor: String?
  package var threads: Int?
  package var precision: String?
  /// ISO 8601, UTC.
  package var started: String?
  package var ended: String?
  package var state: String?
  package var rows: [ResultRow]
  package var tasks: [TaskOutcome]
  /// What other harnesses measured, by the number of the row, where they did.
  package var others: [Int: [OtherResult]] = [:]

  package init(folder: String, rows: [ResultRow], tasks: [TaskOutcome]) {
    self.folder = folder
    self.rows = rows
    self.tasks = tasks
  }
}
