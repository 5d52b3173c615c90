import Core
import Experiments
import Foundation
import References
import Statistics
import Suites
import TestSupport
import Testing

/// A report over several runs.
@Suite("Reports over several runs") struct CombinedReportTests {
  private struct Task {
    var experiment = "zero-shot"
    var model = "tiny"
    var dataset: String
    var status = "ok"
    /// In the plan, after a comma.
    var settings = ""
  }

  private func row(
    _ dataset: String, _ value: Double, experiment: String = "zero-shot", model: String = "tiny",
    weights: Character? = nil, precision: String? = nil, split: String = "test"
  ) throws -> ResultRow {
    var entry = EvaluationProtocol(dataset: dataset, model: model)
    entry.split = split
    entry.weightsSHA256 = weights.map { SHA256Digest(hex: String(repeating: $0, count: 64)) }
    entry.precision = precision
    return try ResultRow(
      experiment: experiment, dataset: dataset, model: model, metric: "accuracy", value: value,
      interval95: Interval(lower: value - 0.01, upper: value + 0.01), interval99_5: nil,
      intervalMethod: nil, n: 1000, nExpected: nil, nFailed: 0, partial: false, chance: nil,
      reference: nil, verdict: .noReference, nearTies: 2, emptyClasses: nil, protocol: entry)
  }

  /// A run in a folder of this name, which holds nothing.
  private func run(
    _ name: String, _ rows: [ResultRow], tasks: [Task]? = nil, planned: Int = 0,
    version: String = "1", costs: String = "[]", in place: String = "/nowhere"
  ) throws -> ReportedRun {
    let tasks =
      tasks ?? rows.map { Task(experiment: $0.experiment, model: $0.model, dataset: $0.dataset) }
    func plan(_ task: Task) -> String {
      """
      {"experiment": "\(task.experiment)", "model": "/\(name)/\(task.model)", "modelName": "\(task.model)", "dataset": "\(task.dataset)",
      "split": "test", "classNames": "a", "templates": "b"\(task.settings)}
      """
    }
    let later = (0..<planned).map { plan(Task(dataset: "later\($0)")) }
    let outcomes = tasks.map { task in
      """
      {"experiment": "\(task.experiment)", "dataset": "\(task.dataset)", "model": "\(task.model)", "status": "\(task.status)",
      "message": "no \(task.dataset) here", "failedSamples": []}
      """
    }
    let record = """
      {"schemaVersion": 1, "programVersion": "\(version)", "suites": [], "plan": [\((tasks.map(plan) + later).joined(separator: ","))],
      "settings": {}, "planHash": "\(String(repeating: "0", count: 64))",
      "machine": {"processors": 1, "memoryBytes": 1, "system": "", "blasCore": "", "towerKernels": "", "blasConfiguration": "", "isa": ""},
      "threads": 1, "precision": "fp32", "start": "2026-01-01T00:00:00Z", "state": "complete",
      "tasks": [\(outcomes.joined(separator: ","))], "costs": \(costs)}
      """
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return ReportedRun(
      rows: rows, record: try decoder.decode(RunRecord.self, from: Data(record.utf8)),
      folder: URL(filePath: "\(place)/\(name)"))
  }

  private func report(_ runs: ReportedRun...) throws -> RunReport {
    try RunReport(runs, published: .shipped())
  }

  private func text(_ report: RunReport, _ file: String = "report.md") throws -> String {
    let folder = try TemporaryFolder()
    try report.write(to: folder.url)
    try report.writeResults(to: folder.url)
    return try String(contentsOf: folder.url.appending(path: file), encoding: .utf8)
  }

