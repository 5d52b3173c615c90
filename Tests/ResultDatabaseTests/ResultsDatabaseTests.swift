import Core
import Experiments
import Foundation
import GRDB
import References
import Reporting
import ResultDatabase
import Statistics
import TestSupport
import Testing

struct ResultsDatabaseTests {
  private let folder = try? TemporaryFolder()

  private func file(_ name: String = "results.sqlite") throws -> URL {
    try #require(folder).url.appending(path: name)
  }

  private func row(
    _ dataset: String, _ value: Double?, model: String = "m", partial: Bool = false
  ) throws -> ResultRow {
    var protocolOfRow = EvaluationProtocol(dataset: dataset, model: model)
    protocolOfRow.split = "test"
    protocolOfRow.seed = 7
    return try ResultRow(
      experiment: "zero-shot", dataset: dataset, model: model, metric: "accuracy", value: value,
      interval95: Interval(lower: 0.25, upper: 0.75), interval99_5: nil,
      intervalMethod: "clopper-pearson", n: 8, nExpected: nil, nFailed: 1, partial: partial,
      chance: 0.1, reference: .init(source: "a paper", model: "M", value: 0.125),
      verdict: .differsUnexplained, nearTies: 2, emptyClasses: nil, protocol: protocolOfRow)
  }

  private func run(_ folder: String, _ rows: [ResultRow]) -> RecordedRun {
    RecordedRun(
      folder: folder, rows: rows,
      tasks: [
        TaskOutcome(
          experiment: "zero-shot", dataset: "A", model: "m", status: .failed,
          message: "it's \"gone\"",
          failedSamples: [FailedSample(id: "a'b", reason: "no JPEG")])
      ])
  }

  private func count(_ table: String, _ file: URL) throws -> Int? {
    try DatabaseQueue(path: file.path).read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)")
    }
  }

  @Test("what is written reads back: fields, unknowns, truth values, tasks, samples")
  func readsBack() throws {
    let rows = try [row("A", 0.5), row("B'; DROP TABLE results", nil, partial: true)]
    var run = run("/runs/1", rows)
    run.programVersion = "0.1"
    run.suites = [("s.yaml", "suite: s\n")]
    run.others = [
      0: [
        OtherResult(
          harness: "h", model: "x", value: 0.5, source: "s",
          differences: [.init(axis: .templates, text: "other words")])
      ]
    ]
    let file = try file()
    try ResultsDatabase(file).add([run])
    try DatabaseQueue(path: file.path).read { database in
      let found = try Row.fetchAll(database, sql: "SELECT * FROM tidy")
      try #require(found.count == 2)
      #expect(
        found[0].columnNames.map { String($0) }
          == ["run"] + ResultColumn.all.map { $0.name.replacing(".", with: "_") })
      #expect(found[0]["run"] == "/runs/1")
      #expect(found[0]["value"] == 0.5)
      #expect(found[0]["interval95_upper"] == 0.75)
      #expect(found[0]["interval99_5_lower"] as Double? == nil)
      #expect(found[0]["partial"] == false && found[1]["partial"] == true)
      #expect(found[0]["nExpected"] as Int? == nil)
      #expect(found[0]["delta"] == 0.375)
      #expect(found[0]["verdict"] == "differs: unexplained")
      #expect(found[0]["protocol_seed"] == 7 && found[0]["protocol_split"] == "test")
      #expect(found[0]["protocol_hash"] == rows[0].protocolHash.hex)
      #expect(found[1]["dataset"] == "B'; DROP TABLE results")
      #expect(found[1]["value"] as Double? == nil)
      let task = try #require(try Row.fetchOne(database, sql: "SELECT * FROM tasks"))
      #expect(task["status"] == "failed" && task["message"] == "it's \"gone\"")
      let sample = try #require(try Row.fetchOne(database, sql: "SELECT * FROM failedSamples"))
      #expect(sample["sample"] == "a'b")
      let other = try #require(
        try Row.fetchOne(
          database,
          sql:
            "SELECT dataset, harness, differences FROM others JOIN results ON results.id = result"
        ))
      #expect(other["dataset"] == "A" && other["differences"] == "templates: other words")
      #expect(try String.fetchOne(database, sql: "SELECT text FROM suites") == "suite: s\n")
      #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
    }
  }

  @Test("a run that is added again is replaced; another folder's stays")
  func replaces() throws {
    let file = try file()
    try ResultsDatabase(file).add([
      run("/1", [row("A", 0.1), row("B", 0.2)]), run("/2", [row("A", 0.1)]),
    ])
    #expect(try count("results", file) == 3)
    #expect(try count("protocols", file) == 2, "runs share protocols")
    try ResultsDatabase(file).add([run("/1", [row("C", 0.3)])])
    #expect(try count("results", file) == 2)
    #expect(try count("runs", file) == 2)
    #expect(try count("tasks", file) == 2)
    #expect(try count("failedSamples", file) == 2)
    #expect(try count("protocols", file) == 2, "that of B, which no row has any more, is gone")
  }

  @Test("nothing is written where something fails")
  func atomic() throws {
    let file = try file()
    // Two rows of one place cannot be: the same run twice in one call replaces itself instead.
    try ResultsDatabase(file).add([run("/1", [row("A", 0.1)]), run("/1", [row("B", 0.1)])])
    #expect(try count("results", file) == 1)
    try DatabaseQueue(path: file.path).write {
      try $0.execute(
        sql: "CREATE TRIGGER t BEFORE INSERT ON tasks BEGIN SELECT raise(ABORT, 'no'); END")
    }
    #expect(throws: EvalError.self) {
      try ResultsDatabase(file).add([run("/1", [row("X", 0.1), row("Y", 0.1)])])
    }
    let datasets = try DatabaseQueue(path: file.path).read {
      try String.fetchAll($0, sql: "SELECT dataset FROM results")
    }
    #expect(datasets == ["B"])
  }

  @Test("files that are something else are refused and left as they are")
  func foreign() throws {
    let text = try file("notes.txt")
    try Data(String(repeating: "not a database at all\n", count: 100).utf8).write(to: text)
    let other = try file("other.sqlite")
    try DatabaseQueue(path: other.path).write { try $0.execute(sql: "CREATE TABLE t (a)") }
    let later = try file("later.sqlite")
    try ResultsDatabase(later).add([run("/1", [row("A", 0.1)])])
    try DatabaseQueue(path: later.path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
    for (file, kind, words) in [
      (text, EvalError.Kind.malformedData, "no SQLite database"),
      (other, .malformedData, "of another program"), (later, .malformedData, "found 99"),
      (try self.file("nowhere/results.sqlite"), .cannotWrite, "cannot be written"),
      (try self.file(""), .cannotWrite, "cannot be written"),
    ] {
      let before = try? Data(contentsOf: file)
      let error = #expect(throws: EvalError.self, "\(file)") {
        try ResultsDatabase(file).add([run("/2", [row("A", 0.1)])])
      }
      #expect(error?.kind == kind && error?.message.contains(words) == true, "\(error as Any)")
      #expect((try? Data(contentsOf: file)) == before)
    }
  }

  @Test("a name that nothing is added under leaves no file")
  func unused() throws {
    let file = try file()
    let database = try ResultsDatabase(file)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    try database.add([run("/1", [row("A", 0.1)])])
    #expect(try count("results", file) == 1)
  }

  @Test("an empty file becomes a database")
  func empty() throws {
    let file = try file()
    try Data().write(to: file)
    try ResultsDatabase(file).add([])
    #expect(try count("tidy", file) == 0)
  }
}
