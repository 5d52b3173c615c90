import Core
package import Experiments
package import Foundation
import Logging
import Probes
import References
import Reporting
import Statistics

/// What is made of a run's rows once they are there, without any model: `report.md`, the figures beside it and `report.html`. Made when a run ends, and
/// anew by `clip-eval report`.
package struct RunReport {
  private let text: String
  private let page: HTMLReport
  private let figures: [FigureFile]
  /// Robustness on each shift, above the line through the baselines where there is one; nil where no suite asks for it.
  private let robustness: String?
  /// The lines that this is above, as JSON; nil without any.
  private let lines: Data?
  /// Whether robustness is left out that an earlier report may have.
  private let isLacking: Bool

  /// - Parameters:
  ///   - rows: of the run; what an earlier report added to them is left out, and found anew.
  ///   - folder: the run's, in which copies of baselines lie.
  package init(rows: [ResultRow], record: RunRecord, folder: URL? = nil) throws {
    let rows = rows.filter { !ProbeComparison.names.contains($0.experiment) }
    let comparison = ProbeComparison(rows)
    var sections: [ReportSection] = []
    // A suite that no longer reads was read when the run was made; only robustness needs more of it than its rows.
    let isRobustness = rows.contains { $0.robustness != nil }
    var suites: [SuiteFile] = []
    var unread: [String] = []
    for suite in record.suites {
      do {
        suites.append(try SuiteFile(yaml: suite.text, file: suite.path))
      } catch {
        guard isRobustness else { continue }
        unread.append(
          "The suite \(suite.path) read when the run was made, and does not now: \(error). What it says of robustness is left out: figures, means and effective robustness."
        )
      }
    }
    var blocks: [RobustnessSettings] = []
    let analyses = suites.compactMap { suite -> RobustnessAnalysis? in
      guard isRobustness, let block = suite.robustness, !blocks.contains(where: block.hasSameRows)
      else { return nil }
      blocks.append(block)
      return RobustnessAnalysis(suite, rows, plan: record.plan, run: folder)
    }
    for line in unread { Logger(label: "clip-eval.suites").warning("\(line)") }
    isLacking = !unread.isEmpty
    let found = analyses.flatMap(\.lines)
    lines = found.isEmpty ? nil : try CanonicalJSON.pretty(found)
    robustness =
      analyses.isEmpty
      ? nil
      : RobustnessTables(analyses.flatMap(\.effective.entries)).effectiveCSV
    let charts = try comparison.efficiencyCharts()
    let correlations = comparison.correlations()
    typealias Part = (figures: [Figure], section: ([FigureFile]) -> ReportSection)
    var made: [Part] = [
      (comparison.fewShot().map { [$0.figure] } ?? [], ReportSection.fewShot),
      (charts.map(\.figure), { ReportSection.dataEfficiency(charts, figures: $0) }),
      (correlations.map(\.figure), { ReportSection.correlation(correlations, figures: $0) }),
    ]
    let paper = PaperFigures(rows, costs: record.costs ?? [], published: try .shipped())
    for part in paper.parts { made.append((part.figures, part.section)) }
    for analysis in analyses { made.append((analysis.figures, analysis.section)) }
    made.append((Self.searches(rows).map(\.figure), ReportSection.searches))
    let figures = FigureFile.make(made.flatMap(\.figures))
    var next = 0
    for part in made where !part.figures.isEmpty {
      sections.append(part.section(Array(figures[next..<next + part.figures.count])))
      next += part.figures.count
    }
    if !unread.isEmpty {
      sections.append(ReportSection(title: "Robustness", notes: unread))
    }
    self.figures = figures
    let published = try PublishedResults.shipped()
    let explained = folder.map { RunExplanations.readable(in: $0).standing(among: rows) } ?? []
    sections += [
      ReportSection.explanations(explained), ReportSection.otherHarnesses(rows, published),
      ReportSection.knownCauses(rows, published),
    ].compactMap(\.self)
    // A suite says what its numbers are good for.
    let remarks = suites.compactMap(\.description) + record.unfinished
    let machine = record.machineDescription
    text = MarkdownReport.render(
      rows: rows, tasks: record.tasks, machine: machine, remarks: remarks, sections: sections)
    var page = HTMLReport(rows: rows, tasks: record.tasks, machine: machine)
    page.remarks = remarks
    page.sections = sections
    page.figures = figures
    if let found = try folder.map({ try RunFolder($0).details(record, rows) }) {
      page.details = found.details
      page.remarks += found.faults.map { "Predictions that cannot be read: \($0)" }
    }
    self.page = page
  }

  /// Writes `report.md`, `report.html` and `figures/`, which is the report's own: any other `.svg` and `.csv` there is taken for an earlier report's and removed.
  package func write(to folder: URL) throws {
    try AtomicFile.write(text, to: folder.appending(path: "report.md"))
    try AtomicFile.write(page.render(), to: folder.appending(path: "report.html"))
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

  /// The rows that are made of others, in the order they stand behind them.
  static func derivedRows(_ rows: [ResultRow]) throws -> [ResultRow] {
    let comparison = ProbeComparison(rows)
    return try comparison.efficiencyRows() + comparison.correlationRows()
  }
}

extension RunRecord {
  fileprivate var machineDescription: MachineDescription {
    MachineDescription(
      processor: machine.processor, threads: threads,
      kernel: "\(machine.towerKernels), \(machine.isa)", version: programVersion)
  }

  /// Whether tasks are still to be run, in words.
  fileprivate var unfinished: [String] {
    tasks.count < plan.count
      ? [
        "Not finished: \(tasks.count) of \(plan.count) tasks were run. The same command goes on with the others."
      ] : []
  }
}

extension ProbeComparison {
  /// Figure 6 over the datasets on which every model has every number of shots; nil without any.
  func fewShot() -> FewShotComparison? {
    let models = models.filter { $0.datasets.contains { !$0.fewShot.isEmpty } }
    func shots(_ dataset: Dataset) -> [Int] { dataset.fewShot.compactMap { $0.probe?.shots } }
    let wanted = Set(models.flatMap { $0.datasets.flatMap(shots) }).sorted()
    let complete = models.map { model in
      Set(model.datasets.filter { shots($0) == wanted }.map(\.name))
    }
    guard let first = models.first,
      let common = complete.dropFirst().reduce(complete.first, { $0?.intersection($1) }),
      !common.isEmpty, !wanted.isEmpty
    else { return nil }
    let names = first.datasets.map(\.name).filter { common.contains($0) }
    let curves = models.map { model in
      let datasets = model.datasets.filter { common.contains($0.name) }
      let zeroShot = datasets.compactMap { $0.zeroShot?.value }
      return FewShotCurve(
        model: model.name,
        points: wanted.compactMap { shots in point(shots, datasets) },
        zeroShot: zeroShot.count == datasets.count ? mean(zeroShot) : nil)
    }
    let seeds = Set(
      models.flatMap { $0.datasets.flatMap { $0.fewShot.compactMap { $0.probe?.seeds } } })
    return FewShotComparison(
      curves: curves, datasets: names, seeds: seeds.count == 1 ? seeds.first : nil)
  }

  /// The mean over datasets, with the t-interval of that mean over seeds.
  private func point(_ shots: Int, _ datasets: [Dataset]) -> FewShotCurve.Point? {
    let values = datasets.compactMap { dataset in
      dataset.fewShot.first { $0.probe?.shots == shots }?.value
    }
    guard values.count == datasets.count, !values.isEmpty else { return nil }
    let draws = datasets.map { dataset in dataset.draws.filter { $0.probe?.shots == shots } }
    let seeds = Set(draws.flatMap { $0.compactMap { $0.probe?.seed } }).sorted()
    let means = seeds.compactMap { seed in
      let own = draws.compactMap { rows in rows.last { $0.probe?.seed == seed }?.value }
      return own.count == datasets.count ? mean(own) : nil
    }
    return .init(
      shots: shots, value: mean(values),
      interval: means.count == seeds.count ? SeedSummary(means)?.trainingInterval95 : nil)
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// Figure 7 of each model that has it.
  func efficiencyCharts() throws -> [DataEfficiencyChart] {
    try models.compactMap { model in
      var answers: [DataEfficiency.Answer] = []
      var datasets: [DataEfficiencyChart.Dataset] = []
      for dataset in model.datasets {
        guard let answer = try dataset.efficiency() else { continue }
        answers.append(answer)
        datasets.append(
          .init(dataset.name, needed: ShotsNeeded(answer), zeroShot: dataset.zeroShot?.value))
      }
      guard !datasets.isEmpty else { return nil }
      return DataEfficiencyChart(
        model: model.name, datasets: datasets, summary: DataEfficiency.summary(answers))
    }
  }

  /// Figure 8 of each model with three datasets or more.
  func correlations() -> [ZeroShotCorrelation] {
    models.compactMap { model in
      let datasets = model.datasets.compactMap { dataset -> ZeroShotCorrelation.Dataset? in
        guard let zeroShot = dataset.zeroShot, let linear = dataset.linear,
          let x = linear.value, let y = zeroShot.value
        else { return nil }
        return .init(
          dataset.name, probe: x, zeroShot: y, probeInterval: linear.interval95,
          zeroShotInterval: zeroShot.interval95)
      }
      guard datasets.count > 2 else { return nil }
      return ZeroShotCorrelation(
        model: model.name, datasets: datasets, regression: .init(datasets))
    }
  }
}