  @Test("results of several models stand together, and each says whose it is")
  func models() throws {
    let report = try report(
      run("a", [row("toys", 0.5), row("digits", 0.25)]),
      run("b", [row("toys", 0.75, model: "other")]))
    #expect(report.rows.map(\.model) == ["tiny", "tiny", "other"])
    #expect(report.runOfRow == ["a", "a", "b"] && report.conflictCount == 0)
    let text = try text(report)
    #expect(text.contains("Over 2 runs: a, b.") && text.contains("## Runs"))
    #expect(text.contains("| tiny | zero-shot | a | 2 | 2 |"))
    #expect(text.contains("| other | zero-shot | b | 1 | 1 |"))
    #expect(text.contains("Machine: ") && !text.contains("different"))
    let lines = try self.text(report, "results.csv").split(separator: "\n")
    #expect(lines[0].hasSuffix(",run") && lines[1].hasSuffix(",a") && lines[3].hasSuffix(",b"))
    let page = try self.text(report, "report.html")
    #expect(page.contains("data-run=\"b\"") && page.contains("<td>b</td>"))
    let record = try #require(
      JSONSerialization.jsonObject(with: Data(self.text(report, "report.json").utf8))
        as? [String: Any])
    let runs = try #require(record["runs"] as? [[String: Any]])
    #expect(runs.map { $0["name"] as? String } == ["a", "b"])
    #expect(runs.map { $0["results"] as? Int } == [2, 1])
  }

  @Test("zero-shot of one run meets the probes of another")
  func experiments() throws {
    let names = ["x", "y", "z"]
    let report = try report(
      run("a", names.enumerated().map { try row($1, 0.5 + 0.1 * Double($0)) }),
      run(
        "b",
        names.enumerated().map {
          try row($1, 0.6 + 0.15 * Double($0 * $0), experiment: "linear-probe")
        }))
    let correlation = try #require(report.rows.first { $0.metric == "pearson-r" })
    // numpy.corrcoef([.6, .75, 1.2], [.5, .6, .7])
    #expect(abs((correlation.value ?? 0) - 0.9607689228305228) < 1e-12)
    #expect(report.runOfRow.suffix(2) == ["", ""])
  }

  @Test("a result that two runs have is shown once")
  func repeated() throws {
    let report = try report(
      run("a", [row("toys", 0.5), row("digits", 0.25)]),
      run("b", [row("digits", 0.25 + 1e-12), row("more", 0.1)]))
    #expect(report.rows.map(\.dataset) == ["toys", "digits", "more"])
    #expect(report.runOfRow == ["a", "a", "b"] && report.conflictCount == 0)
    let text = try text(report)
    #expect(text.contains("| b | complete | 2 / 2 | 1 | 1 |"))
    #expect(text.contains("| tiny | zero-shot | a | 2 | toys, digits |"))
  }

  @Test("where runs differ under one protocol the last is shown, and the report says so first")
  func conflict() throws {
    let report = try report(
      run("a", [row("toys", 0.5), row("digits", 0.25)]), run("b", [row("toys", 0.501)]))
    #expect(report.rows.map(\.dataset) == ["toys", "digits"])
    #expect(report.rows.map(\.value) == [0.501, 0.25] && report.runOfRow == ["b", "a"])
    #expect(report.conflictCount == 1)
    let text = try text(report)
    #expect(text.contains("1 result has different values in several runs"))
    #expect(
      text.contains("| accuracy | 50.1000 of n = 1000 (b) | 50.0000 of n = 1000 (a) | 2 | `"))
  }

  @Test("models of one name that are not the same get names of their own")
  func sharedNames() throws {
    let cost = """
      [{"model": "tiny", "family": "ViT", "gflops": 1, "source": "computed"}]
      """
    let report = try report(
      run("a", [row("toys", 0.5, weights: "1", precision: "fp32")], costs: cost),
      run("b", [row("toys", 0.6, weights: "1", precision: "bf16")], costs: cost),
      run("c", [row("toys", 0.7, weights: "2", precision: "fp32")], costs: cost))
    #expect(
      report.rows.map(\.model) == [
        "tiny (weights 111111111111, fp32)", "tiny (weights 111111111111, bf16)",
        "tiny (weights 222222222222, fp32)",
      ])
    // What the protocol calls it stays, and its hash with it.
    #expect(report.rows.allSatisfy { $0.protocol.model == "tiny" })
    let text = try text(report)
    #expect(text.contains("tiny is 3 models here"))
    let same = try self.report(
      run("a", [row("toys", 0.5, weights: "1", precision: "fp32")]),
      run("b", [row("digits", 0.6, weights: "1", precision: "fp32")]))
    #expect(same.rows.map(\.model) == ["tiny", "tiny"])
  }

  @Test("a task that one run could not do counts as done where another did")
  func given() throws {
    let failed = try run(
      "a", [row("toys", 0.5)],
      tasks: [Task(dataset: "toys"), Task(dataset: "digits", status: "missing")])
    #expect(try text(report(failed)).contains("no digits here"))
    let both = try text(report(failed, run("b", [row("digits", 0.25)])))
    #expect(!both.contains("no digits here") && !both.contains("gave no result"))
    let neither = try text(
      report(
        failed,
        run(
          "b", [row("more", 0.25)],
          tasks: [Task(dataset: "digits", status: "missing"), Task(dataset: "more")])))
    #expect(neither.contains("**1 task gave no result.**"))
  }

  @Test("other versions, other protocols and unfinished runs are told of")
  func told() throws {
    let text = try text(
      report(
        run("a/run", [row("toys", 0.5)], version: "1"),
        run("b/run", [row("toys", 0.25, split: "val")], planned: 2, version: "2")))
    #expect(text.contains("Over 2 runs: a/run, b/run."))
    #expect(text.contains("made by different versions of clip-eval: 1 (a/run); 2 (b/run)."))
    #expect(text.contains("b/run: Not finished: 1 of 3 tasks were run."))
    #expect(text.contains("| toys | tiny | zero-shot | split | a/run, b/run |"))
    #expect(!text.contains("Machine: "))
  }

  @Test("a model that has another name here keeps the paper's numbers of it")
  func renamedModel() throws {
    // Zero-shot of ViT-B/32 in Table 11, and the linear probe on ResNet-50 in Table 10.
    let datasets = [("Food101", 0.844, 0.713), ("CIFAR10", 0.913, 0.918), ("DTD", 0.445, 0.723)]
    func rows(_ precision: String) throws -> [ResultRow] {
      try datasets.map { try row($0.0, 0.5, model: "ViT-B/32", precision: precision) }
    }
    let report = try report(run("a", rows("fp32")), run("b", rows("bf16")))
    let csv = try text(
      report, "figures/zero-shot-minus-resnet-50-probe-vit-b-32-bf16.csv")
    for (dataset, clip, other) in datasets {
      let line = try #require(
        csv.split(whereSeparator: \.isNewline).first {
          $0.hasPrefix("comparison,") && $0.contains(",\(dataset),")
        }, "\(csv)")
      let values = line.split(separator: ",").compactMap { Double($0) }
      #expect(values.contains { abs($0 - (clip - other)) < 1e-9 }, "\(line)")
    }
    // What an image costs it is the paper's too.
    #expect(try text(report, "figures/scaling-zero-shot.csv").contains("ViT-B/32 (bf16)"))
    #expect(!(try text(report).contains("Not shown, as what an image costs")))
  }

  @Test("a comparison of templates that two runs have is shown as its rows are, once")
  func comparisons() throws {
    let folder = try TemporaryFolder()
    func run(_ name: String, _ value: Double, damaged: Bool = false) throws -> ReportedRun {
      var study = PromptStudy(
        model: "tiny", dataset: "toys", options: nil, split: "test", classNames: "a",
        metric: "accuracy", n: 1000, base: "generic/single")
      study.sets = [
        .init(
          set: "generic/single", templates: 1, ensemble: .embedding, value: value, interval95: nil)
      ]
      study.notes = ["told by \(name)"]
      let place = folder.url.appending(path: "\(name)/prompts/tiny")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try (damaged ? Data("{".utf8) : JSONEncoder().encode(study))
        .write(to: place.appending(path: "toys.json"))
      return try self.run(
        name, [row("toys", value, experiment: "prompts")],
        tasks: [
          Task(
            experiment: "prompts", dataset: "toys",
            settings: """
              , "prompts": {"sets": ["generic/single"], "base": "generic/single"}
              """)
        ], in: folder.url.path)
    }
    let same = try text(report(run("a", 0.5), run("b", 0.5)))
    #expect(same.contains("told by a") && !same.contains("told by b"))
    // The run named last counts.
    let other = try text(report(run("a", 0.5), run("b", 0.501)))
    #expect(other.contains("told by b") && !other.contains("told by a"))
    #expect(other.contains("| tiny | toys | accuracy | 50.1 |"))
    let damaged = try text(report(run("c", 0.5, damaged: true)))
    #expect(damaged.contains("A comparison that cannot be read: toys.json"))
  }
}
