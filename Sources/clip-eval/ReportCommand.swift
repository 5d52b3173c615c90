import ArgumentParser
import Core
import Experiments
import Foundation
import References
import Reporting
import ResultDatabase
import Suites

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the reports of run folders anew; no model needed.",
    discussion: """
      Of what each holds: report.md, report.html, report.tex, figures/ and results.csv.
      --sqlite adds all rows to a database; a run that is there already is replaced.

      EXAMPLES
        clip-eval report RUN
        clip-eval report runs/*
        clip-eval report runs/* --sqlite results.sqlite
      """)

  @Argument(help: "Run folders.")
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "SQLite file to add all rows to; made where there is none.", valueName: "file"))
  var sqlite: String?

  func run() throws {
    let published = try PublishedResults.shipped()
    // Refused before any work is done.
    let database = try sqlite.map { try ResultsDatabase(URL(filePath: $0)) }
    var recorded: [RecordedRun] = []
    for run in runs {
      let folder = RunFolder(URL(filePath: run))
      let record = try folder.record()
      let results = folder.url.appending(path: "results.jsonl").path
      guard FileManager.default.fileExists(atPath: results) else {
        throw EvalError(
          .incomplete, "no task of this run has finished yet", subject: run,
          remedy: "The command that started it continues it.")
      }
      let rows = published.attached(to: try folder.rows())
      let report = folder.url.appending(path: "report.md")
      try RunReport(rows: rows, record: record, folder: folder.url).write(to: folder.url)
      try AtomicFile.write(
        ResultsCSV.render(rows), to: folder.url.appending(path: "results.csv"))
      if database != nil { recorded.append(RecordedRun(folder, record, rows, published)) }
      try Output.line(report.path)
    }
    if let database, let sqlite {
      try database.add(recorded)
      try Output.line(sqlite)
    }
  }
}
