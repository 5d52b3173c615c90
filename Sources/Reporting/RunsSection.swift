package import Core
package import Experiments
package import Foundation

/// What a report over several runs says of them: which results are whose, and where runs do not agree.
package struct RunsSection: Sendable {
  package struct Run: Sendable, Encodable {
    package var name: String
    @ExplicitNull package var folder: String?
    /// How the run ended.
    package var state: String
    package var plannedTasks: Int
    package var finishedTasks: Int
    /// Shown in the report.
    package var results: Int
    /// Not shown, since another run has the same.
    package var repeatedResults: Int
    package var precision: String
    package var machine: MachineDescription
    package var start: Date
    @ExplicitNull package var end: Date?

    package init(
      name: String, folder: String?, state: String, plannedTasks: Int, finishedTasks: Int,
      results: Int, repeatedResults: Int, precision: String, machine: MachineDescription,
      start: Date, end: Date?
    ) {
      self.name = name
      self.folder = folder
      self.state = state
      self.plannedTasks = plannedTasks
      self.finishedTasks = finishedTasks
      self.results = results
      self.repeatedResults = repeatedResults
      self.precision = precision
      self.machine = machine
      self.start = start
      self.end = end
    }
  }

  /// One result of two runs under one protocol, with two values.
  package struct Conflict: Sendable {
    package var shown: ResultRow
    package var shownRun: String
    package var other: ResultRow
    package var otherRun: String

    package init(shown: ResultRow, shownRun: String, other: ResultRow, otherRun: String) {
      self.shown = shown
      self.shownRun = shownRun
      self.other = other
      self.otherRun = otherRun
    }
  }

  package let runs: [Run]
  let rows: [ResultRow]
  /// The name of each row's run.
  let runOfRow: [String]
  let conflicts: [Conflict]

  package init(_ runs: [Run], rows: [ResultRow], runOfRow: [String], conflicts: [Conflict]) {
    self.runs = runs
    self.rows = rows
    self.runOfRow = runOfRow
    self.conflicts = conflicts
  }

  /// Lists stop here, and say how much is left.
  private static let mostLines = 40

  // MARK: remarks

  /// What a reader should know before anything else, as plain text.
  package var remarks: [String] {
    var lines = ["Over \(runs.count) runs: \(list(runs))."]
    lines += [
      differing("by different versions of clip-eval") { $0.machine.version ?? "unknown" },
      differing("on different machines") { run in
        [run.machine.processor ?? "unknown processor", run.machine.kernel]
          .compactMap(\.self).joined(separator: ", ")
      },
    ].compactMap(\.self)
    if !conflicts.isEmpty {
      lines.append(
        "\(counted(conflicts.count, "result has", "results have")) different values in several runs under the same protocol, which only arithmetic may move. Shown is the run named last; the others stand under Runs."
      )
    }
    return lines
  }

  private func list(_ runs: [Run]) -> String { runs.map(\.name).joined(separator: ", ") }

  private func differing(_ how: String, _ value: (Run) -> String) -> String? {
    let values = runs.map(value).uniqued()
    guard values.count > 1 else { return nil }
    let groups = values.map { text in "\(text) (\(list(runs.filter { value($0) == text })))" }
    return "The runs were made \(how): \(groups.joined(separator: "; "))."
  }

  // MARK: section

  package var section: ReportSection {
    ReportSection(title: "Runs", blocks: runBlocks + shareBlocks + conflictBlocks + severalBlocks)
  }

  private var runBlocks: [String] {
    let namesPrecision = Set(runs.map(\.precision)).count > 1
    let repeats = runs.contains { $0.repeatedResults > 0 }
    var table = MarkdownTable(
      [("Run", .left), ("State", .left), ("Tasks", .right), ("Results", .right)]
        + (repeats ? [("Also in another run", .right)] : [])
        + (namesPrecision ? [("Precision", .left)] : [])
        + [("clip-eval", .left), ("Machine", .left)])
    for run in runs {
      table.append(
        [
          Markdown.escaped(run.name), run.state, "\(run.finishedTasks) / \(run.plannedTasks)",
          "\(run.results)",
        ] + (repeats ? ["\(run.repeatedResults)"] : [])
          + (namesPrecision ? [Markdown.escaped(run.precision)] : [])
          + [
            Markdown.escaped(run.machine.version ?? Markdown.unknown),
            Markdown.escaped(run.machine.processor ?? Markdown.unknown)
              + (run.machine.threads.map { ", \(counted($0, "thread"))" } ?? ""),
          ])
    }
    return [table.text]
  }

  /// Which results are whose: datasets by name where a model and an experiment are of several runs.
  private var shareBlocks: [String] {
    struct Cell: Hashable {
      var model, experiment: String
    }
    func cell(_ row: ResultRow) -> Cell {
      Cell(
        model: row.model,
        experiment: [row.experiment, row.robustness?.classifier.rawValue].compactMap(\.self)
          .joined(separator: " "))
    }
    let cells = Dictionary(grouping: zip(rows, runOfRow)) { cell($0.0) }
    var table = MarkdownTable([
      ("Model", .left), ("Experiment", .left), ("Run", .left), ("Results", .right),
      ("Datasets", .left),
    ])
    for cell in rows.map(cell).uniqued() {
      let own = cells[cell] ?? []
      let owners = own.map(\.1).uniqued()
      for owner in owners {
        let datasets = own.filter { $0.1 == owner }.map(\.0.datasetName)
        let names = datasets.uniqued()
        table.append([
          Markdown.escaped(cell.model), Markdown.escaped(cell.experiment),
          Markdown.escaped(owner), "\(datasets.count)",
          owners.count > 1
            ? Markdown.escaped(names.joined(separator: ", ")) : "\(names.count)",
        ])
      }
    }
    return table.isEmpty ? [] : ["Which results are whose:", table.text]
  }

  private var conflictBlocks: [String] {
    guard !conflicts.isEmpty else { return [] }
    var table = MarkdownTable([
      ("Dataset", .left), ("Model", .left), ("Experiment", .left), ("Metric", .left),
      ("Shown", .left), ("Not shown", .left), ("Near ties", .right), ("Protocol", .left),
    ])
    func cell(_ row: ResultRow, _ run: String) -> String {
      let value = row.value.map { String(format: "%.4f", $0 * 100) } ?? Markdown.unknown
      return "\(value) of n = \(row.n) (\(Markdown.escaped(run)))"
    }
    for conflict in conflicts.prefix(Self.mostLines) {
      let row = conflict.shown
      table.append([
        row.datasetText, Markdown.escaped(row.model), Markdown.escaped(row.experiment),
        Markdown.escaped(row.metric), cell(row, conflict.shownRun),
        cell(conflict.other, conflict.otherRun),
        row.nearTies.map { "\($0)" } ?? Markdown.unknown, "`\(row.protocolHash.short)`",
      ])
    }
    return ["The same protocol, and another value:", table.text] + rest(conflicts.count)
  }

  /// Results that tables show side by side, and of which figures and means take the last.
  private var severalBlocks: [String] {
    struct Subject: Hashable {
      var dataset, model, experiment: String
    }
    struct Cell: Hashable {
      var subject: Subject
      var metric: String
      var words: [String?]
      var probe: [Int?]
      var robustness: String
    }
    func cell(_ row: ResultRow) -> Cell {
      Cell(
        subject: Subject(
          dataset: row.datasetName, model: row.model, experiment: row.experiment),
        metric: row.metric,
        words: [row.protocol.classNameSet, row.protocol.templateSet, row.protocol.captions],
        probe: [row.probe?.shots, row.probe?.seed, row.probe?.seeds, row.probe?.neighbours],
        robustness: row.robustness.map {
          "\($0.classifier.rawValue) \($0.alpha ?? -1)"
        } ?? "")
    }
    let cells = Dictionary(grouping: zip(rows, runOfRow)) { cell($0.0) }
    var found: [Subject: (keys: [String], runs: [String])] = [:]
    for (cell, own) in cells
    where own.count > 1 && Set(own.map(\.0.protocolHash)).count > 1 && Set(own.map(\.1)).count > 1 {
      let keys = EvaluationProtocol.CodingKeys.allCases.filter { key in
        Set(own.map { $0.0.protocol.text(key) }).count > 1
      }.map(\.rawValue)
      found[cell.subject] = (
        ((found[cell.subject]?.keys ?? []) + keys).uniqued(),
        ((found[cell.subject]?.runs ?? []) + own.map(\.1)).uniqued()
      )
    }
    guard !found.isEmpty else { return [] }
    let subjects = rows.map(cell).map(\.subject).uniqued().filter { found[$0] != nil }
    var table = MarkdownTable([
      ("Dataset", .left), ("Model", .left), ("Experiment", .left), ("Differs", .left),
      ("Runs", .left),
    ])
    let order = runs.map(\.name)
    let places = EvaluationProtocol.CodingKeys.allCases.map(\.rawValue)
    for subject in subjects.prefix(Self.mostLines) {
      guard let (keys, owners) = found[subject] else { continue }
      table.append([
        Markdown.escaped(subject.dataset), Markdown.escaped(subject.model),
        Markdown.escaped(subject.experiment),
        Markdown.escaped(places.filter(keys.contains).joined(separator: ", ")),
        Markdown.escaped(order.filter(owners.contains).joined(separator: ", ")),
      ])
    }
    return [
      "Evaluated under several protocols; tables show all, figures and means take the run named last:",
      table.text,
    ] + rest(subjects.count)
  }

  private func rest(_ count: Int) -> [String] {
    count > Self.mostLines ? ["And \(counted(count - Self.mostLines, "other"))."] : []
  }
}
