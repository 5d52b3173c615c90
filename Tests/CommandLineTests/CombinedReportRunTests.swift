import Foundation
import TestSupport
import Testing

/// `report` over runs that the program has just made.
@Suite struct CombinedReportRunTests {
  @Test("two runs of two models say together what one run of both says")
  func models() throws {
    let scene = try Scene()
    let program = try scene.program()
    let other = scene.url.appending(path: "other-clip").path
    try FileManager.default.copyItem(atPath: Program.model, toPath: other)
    func run(_ output: String, _ models: [String]) throws -> String {
      let place = scene.url.appending(path: output).path
      let made = try program.run(
        ["run", scene.suite.path, "--data-root", scene.data.path, "--output", place, "--quiet"]
          + models.flatMap { ["--model", $0] })
      #expect(made.code == 0, "\(made.errors)")
      return place
    }
    let both = try run("BOTH", [Program.model, other])
    let (first, second) = (try run("A", [Program.model]), try run("B", [other]))
    let output = scene.url.appending(path: "R").path
    let made = try program("report", first, second, "--output", output)
    #expect(made.code == 0 && made.text == "\(output)/report.md\n", "\(made.errors)")
    func read(_ folder: String, _ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
    #expect(try read(output, "results.jsonl") == read(both, "results.jsonl"))
    var lines = try read(output, "report.md").split(
      separator: "\n", omittingEmptySubsequences: false)
    // Without what is said of the runs.
    let start = try #require(lines.firstIndex(of: "## Runs"))
    let end = try #require(lines[(start + 1)...].firstIndex { $0.hasPrefix("## ") })
    lines.removeSubrange(start..<end)
    let remark = try #require(lines.firstIndex(of: "Over 2 runs: A, B."))
    lines.removeSubrange(remark...remark + 1)
    #expect(try lines.joined(separator: "\n") == read(both, "report.md"))
    // Predictions are found in the folder of each.
    let (page, whole) = (try read(output, "report.html"), try read(both, "report.html"))
    func tasks(_ page: String) -> Int { page.matches(of: /<details class="task"/).count }
    #expect(tasks(page) == tasks(whole) && tasks(page) >= 8)
    #expect(page.contains("tiny-clip · zero-shot") && page.contains(" · A</span>"))

    // Anew into the same folder, which a pattern may name too; the runs' own folders stay as they are.
    let again = try program("report", output, first, second, first + "/", "--output", output)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try read(first, "results.jsonl") != read(output, "results.jsonl"))
    let each = try program("report", "--each", first, second)
    #expect(each.code == 0 && each.text == "\(first)/report.md\n\(second)/report.md\n")
    #expect(!FileManager.default.fileExists(atPath: "\(first)/report.json"))
    // One run may have its report elsewhere.
    let alone = scene.url.appending(path: "ALONE").path
    #expect(try program("report", first, "--output", alone).code == 0)
    #expect(try read(alone, "report.md") == read(first, "report.md"))
    #expect(try read(alone, "results.csv") == read(first, "results.csv"))
  }

  @Test("no folder is written into that is somebody else's")
  func refused() throws {
    let scene = try Scene()
    let program = try scene.program()
    var runs: [String] = []
    for name in ["A", "B"] {
      #expect(
        try program.run(scene.arguments(to: name, "--dataset", "csv", "--quiet")).code == 0)
      runs.append(scene.url.appending(path: name).path)
    }
    let before = try Data(contentsOf: URL(filePath: "\(runs[0])/results.jsonl"))
    func expect(
      _ arguments: [String], code: Int32, _ text: String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let result = try program.run(["report"] + arguments)
      #expect(
        result.code == code && result.errors.contains(text), "\(result.errors)",
        sourceLocation: sourceLocation)
    }
    try expect(runs + ["--output", runs[0]], code: 73, "holds a run")
    try expect(runs + ["--output", scene.data.path], code: 73, "holds other files")
    try expect(runs + ["--each", "--output", "x"], code: 64, "--each")
    try expect(
      runs + [scene.data.path, "--output", scene.url.appending(path: "R").path], code: 66,
      "run.json")
    #expect(try Data(contentsOf: URL(filePath: "\(runs[0])/results.jsonl")) == before)
    // One that is damaged does not stop the others.
    let page = URL(filePath: "\(runs[1])/report.html")
    try FileManager.default.removeItem(at: page)
    try expect(["--each", scene.data.path] + runs, code: 1, "1 of 3 runs gave no report")
    #expect(FileManager.default.fileExists(atPath: page.path))
    // The same results twice: once.
    let output = scene.url.appending(path: "R").path
    #expect(try program.run(["report"] + runs + ["--output", output]).code == 0)
    #expect(try Data(contentsOf: URL(filePath: "\(output)/results.jsonl")) == before)
    try expect(runs + [output, "--output", output + "2"], code: 66, "holds a report")
  }
}
