import Experiments
import GRDB
import Reporting

/// The tables of a database of results. Fields of rows are named as in `results.csv`, with `_` for the dot.
enum DatabaseSchema {
  /// In the header of the file: that it is one of these.
  static let applicationID = 0x434C_4556
  /// Raised when a table or column changes.
  static let version = 1

  /// Those of `results`.
  static let resultColumns = ResultColumn.all.filter { !$0.name.hasPrefix("protocol.") }
  /// Those of `protocols`, besides its hash.
  static let protocolColumns = ResultColumn.evaluationProtocol

  static func create(_ database: Database) throws {
    try database.execute(sql: "PRAGMA application_id = \(applicationID)")
    try database.execute(sql: "PRAGMA user_version = \(version)")
    try database.execute(
      sql: """
        CREATE TABLE runs (
          id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, programVersion TEXT, processor TEXT,
          threads INTEGER, precision TEXT, started TEXT, ended TEXT, state TEXT
        );
        CREATE TABLE suites (
          run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, position INTEGER NOT NULL,
          path TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run, position)
        );
        CREATE TABLE protocols (
          hash TEXT PRIMARY KEY, \(protocolColumns.map(\.definition).joined(separator: ", "))
        );
        CREATE TABLE results (
          id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
          position INTEGER NOT NULL, protocol TEXT NOT NULL REFERENCES protocols(hash),
          \(resultColumns.map(\.definition).joined(separator: ", ")), UNIQUE (run, position)
        );
        CREATE INDEX results_protocol ON results(protocol);
        CREATE INDEX results_subject ON results(dataset, model, experiment, metric);
        CREATE TABLE others (
          result INTEGER NOT NULL REFERENCES results(id) ON DELETE CASCADE, harness TEXT NOT NULL,
          model TEXT NOT NULL, value REAL NOT NULL, source TEXT NOT NULL, differences TEXT
        );
        CREATE INDEX others_result ON others(result);
        CREATE TABLE tasks (
          run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, position INTEGER NOT NULL,
          experiment TEXT NOT NULL, dataset TEXT NOT NULL, model TEXT NOT NULL,
          status TEXT NOT NULL, message TEXT, PRIMARY KEY (run, position)
        );
        CREATE TABLE failedSamples (
          run INTEGER NOT NULL, task INTEGER NOT NULL, sample TEXT NOT NULL, reason TEXT NOT NULL,
          FOREIGN KEY (run, task) REFERENCES tasks(run, position) ON DELETE CASCADE
        );
        CREATE INDEX failedSamples_task ON failedSamples(run, task);
        CREATE VIEW tidy AS SELECT runs.folder AS run,
          \(resultColumns.map { "results.\($0.column)" }.joined(separator: ", ")),
          \(protocolColumns.map { "protocols.\($0.key) AS \($0.column)" }.joined(separator: ", ")),
          protocols.hash AS protocol_hash
        FROM results JOIN runs ON runs.id = results.run JOIN protocols ON protocols.hash = results.protocol
        ORDER BY results.run, results.position;
        """)
  }
}

extension ResultColumn {
  /// `interval95_lower`
  var column: String { name.replacing(".", with: "_") }

  /// Of the protocol's own table: without `protocol_`.
  var key: String { column.replacing("protocol_", with: "") }

  fileprivate var definition: String {
    let type =
      switch kind {
      case .text: "TEXT"
      case .integer, .flag: "INTEGER"
      case .number: "REAL"
      }
    return "\(key) \(type)"
  }

  func databaseValue(_ row: ResultRow) -> DatabaseValue {
    switch value(row) {
    case nil: .null
    case .text(let value): value.databaseValue
    case .integer(let value): value.databaseValue
    case .number(let value): value.databaseValue
    case .flag(let value): value.databaseValue
    }
  }
}
