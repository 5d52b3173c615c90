import Core
import Experiments
import Foundation
import Reporting
import Statistics
import TestSupport
import Testing

struct ReportTests {
  static let machine = MachineDescription(
    processor: "Example CPU", threads: 2, kernel: "OpenBLAS SkylakeX", version: "0.1.0")

  /// Compares with a committed file. With CLIP_EVAL_UPDATE_GOLDEN=1 writes the file instead and fails, so
  /// that the change is looked at before it is committed.
  func expectGolden(_ text: String, _ name: String) throws {
    let file = TestPaths.fixtures.appending(path: "Reporting/\(name)")
    if ProcessInfo.processInfo.environment["CLIP_EVAL_UPDATE_GOLDEN"] == "1" {
      try AtomicFile.write(text, to: file)
      Issue.record("wrote \(file.path); look at it, then run without CLIP_EVAL_UPDATE_GOLDEN")
      return
    }
    #expect(try Data(contentsOf: file) == Data(text.utf8), "differs from \(name)")
  }

  @Test("report.md is the committed one")
  func markdown() throws {
    try expectGolden(
      MarkdownReport.render(
        rows: ReportFixture.rows(), tasks: ReportFixture.tasks, machine: Self.machine),
      "report.md")
  }

  @Test("results.csv is the committed one")
  func csv() throws {
    try expectGolden(ResultsCSV.render(ReportFixture.rows()), "results.csv")
  }

  @Test("a table row has as many cells as its header, whatever the names hold")
  func tableShape() throws {
    let text = MarkdownReport.render(
      rows: try ReportFixture.rows(), tasks: ReportFixture.tasks, machine: nil)
    var width: Int?
    var tables = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        width = nil
        continue
      }
      let bars = line.replacing("\\|", with: "").count { $0 == "|" }
      if width == nil { tables += 1 }
      #expect(bars == width ?? bars, "\(line)")
      width = bars
    }
    #expect(tables >= 5)
  }

  @Test("an empty report says that there is nothing")
  func empty() {
    let text = MarkdownReport.render(rows: [], tasks: [], machine: nil)
    #expect(
      text == "# clip-eval report\n\n0 results on 0 datasets. Values are percentages.\n")
  }

  @Test("CSV reads back cell for cell, unknown cells empty")
  func csvCells() throws {
    let rows = try ReportFixture.rows()
    let records = parse(ResultsCSV.render(rows))
    #expect(records.count == 4)
    #expect(records.allSatisfy { $0.count == records[0].count })
    func cell(_ row: Int, _ name: String) throws -> String {
      let column = try #require(records[0].firstIndex(of: name))
      return records[row + 1][column]
    }
    #expect(try cell(0, "value") == "0.6123")
    #expect(try cell(0, "interval99_5.lower") == "0.5985")
    #expect(try cell(1, "dataset") == "Pets|2, \"cats\"")
    #expect(try cell(1, "nExpected") == "")
    #expect(try cell(1, "partial") == "true")
    #expect(try cell(2, "value") == "")
    #expect(try cell(2, "chance") == "")
    #expect(try cell(2, "nearTies") == "")
    #expect(try cell(2, "n") == "0")
    #expect(try cell(0, "protocol.hash") == rows[0].protocolHash.hex)
    #expect(try cell(0, "protocol.templateSet") == "MNIST/paper")
  }

  @Test(
    "text is text, also where a line that begins like it would be a list, a rule or code",
    arguments: [
      ("- a", "\\- a"), ("-a", "-a"), ("--limit 5", "--limit 5"), ("---", "\\---"), ("+", "\\+"),
      ("===", "\\==="), ("1. a", "1\\. a"), ("12) a", "12\\) a"), ("1.5", "1.5"), ("7", "7"),
      ("    a", "\u{A0}   a"), ("# a", "\\# a"), ("> a", "&gt; a"), ("$x$", "\\$x\\$"),
      // It would turn what comes after it.
      ("a\u{202E}b\u{2066}", "ab"),
    ])
  func beginnings(reason: String, expected: String) {
    let task = TaskOutcome(
      experiment: "zero-shot", dataset: "D", model: "m", status: .ok,
      failedSamples: [FailedSample(id: reason, reason: reason)])
    let text = MarkdownReport.render(rows: [], tasks: [task], machine: nil, remarks: [reason])
    #expect(text.contains("\n\(expected)\n"))
    #expect(text.contains("\n- \(expected): \(expected)\n"))
  }

  @Test(
    "percent has one decimal; a delta its sign, unless it rounds to zero",
    arguments: [
      (0.0 as Double?, "0.0", "0.0"), (0.6123, "61.2", "+61.2"), (-0.3007, "-30.1", "−30.1"),
      (-0.0004, "-0.0", "0.0"), (0.00051, "0.1", "+0.1"), (1, "100.0", "+100.0"),
      (nil, "–", "–"),
    ])
  func percent(fraction: Double?, plain: String, signed: String) {
    #expect(Percent.text(fraction) == plain)
    #expect(Percent.signed(fraction) == signed)
  }

  /// RFC 4180, written apart from the writer.
  private func parse(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var cell = ""
    var quoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch (scalar, quoted) {
      case ("\"", true) where scalars.first == "\"":
        cell.unicodeScalars.append("\"")
        scalars.removeFirst()
      case ("\"", _): quoted.toggle()
      case (",", false):
        record.append(cell)
        cell = ""
      case ("\r", false): break
      case ("\n", false):
        records.append(record + [cell])
        record = []
        cell = ""
      default: cell.unicodeScalars.append(scalar)
      }
    }
    return records
  }
}
