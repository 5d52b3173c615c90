import Core
import Experiments
import Foundation
import Reporting
import Statistics
import Testing

@Suite struct ProbeTableTests {
  private func row(
    _ experiment: String, _ dataset: String, _ value: Double, _ probe: ProbeRecord?,
    interval: Interval? = nil, reference: Double? = nil, metric: String = "accuracy"
  ) throws -> ResultRow {
    var record = ReportFixture.makeProtocol(dataset, metric, model: "clip-mini")
    record.splitHash = ReportFixture.digest("9")
    return try ResultRow(
      experiment: experiment, dataset: dataset, model: "clip-mini", metric: metric, value: value,
      interval95: interval, interval99_5: nil, intervalMethod: nil, n: 1000, nExpected: 1000,
      nFailed: 0, partial: false, chance: 0.1,
      reference: reference.map {
        .init(source: "arXiv 2103.00020 Table 10", model: "ViT-B/32", value: $0)
      }, verdict: reference == nil ? .noReference : .differsUnexplained, nearTies: nil,
      emptyClasses: nil, probe: probe, protocol: record)
  }

  private func few(
    _ shots: Int, seed: Int? = nil, _ spread: Interval? = nil, edge: Bool = false, short: Int = 0
  ) -> ProbeRecord {
    ProbeRecord(
      C: seed == nil ? nil : 0.1, solver: "converged", selection: "min(k, 4) further_samples",
      isAtEdge: edge, shots: shots, seed: seed, seeds: seed == nil ? 3 : nil,
      seedInterval95: spread, shortClasses: short)
  }

  private func rows() throws -> [ResultRow] {
    let curve = (0..<15).map { ProbeRecord.CurvePoint(C: Double($0 + 1), score: 0.5) }
    return [
      try row("zero-shot", "MNIST", 0.512, nil, interval: Interval(lower: 0.5, upper: 0.524)),
      try row(
        "linear-probe", "MNIST", 0.97,
        ProbeRecord(
          C: 0.316227766, solver: "converged", selection: "validation split val",
          trainingSamples: 60000, gradientNorm: 3.1e-7, objective: 1234.5, iterations: 220,
          evaluations: 240, converged: true, stop: "gradient", isAtEdge: false, curve: curve),
        interval: Interval(lower: 0.96, upper: 0.98), reference: 0.988),
      try row(
        "linear-probe", "Pets|2", 0.8,
        ProbeRecord(
          C: 1_000_000, solver: "paper", selection: "held-out part", trainingSamples: 3680,
          gradientNorm: 0.0122, iterations: 1000, evaluations: 1100, converged: false,
          stop: "1000 iterations", isAtEdge: true, curve: curve), metric: "mean-per-class"),
      try row("few-shot", "MNIST", 0.40, few(1, seed: 1, edge: true)),
      try row("few-shot", "MNIST", 0.44, few(1, seed: 2)),
      try row(
        "few-shot", "MNIST", 0.42, few(1, Interval(lower: 0.395, upper: 0.445)),
        interval: Interval(lower: 0.41, upper: 0.43)),
      try row("few-shot", "MNIST", 0.61, few(16, Interval(lower: 0.6, upper: 0.62), short: 2)),
      try row("few-shot", "Pets|2", 0.3, few(1, seed: 7), metric: "mean-per-class"),
      try row(
        "knn", "MNIST", 0.9,
        ProbeRecord(trainingSamples: 60000, neighbours: 20, temperature: 0.07)),
    ]
  }

  private func report() throws -> String {
    MarkdownReport.render(
      rows: try rows(), tasks: [], machine: nil,
      sections: [
        .searches([FigureFile(FigureFixture.search().figure)]),
        .fewShot([FigureFile(FigureFixture.fewShot().figure)]),
        .dataEfficiency(
          [FigureFixture.dataEfficiency()],
          figures: [FigureFile(FigureFixture.dataEfficiency().figure)]),
        .correlation(
          [FigureFixture.correlation()],
          figures: [FigureFile(FigureFixture.correlation().figure)]),
      ])
  }

