import Core
package import Foundation
import GRDB
import Reporting

/// A SQLite file of result rows, for people who query (Documentation/Reports.md).
package struct ResultsDatabase {
  private let file: URL

  /// Opens the file, so that what cannot be written is refused before any work is done; where there is none it is made by `add`.
  ///
  /// - Throws: `EvalError` where the file is something else, or of another version of the schema.
  package init(_ file: URL) throws {
    self.file = file
    let isNew = !FileManager.default.fileExists(atPath: file.path)
    // SQLite leaves an empty file of one that it opens.
    defer { if isNew, isEmptyFile { try? FileManager.default.removeItem(at: file) } }
    do {
      let queue = try open()
      _ = try queue.read { try Self.isEmpty($0, file) }
      try queue.close()
    } catch {
      throw Self.explained(error, file)
    }
  }

  private func open() throws -> DatabaseQueue {
    var configuration = Configuration()
    // Somebody may be querying it.
    configuration.busyMode = .timeout(10)
    return try DatabaseQueue(path: file.path, configuration: configuration)
  }

  /// Adds runs; those of a folder that is there already are replaced. All or nothing.
  package func add(_ runs: [RecordedRun]) throws {
    let isNew = !FileManager.default.fileExists(atPath: file.path) || isEmptyFile
    do {
      let queue = try open()
      try queue.write { database in
        if try Self.isEmpty(database, file) { try DatabaseSchema.create(database) }
        for run in runs { try Self.add(run, to: database) }
        try database.execute(
          sql: "DELETE FROM protocols WHERE hash NOT IN (SELECT protocol FROM results)")
      }
      try queue.close()
    } catch {
      if isNew { try? FileManager.default.removeItem(at: file) }
      throw Self.explained(error, file)
    }
  }

  private var isEmptyFile: Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.size] as? Int == 0
  }

  /// - Throws: for what is neither empty nor this program's.
  private static func isEmpty(_ database: Database, _ file: URL) throws -> Bool {
    let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if objects == 0, application == 0, version == 0 { return true }
    guard application == DatabaseSchema.applicationID else {
      throw EvalError(
        .malformedData, "a database of another program; nothing was written", subject: file.path,
        remedy: "Name a file that does not exist, or one that this program made.")
    }
    guard version == DatabaseSchema.version else {
      throw EvalError(
        .malformedData,
        "expected version \(DatabaseSchema.version) of the tables, found \(version); nothing was written",
        subject: file.path,
        remedy:
          "Name a new file, and add all runs to it: everything in it comes from their folders.")
    }
    return false
  }

  private static func add(_ run: RecordedRun, to database: Database) throws {
    try database.execute(sql: "DELETE FROM runs WHERE folder = ?", arguments: [run.folder])
    try database.execute(
      sql: """
        INSERT INTO runs (folder, programVersion, processor, threads, precision, started, ended, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        run.folder, run.programVersion, run.processor, run.threads, run.precision, run.started,
        run.ended, run.state,
      ])
    let id = database.lastInsertedRowID
    for (position, suite) in run.suites.enumerated() {
      try database.execute(
        sql: "INSERT INTO suites VALUES (?, ?, ?, ?)",
        arguments: [id, position, suite.path, suite.text])
    }
    try addResults(of: run, id, to: database)
    for (position, task) in run.tasks.enumerated() {
      try database.execute(
        sql: "INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          id, position, task.experiment, task.dataset, task.model, task.status.rawValue,
          task.message,
        ])
      for sample in task.failedSamples {
        try database.execute(
          sql: "INSERT INTO failedSamples VALUES (?, ?, ?, ?)",
          arguments: [id, position, sample.id, sample.reason])
      }
    }
  }

  private static func addResults(
    of run: RecordedRun, _ id: Int64, to database: Database
  ) throws {
    let protocols = try database.makeStatement(
      sql: insertion(
        "OR IGNORE INTO protocols", ["hash"] + DatabaseSchema.protocolColumns.map(\.key)))
    let results = try database.makeStatement(
      sql: insertion(
        "INTO results",
        ["run", "position", "protocol"] + DatabaseSchema.resultColumns.map(\.column)))
    let others = try database.makeStatement(
      sql: insertion(
        "INTO others", ["result", "harness", "model", "value", "source", "differences"]))
    for (position, row) in run.rows.enumerated() {
      let hash = row.protocolHash.hex.databaseValue
      try protocols.execute(
        arguments: StatementArguments(
          [hash] + DatabaseSchema.protocolColumns.map { $0.databaseValue(row) }))
      try results.execute(
        arguments: StatementArguments(
          [id.databaseValue, position.databaseValue, hash]
            + DatabaseSchema.resultColumns.map { $0.databaseValue(row) }))
      let result = database.lastInsertedRowID
      for other in run.others[position] ?? [] {
        let differences = other.differences.map { "\($0.axis.rawValue): \($0.text)" }
        try others.execute(arguments: [
          result, other.harness, other.model, other.value, other.source,
          differences.isEmpty ? nil : differences.joined(separator: "; "),
        ])
      }
    }
  }

  private static func insertion(_ table: String, _ columns: [String]) -> String {
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    return "INSERT \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))"
  }

  /// In words that say what to do.
  private static func explained(_ error: any Error, _ file: URL) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    return switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      EvalError(
        .malformedData, "no SQLite database, or a damaged one; nothing was written",
        subject: file.path, remedy: "Name a file that does not exist.")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      EvalError(
        .incomplete, "another program is writing to the database", subject: file.path,
        remedy: "Try again when it is done.")
    default:
      EvalError(
        .cannotWrite, "the database cannot be written: \(error.message ?? "\(error.resultCode)")",
        subject: file.path, remedy: "Name a file in a folder that exists and can be written to.")
    }
  }
}
