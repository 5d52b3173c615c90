import Core
import Foundation
import ReferenceFiles
import References
import TestSupport
import Testing

struct ReferenceFilesTests {
  private let folder = TestPaths.project.appending(path: "Reports/reference")

  @Test("the program holds every table of Reports/reference, byte for byte")
  func embedded() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".csv") }.sorted()
    #expect(names.count > 30)
    #expect(ReferenceFiles.names == names)
    for name in names {
      let bytes = try ReferenceFiles.data(name, environment: [:])
      #expect(bytes == (try Data(contentsOf: folder.appending(path: name))), "\(name)")
    }
  }

  @Test("a folder's files stand in for the program's, and what it lacks is the program's")
  func replaced() throws {
    let own = FileManager.default.temporaryDirectory
      .appending(path: "reference-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: own) }
    try Data("a\n".utf8).write(to: own.appending(path: "table-11.csv"))
    let environment = [ReferenceFiles.variable: own.path]
    #expect(try ReferenceFiles.data("table-11.csv", environment: environment).count == 2)
    #expect(try ReferenceFiles.data("table-11.csv", in: own, environment: [:]).count == 2)
    #expect(
      try ReferenceFiles.data("table-10.csv", environment: environment)
        == ReferenceFiles.data("table-10.csv", environment: [:]))
    // Tables of one's own are found there too.
    try Data("b\n".utf8).write(to: own.appending(path: "mine.csv"))
    #expect(try ReferenceFiles.data("mine.csv", in: own).count == 2)
    let file = [ReferenceFiles.variable: own.appending(path: "mine.csv").path]
    let error = #expect(throws: EvalError.self) {
      try ReferenceFiles.data("table-11.csv", environment: file)
    }
    #expect(error?.kind == .notFound && error?.message.contains("not a folder") == true)
  }

  @Test("an unknown table is an error with a suggestion")
  func unknown() {
    let error = #expect(throws: EvalError.self) {
      try ReferenceFiles.data("table-1O.csv", environment: [:])
    }
    #expect(error?.kind == .notFound)
    #expect(error?.remedy?.contains("table-10.csv") == true)
  }

  @Test(
    "a damaged table is an error with line and column",
    arguments: [
      ("a,b\n1\n", "t:2", "expected 2 cells, found 1"),
      ("value,unit\nx,percent\n", "t:2, column value", "expected a number, found x"),
      ("value,unit\n1,metres\n", "t:2, column unit", "found metres"),
      ("value,unit\n,percent\n", "t:2, column value", "found an empty cell"),
      ("value\n1\n", "t:1", "expected a column unit"),
      ("", "t", "expected a line of column names"),
    ])
  func damaged(text: String, subject: String, message: String) {
    let error = #expect(throws: EvalError.self) {
      let table = try ReferenceTable(parsing: Data(text.utf8), name: "t")
      for row in table.rows { _ = try table.fraction(row) }
    }
    #expect(error?.kind == .malformedData && error?.subject == subject)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
