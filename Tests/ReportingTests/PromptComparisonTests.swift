import Core
import Experiments
import Reporting
import Testing

/// Rows whose means are worked out by hand.
@Suite struct PromptComparisonTests {
  private func row(
    _ model: String, _ dataset: String, _ names: String, _ templates: String, _ value: Double?,
    metric: String = "accuracy", templatesHash: String = "4", options: String? = nil
  ) throws -> ResultRow {
    var record = ReportFixture.makeProtocol(dataset, metric, model: model)
    record.datasetOptions = options
    record.classNameSet = names
    record.templateSet = templates
    record.templatesHash = ReportFixture.digest(templatesHash)
    return try ResultRow(
      experiment: "zero-shot", dataset: dataset, model: model, metric: metric, value: value,
      interval95: nil, interval99_5: nil, intervalMethod: nil, n: 100, nExpected: nil, nFailed: 0,
      partial: false, chance: nil, reference: nil, verdict: .noReference, nearTies: nil,
      emptyClasses: nil, protocol: record)
  }

  /// A: mean of single 50, gain 10. B: mean of single 40, gain 5; its accuracy is no main metric. C: nothing alone.
  private func small() throws -> [ResultRow] {
    [
      try row("small", "A", "A/bare", "generic/single", 0.30),
      try row("small", "A", "A/demo", "generic/single", 0.40),
      try row("small", "A", "A/demo", "A/demo", 0.60),
      try row("small", "A", "A/demo", "A/demo#1", 0.50, templatesHash: "6"),
      try row("small", "A", "A/demo", "A/demo#2", 0.40, templatesHash: "7"),
      try row("small", "A", "A/demo", "A/demo#3", 0.60, templatesHash: "8"),
      try row("small", "B", "B/demo", "generic/single", 0.20, metric: "mean-per-class"),
      try row("small", "B", "B/demo", "generic/single", 0.99),
      try row("small", "B", "B/demo", "B/demo", 0.45, metric: "mean-per-class"),
      try row("small", "B", "B/demo", "B/demo", 0.98),
      try row("small", "B", "B/demo", "B/demo#1", 0.30, metric: "mean-per-class"),
      try row("small", "B", "B/demo", "B/demo#1", 0.97),
      try row("small", "B", "B/demo", "B/demo#2", 0.50, metric: "mean-per-class"),
      try row("small", "B", "B/demo", "B/demo#2", 0.96),
      try row("small", "C", "C/demo", "generic/single", 0.90),
      try row("small", "C", "C/demo", "C/demo", 0.80),
    ]
  }

  /// Its other tasks failed.
  private func large() throws -> [ResultRow] {
    [
      try row("large", "A", "A/demo", "A/demo", 0.70),
      try row("large", "B", "B/demo", "B/demo", 0.55, metric: "mean-per-class"),
      try row("large", "D", "D/demo", "D/demo", 0.10),
    ]
  }

  /// The lines of the first table after a heading.
  private func table(_ heading: String, of report: String) throws -> [String] {
    let lines = report.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex(of: heading))
    return Array(
      lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") })
  }

