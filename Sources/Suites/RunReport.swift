import Core
package import Experiments
package import Foundation
import Logging
import Probes
package import References
import Reporting
import Statistics

/// What is made of the rows of a run, or of several, once they are there, without any model: `report.md`, the figures beside it, `report.html` and
/// `report.tex`. Made when a run ends, and anew by `clip-eval report`.
package struct RunReport {
  /// All that it shows, with what is made of others behind them.
  package let rows: [ResultRow]
  /// The run of each row by its name, empty for what is made of several; no names in a report of one run.
  package let runOfRow: [String]
  /// Results that runs do not agree on.
  package let conflictCount: Int
  private let text: ReportText
  private let page: HTMLReport
  private let figures: [FigureFile]
  /// Robustness on each shift, above the line through the baselines where there is one; nil where no suite asks for it.
  private let robustness: String?
  /// The lines that this is above, as JSON; nil without any.
  private let lines: Data?
  /// Whether robustness is left out that an earlier report may have.
  private let isLacking: Bool
  private let runs: [RunsSection.Run]

  /// A section with its figures, which get the names of their files later.
  private struct Part {
    let figures: [Figure]
    /// Whether it is left out without any.
    let needsFigures: Bool
    let section: ([FigureFile]) -> ReportSection

    init(
      _ figures: [Figure], needsFigures: Bool = true,
      _ section: @escaping ([FigureFile]) -> ReportSection
    ) {
      self.figures = figures
      self.needsFigures = needsFigures
      self.section = section
    }
  }

  package init(_ run: ReportedRun, published: PublishedResults) throws {
    try self.init([run], published: published)
  }

  /// - Parameter given: in the order in which they count: where two have the same result, the last is shown.
  package init(_ given: [ReportedRun], published: PublishedResults) throws {
    let combined = CombinedRuns(given)
    let rows = combined.rows
    let comparison = ProbeComparison(rows)
    let derived = try comparison.rows()
    self.rows = rows + derived
    runOfRow = combined.runOfRow.isEmpty ? [] : combined.runOfRow + derived.map { _ in "" }
    conflictCount = combined.conflicts.count
    var sections: [ReportSection] = []
    let suites = ReportedSuites(combined.runs, rows, tasks: combined.tasks)
    let analyses = suites.analyses
    isLacking = !suites.unread.isEmpty
    let found = analyses.flatMap(\.lines)
    lines = found.isEmpty ? nil : try CanonicalJSON.pretty(found)
    robustness =
      analyses.isEmpty
      ? nil
      : RobustnessTables(analyses.flatMap(\.effective.entries)).effectiveCSV
    let tables = try PublishedTables.shipped()
    let charts = try comparison.efficiencyCharts().map { chart in
      tables.added(to: chart, of: rows.first { $0.model == chart.model }?.protocol.model)
    }
    let correlations = comparison.correlations()
    var made: [Part] = [
      Part(
        comparison.fewShot().map { [tables.added(to: $0).figure] } ?? [], ReportSection.fewShot),
      Part(charts.map(\.figure)) { ReportSection.dataEfficiency(charts, figures: $0) },
      Part(correlations.map(\.figure)) { ReportSection.correlation(correlations, figures: $0) },
    ]
    let paper = PaperFigures(rows, costs: combined.costs, published: tables)
    for part in paper.parts { made.append(Part(part.figures, part.section)) }
    for analysis in analyses { made.append(Part(analysis.figures, analysis.section)) }
    let prompts = combined.promptStudies()
    // Sets of one template each have tables and no figure.
    if !prompts.studies.isEmpty || !prompts.faults.isEmpty {
      made.append(
        Part(prompts.studies.flatMap(PromptStudyTables.figures), needsFigures: false) {
          ReportSection.prompts(prompts.studies, figures: $0, faults: prompts.faults)
        })
    }
    made.append(Part(Self.searches(rows).map(\.figure), ReportSection.searches))
    let figures = FigureFile.make(made.flatMap(\.figures))
    var next = 0
    for part in made where !part.figures.isEmpty || !part.needsFigures {
      sections.append(part.section(Array(figures[next..<next + part.figures.count])))
      next += part.figures.count
    }
    if !suites.unread.isEmpty {
      sections.append(ReportSection(title: "Robustness", notes: suites.unread))
    }
    self.figures = figures
    let explained = combined.explanations()
    sections += [
      ReportSection.explanations(explained), ReportSection.otherHarnesses(rows, published),
      ReportSection.knownCauses(rows, published, explained: explained),
    ].compactMap(\.self)
    // A suite says what its numbers are good for.
    var remarks = suites.descriptions + combined.unfinished
    if let undrawn = UndrawnFigures.remark(makes: suites.makes, drawn: figures.map(\.name)) {
      remarks.append(undrawn)
    }
    runs = combined.summaries
    if runs.count > 1 {
      let own = RunsSection(
        runs, rows: rows, runOfRow: combined.runOfRow, conflicts: combined.conflicts)
      sections.insert(own.section, at: 0)
      remarks = own.remarks + combined.notes + remarks
    }
    let machine = combined.machine
    text = ReportText(
      rows: rows, tasks: combined.outcomes, machine: machine, remarks: remarks, sections: sections)
    var page = HTMLReport(rows: rows, tasks: combined.outcomes, machine: machine)
    page.runs = combined.runOfRow
    page.remarks = remarks
    page.sections = sections
    page.figures = figures
    let details = try ReportedTask.details(of: combined.tasks)
    page.details = details.details
    page.remarks += (combined.runs.flatMap(\.faults) + details.faults).map {
      "Predictions that cannot be read: \($0)"
    }
    self.page = page
  }

  /// Writes `report.md`, `report.html`, `report.tex` and `figures/`, which is the report's own: any other `.svg` and `.csv` there is taken for an earlier report's and removed.
  package func write(to folder: URL) throws {
    let (text, page) = (text, page)
    let texts = try Workers.map(count: 3, threads: ProcessInfo.processInfo.activeProcessorCount) {
      number in
      [page.render, { LaTeXReport.render(text) }, { MarkdownReport.render(text) }][number]()
    }
    for (name, text) in zip(["report.html", "report.tex", "report.md"], texts) {
      try AtomicFile.write(text, to: folder.appending(path: name))
    }
    try write(robustness.map { Data($0.utf8) }, to: folder.appending(path: "robustness.csv"))
    try write(lines, to: folder.appending(path: "robustness-lines.json"))
    let own = folder.appending(path: "figures")
    let wanted = Set(figures.flatMap { ["\($0.name).svg", "\($0.name).csv"] })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: own.path)) ?? []
    where !wanted.contains(name) && [".svg", ".csv"].contains(where: name.hasSuffix) {
      try? FileManager.default.removeItem(at: own.appending(path: name))
    }
    for figure in figures {
      try AtomicFile.write(figure.svg, to: own.appending(path: "\(figure.name).svg"))
      try AtomicFile.write(figure.csv, to: own.appending(path: "\(figure.name).csv"))
    }
  }

  /// What tells that a folder is a report's.
  package static let recordName = "report.json"

  /// Writes what a run folder has already: `results.jsonl` and `results.csv`; and `report.json`, which names the runs.
  package func writeResults(to folder: URL) throws {
    try AtomicFile.write(ResultFile.encode(rows), to: folder.appending(path: "results.jsonl"))
    try AtomicFile.write(
      ResultsCSV.render(rows, runs: runOfRow), to: folder.appending(path: "results.csv"))
    struct Record: Encodable {
      let kind = "report"
      let schemaVersion = 1
      let runs: [RunsSection.Run]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .iso8601
    try AtomicFile.write(
      encoder.encode(Record(runs: runs)), to: folder.appending(path: Self.recordName))
  }

  /// What there no longer is, is removed, unless it may only not be known.
  private func write(_ data: Data?, to file: URL) throws {
    if let data {
      try AtomicFile.write(data, to: file)
    } else if isFile(file), !isLacking {
      try AtomicFile.remove(file)
    }
  }

  /// One for each linear probe: its rows share the search.
  private static func searches(_ rows: [ResultRow]) -> [SearchCurve] {
    var seen: Set<[String?]> = []
    return rows.filter { row in
      row.experiment == ProbeExperiment.linear
        && seen.insert(
          [row.model, row.dataset, row.protocol.datasetOptions, row.protocol.probe?.text]
        ).inserted
    }.compactMap { SearchCurve($0) }
  }
}