  private func lines(_ prefix: String) throws -> [String] {
    try report().split(separator: "\n").filter { $0.hasPrefix(prefix) }.map { String($0) }
  }

  @Test("the report of probes is the committed one")
  func golden() throws {
    try ReportTests().expectGolden(report(), "probes.md")
  }

  @Test("results.csv has the columns of probes, whatever was run")
  func csv() throws {
    let header = ResultsCSV.render(try rows()).split(separator: "\n")[0].split(separator: ",")
    #expect(header.filter { $0.hasPrefix("probe.") }.count == 20)
    #expect(
      ResultsCSV.render(try ReportFixture.rows()).split(separator: "\n")[0].split(separator: ",")
        == header, "every run has the same columns")
    let cells = ResultsCSV.render(try rows()).split(separator: "\n")[2].split(
      separator: ",", omittingEmptySubsequences: false)
    #expect(try cells[#require(header.firstIndex(of: "probe.C"))] == "0.316227766")
    #expect(try cells[#require(header.firstIndex(of: "probe.converged"))] == "true")
    #expect(try cells[#require(header.firstIndex(of: "probe.shots"))] == "")
  }

  @Test(
    "a linear probe tells its C, how it was chosen, whether the fit converged, and the paper's value"
  )
  func linear() throws {
    let mnist = try #require(lines("| MNIST | accuracy | 97.0 ").first)
    #expect(
      mnist.contains(
        "| 96.0–98.0 | 0.316 | validation split val | converged | yes | 3.1e-7 | 220 | 240 | 60000 | 1000 / 1000 | 0 | 98.8 | −1.8 |"
      ))
    let pets = try #require(lines("| Pets\\|2 | mean-per-class | 80.0 ").first)
    #expect(pets.contains("| 1e6 | held-out part | paper | **no** (1000 iterations) | 1.2e-2 |"))
  }

  @Test("few-shot: zero-shot is column 0, means hide their seeds, both intervals are shown")
  func fewShot() throws {
    let text = try report()
    #expect(text.contains("| Dataset | Metric | 0 | 1 | 16 |"))
    #expect(
      text.contains(
        "| MNIST | accuracy | 51.2 [50.0–52.4] | 42.0 ± 2.5 [41.0–43.0] | 61.0 ± 1.0 |"))
    #expect(text.contains("| Pets\\|2 | mean-per-class | – | 30.0 | – |"))
    #expect(text.contains("Not shown: 2 results of single seeds, listed in results.csv."))
  }

  @Test("warnings name the edge of the grid, what did not converge, and classes short of samples")
  func warnings() throws {
    let found = try lines("- ")
    #expect(
      found.contains(
        "- Pets\\|2: C = 1e6 is at the edge of the grid; a better one may lie beyond it."))
    #expect(
      found.contains(
        "- Pets\\|2: the fit did not converge (1000 iterations), gradient norm 1.2e-2."))
    #expect(
      found.contains(
        "- MNIST, 16 per class: 2 classes have fewer training samples than that; all they have were used."
      ))
    #expect(
      found.contains(
        "- MNIST, 1 per class: C is at the edge of the grid for 1 of 2 seeds; a better one may lie beyond it."
      ))
    #expect(ProbeTables.warnings([try rows()[0], try rows()[1]]) == nil)
  }

  @Test("a row gives its search, with the rounds of the paper's; other values of C have none")
  func search() throws {
    let row = try rows()[1]
    let curve = try #require(SearchCurve(row))
    #expect(curve.points.count == 15 && curve.points.allSatisfy { $0.round == nil })
    #expect(curve.best == 0.316227766 && !curve.isAtEdge)
    var paper = row
    let search = FigureFixture.search()
    paper.probe?.curve = search.points.reversed().map { .init(C: $0.C, score: $0.score) }
    #expect(SearchCurve(paper)?.points == search.points)
    // A sweep of all 97.
    paper.probe?.curve = (0...96).map {
      .init(C: pow(10, Double($0) / 8 - 6), score: 0.5)
    }
    #expect(SearchCurve(paper)?.points.allSatisfy { $0.round == nil } == true)
    #expect(try SearchCurve(rows()[0]) == nil)
  }
}
