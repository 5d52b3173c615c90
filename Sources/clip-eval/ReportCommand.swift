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
    abstract: "Write the report of a run anew, or one report over several runs; no model needed.",
    discussion: """
      Of one run, into its folder: report.md, report.html, report.tex, figures/ and results.csv. Of several, into a folder of \
      its own: the same over all their results, with results.jsonl and report.json, which names the runs. Results that \
      several have are shown once; where they differ the run named last counts, and the report says so.

      --sqlite adds all rows of each run to a database; a run that is there already is replaced.

      EXAMPLES
        clip-eval report RUN
        clip-eval report RUN-A RUN-B RUN-C --output REPORT
        clip-eval report --each runs/* --sqlite results.sqlite
      """)

  @Argument(help: "Run folders.", completion: .directory)
  var runs: [String]

  @Option(
    name: .shortAndLong,
    help: "Folder for the report; the run's own otherwise, or ./report for several runs.",
    completion: .directory)
  var output: String?

  @Flag(help: "Instead of one report over several runs, that of each in its own folder.")
  var each = false

  @Option(
    help: ArgumentHelp(
      "SQLite file to add all rows to; made where there is none.", valueName: "file"))
  var sqlite: String?

  func validate() throws {
    if each, output != nil {
      throw ValidationError("--each writes into the run folders: leave --output out")
    }
  }

  func run() throws {
    let published = try PublishedResults.shipped()
    // Refused before any work is done.
    let database = try sqlite.map { try ResultsDatabase(URL(filePath: $0)) }
    var folders: [RunFolder] = []
    for run in runs {
      let folder = RunFolder(URL(filePath: run))
      if folder.url.holds(RunReport.recordName), !folder.url.holds("run.json"), !isOutput(folder) {
        throw EvalError(
          .notFound, "holds a report over several runs, and no run", subject: run,
          remedy: "Name the runs themselves.")
      }
      // A pattern may name a folder twice, and the report that is written anew.
      let isKnown = folders.contains { $0.url.isSameFolder(as: folder.url) }
      if !isKnown, !isOutput(folder) { folders.append(folder) }
    }
    guard let first = folders.first else {
      throw EvalError(.usage, "the report's own folder is no run", subject: runs.first)
    }
    if each
      || folders.count == 1 && output.map({ first.url.isSameFolder(as: URL(filePath: $0)) }) ?? true
    {
      try refresh(folders, database, published)
      return
    }
    let target = URL(filePath: output ?? "report")
    try check(target)
    let runs = try folders.map { try Contents($0, published) }
    let reported = runs.map(\.reported)
    guard reported.contains(where: { !$0.rows.isEmpty }) else { throw unfinished(first) }
    let report = try RunReport(reported, published: published)
    // First what makes the folder a report's: one that was not finished is written anew, not refused.
    try report.writeResults(to: target)
    try report.write(to: target)
    if report.conflictCount > 0 {
      Terminal.error(
        "warning: \(counted(report.conflictCount, "result has", "results have")) different values in several runs under the same protocol; the report says which"
      )
    }
    try Output.line(target.appending(path: "report.md").path)
    try add(runs, to: database, published)
  }

  /// What a run's folder holds, read once.
  private struct Contents {
    let folder: RunFolder
    let record: RunRecord
    /// With published numbers; none where no task has finished.
    let rows: [ResultRow]

    init(_ folder: RunFolder, _ published: PublishedResults) throws {
      self.folder = folder
      record = try folder.record()
      rows = folder.hasRows ? published.attached(to: try folder.rows()) : []
    }

    var reported: ReportedRun { ReportedRun(rows: rows, record: record, folder: folder.url) }
  }

  private func add(
    _ runs: [Contents], to database: ResultsDatabase?, _ published: PublishedResults
  ) throws {
    guard let database, let sqlite, !runs.isEmpty else { return }
    try database.add(runs.map { RecordedRun($0.folder, $0.record, $0.rows, published) })
    try Output.line(sqlite)
  }

  /// Each in its own folder. One that is damaged does not stop the others.
  private func refresh(
    _ folders: [RunFolder], _ database: ResultsDatabase?, _ published: PublishedResults
  ) throws {
    var done: [Contents] = []
    var failed: [String] = []
    for folder in folders {
      do {
        let run = try Contents(folder, published)
        guard folder.hasRows else { throw unfinished(folder) }
        try RunReport(run.reported, published: published).write(to: folder.url)
        try AtomicFile.write(
          ResultsCSV.render(run.rows), to: folder.url.appending(path: "results.csv"))
        try Output.line(folder.url.appending(path: "report.md").path)
        done.append(run)
      } catch let error as EvalError where folders.count > 1 && error.kind != .interrupted {
        Terminal.error("error: \(error)")
        failed.append(folder.url.path)
      }
    }
    try add(done, to: database, published)
    guard failed.isEmpty else {
      throw EvalError(
        .taskFailed,
        "\(failed.count) of \(folders.count) runs gave no report: \(failed.joined(separator: ", "))"
      )
    }
  }

  private func unfinished(_ folder: RunFolder) -> EvalError {
    EvalError(
      .incomplete, "no task of this run has finished yet", subject: folder.url.path,
      remedy: "The command that started it continues it.")
  }

  private func isOutput(_ folder: RunFolder) -> Bool {
    !each && folder.url.isSameFolder(as: URL(filePath: output ?? "report"))
      && folder.url.holds(RunReport.recordName) && !folder.url.holds("run.json")
  }

  /// A report takes its folder's `figures` and `results.jsonl` for its own: nobody else's may be there.
  private func check(_ folder: URL) throws {
    guard !folder.holds("run.json") else {
      throw EvalError(
        .cannotWrite, "holds a run, whose results a report over several would replace",
        subject: folder.path, remedy: "Name another folder with --output.")
    }
    let contents = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard contents.isEmpty || folder.holds(RunReport.recordName) else {
      throw EvalError(
        .cannotWrite, "holds other files, and no report", subject: folder.path,
        remedy: "Name an empty or a new folder with --output.")
    }
    try Output.checkWritable(folder.appending(path: RunReport.recordName).path)
  }
}

extension URL {
  fileprivate func isSameFolder(as other: URL) -> Bool {
    resolvingSymlinksInPath().standardizedFileURL.path
      == other.resolvingSymlinksInPath().standardizedFileURL.path
  }

  fileprivate func holds(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: appending(path: name).path)
  }
}
