import ArgumentParser
import Core
import Experiments
import Foundation
import References
import Reporting
import Suites

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the reports of run folders anew; no model needed.",
    discussion: """
      Of what each holds: report.md, report.html, figures/ and results.csv.

      EXAMPLES
        clip-eval report RUN
        clip-eval report runs/*
      """)

  @Argument(help: "Run folders.")
  var runs: [String]

  func run() throws {
    let published = try PublishedResults.shipped()
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
      try RunReport(rows: rows, record: record, folder: folder.url, published: published)
        .write(to: folder.url)
      try AtomicFile.write(
        ResultsCSV.render(rows), to: folder.url.appending(path: "results.csv"))
      try Output.line(report.path)
    }
  }
}