  @Test("Ensembles beside their templates alone, with means over the datasets that have both")
  func comparison() throws {
    let report = MarkdownReport.render(rows: try small(), tasks: [], machine: nil)
    #expect(
      try table("### Prompt comparison", of: report) == [
        "| Dataset | Class names | Metric | generic/single | demo | demo, each template alone: mean (min – max) | demo − mean of single |",
        "| --- | --- | --- | --: | --: | --: | --: |",
        "| A | bare | accuracy | 30.0 | – | – | – |",
        "| A | demo | accuracy | 40.0 | 60.0 | 50.0 (40.0 – 60.0) [3] | +10.0 |",
        "| B | demo | mean-per-class | 20.0 | 45.0 | 40.0 (30.0 – 50.0) [2] | +5.0 |",
        "| C | demo | accuracy | 90.0 | 80.0 | – | – |",
        "| **mean of 2** | demo | – | 30.0 | 52.5 | 45.0 | +7.5 |",
      ])
    #expect(report.contains("The last line averages 2 of 3 datasets"))
    #expect(!report.contains("## All models"))
  }

  @Test("Single templates are left out of the results and the protocols, and counted")
  func results() throws {
    let report = MarkdownReport.render(rows: try small(), tasks: [], machine: nil)
    let results = try table("### zero-shot", of: report)
    #expect(results.count == 2 + 9)
    #expect(results[2].hasPrefix("| A | bare | generic/single | accuracy | 30.0 |"))
    #expect(report.contains("Not shown: 7 results of single templates"))
    #expect(!report.contains("demo\\#1"))
  }

  @Test("Single templates without their set stay in the results")
  func singlesAlone() throws {
    let rows = [
      try row("m", "A", "A/demo", "A/demo#1", 0.5), try row("m", "A", "A/demo", "A/demo#2", 0.6),
    ]
    let report = MarkdownReport.render(rows: rows, tasks: [], machine: nil)
    #expect(try table("### zero-shot", of: report).count == 4)
    #expect(report.contains("| A | demo | demo\\#2 | accuracy | 60.0 |"))
    #expect(
      try table("### Prompt comparison", of: report).last
        == "| A | demo | accuracy | – | 55.0 (50.0 – 60.0) | – |")
  }

  @Test("Two sets of one name are two columns")
  func sameName() throws {
    let rows = [
      try row("m", "A", "A/demo", "A/demo", 0.5, templatesHash: "6"),
      try row("m", "A", "A/demo", "A/demo", 0.6, templatesHash: "7"),
    ]
    let report = MarkdownReport.render(rows: rows, tasks: [], machine: nil)
    #expect(
      try table("### Prompt comparison", of: report) == [
        "| Dataset | Class names | Metric | demo `666666666666` | demo `777777777777` |",
        "| --- | --- | --- | --: | --: |", "| A | demo | accuracy | 50.0 | 60.0 |",
      ])
  }

  @Test("Rows that differ in more than their prompts are not compared")
  func otherProtocol() throws {
    var other = ReportFixture.makeProtocol("A", "accuracy", model: "m", precision: "bf16")
    other.templateSet = "generic/single"
    let first = try row("m", "A", "A/demo", "A/demo", 0.5)
    let rows = [
      first,
      try ResultRow(
        experiment: "zero-shot", dataset: "A", model: "m", metric: "accuracy", value: 0.6,
        interval95: nil, interval99_5: nil, intervalMethod: nil, n: 100, nExpected: nil,
        nFailed: 0, partial: false, chance: nil, reference: nil, verdict: .noReference,
        nearTies: nil, emptyClasses: nil, protocol: other),
    ]
    let report = MarkdownReport.render(rows: rows, tasks: [], machine: nil)
    #expect(!report.contains("Prompt comparison"))
  }

  @Test("Several models side by side, under the prompts that the suite lists last")
  func models() throws {
    let report = MarkdownReport.render(rows: try small() + large(), tasks: [], machine: nil)
    #expect(
      try table("## All models", of: report) == [
        "| Dataset | Metric | Class names | Templates | small | large |",
        "| --- | --- | --- | --- | --: | --: |",
        "| A | accuracy | demo | demo | 60.0 | **70.0** |",
        "| B | mean-per-class | demo | demo | 45.0 | **55.0** |",
        "| C | accuracy | demo | demo | 80.0 | – |",
        "| D | accuracy | demo | demo | – | 10.0 |",
        "| **mean of 2** | – | – | – | 52.5 | **62.5** |",
      ])
    #expect(report.contains("The last line averages 2 of 4 datasets"))
  }

  @Test("What was selected for one model alone, and scored on a part, is not compared")
  func selection() throws {
    func rows(_ model: String, selected: String) throws -> [ResultRow] {
      var entry = try row(model, "A", "A/demo", "A/demo[\(selected)]", 0.9).protocol
      entry.selection = "forward"
      return [
        try row(model, "A", "A/demo", "A/demo", 0.5),
        try ResultRow(
          experiment: "zero-shot", dataset: "A", model: model, metric: "accuracy", value: 0.9,
          interval95: nil, interval99_5: nil, intervalMethod: nil, n: 50, nExpected: nil,
          nFailed: 0, partial: false, chance: nil, reference: nil, verdict: .noReference,
          nearTies: nil, emptyClasses: nil, protocol: entry),
      ]
    }
    let report = MarkdownReport.render(
      rows: try rows("small", selected: "1") + rows("large", selected: "2+3"), tasks: [],
      machine: nil)
    #expect(
      try table("## All models", of: report).dropFirst(2).first?.contains(
        "| demo | demo | **50.0** | **50.0** |") == true)
  }

  @Test("One dataset under two options is two lines, each with its option")
  func options() throws {
    var rows: [ResultRow] = []
    for model in ["small", "large"] {
      rows.append(try row(model, "A", "A/demo", "A/demo", 0.25, options: "crop=1"))
      rows.append(try row(model, "A", "A/demo", "A/demo", 0.5, options: "crop=2"))
    }
    let report = MarkdownReport.render(rows: rows, tasks: [], machine: nil)
    #expect(
      try table("## All models", of: report).dropFirst(2).dropLast() == [
        "| A crop=1 | accuracy | demo | demo | **25.0** | **25.0** |",
        "| A crop=2 | accuracy | demo | demo | **50.0** | **50.0** |",
      ])
    #expect(
      try table("### zero-shot", of: String(report.split(separator: "## small")[1])).dropFirst(2)
        .map { $0.prefix(34) } == [
          "| A crop=1 | accuracy | 25.0 | – |", "| A crop=2 | accuracy | 50.0 | – |",
        ])
  }

  @Test("A sample that several prompts could not evaluate is one sample")
  func failedSamples() {
    let task = TaskOutcome(
      experiment: "zero-shot", dataset: "A", model: "m", status: .ok,
      failedSamples: [FailedSample(id: "a.jpg", reason: "empty")])
    let report = MarkdownReport.render(rows: [], tasks: [task, task], machine: nil)
    #expect(report.contains("**1 sample could not be evaluated.**"))
    #expect(report.split(separator: "- a.jpg: empty").count == 2)
  }

  @Test("The report of several models and prompts is the committed one")
  func golden() throws {
    try ReportTests().expectGolden(
      MarkdownReport.render(rows: small() + large(), tasks: [], machine: ReportTests.machine),
      "prompts.md")
  }
}
