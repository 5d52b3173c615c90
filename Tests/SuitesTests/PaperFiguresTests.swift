import Core
import Experiments
import Foundation
import ReferenceFiles
import References
import Reporting
import Statistics
import Suites
import TestSupport
import Testing

/// Figures at a run's end, of rows that hold the paper's own numbers.
@Suite("Figures of means and differences") struct PaperFiguresTests {
  private let tables: (probes: [PublishedScores], zeroShot: [PublishedScores])

  init() throws {
    func read(_ name: String) throws -> [PublishedScores] {
      let folder = TestPaths.project.appending(path: "Reports/reference")
      return try PublishedFigures.scores(ReferenceTable(name, in: folder)).models
    }
    tables = (try read("table-10.csv"), try read("table-11.csv"))
  }

  private func row(
    _ experiment: String, _ model: String, _ dataset: String, _ value: Double,
    templates: String? = nil, partial: Bool = false, split: String? = nil
  ) throws -> ResultRow {
    var entry = EvaluationProtocol(dataset: dataset, model: model)
    entry.templateSet = templates
    entry.split = split
    return try ResultRow(
      experiment: experiment, dataset: dataset, model: model, metric: "accuracy", value: value,
      interval95: Interval(lower: value - 0.01, upper: value + 0.01), interval99_5: nil,
      intervalMethod: nil, n: 1000, nExpected: nil, nFailed: 0, partial: partial, chance: nil,
      reference: nil, verdict: .noReference, nearTies: nil, emptyClasses: nil, protocol: entry)
  }

  private func published(
    _ tables: [PublishedScores], _ experiment: String, _ models: [String], _ datasets: [String]?
  ) throws -> [ResultRow] {
    try models.flatMap { model in
      let scores = try #require(
        tables.first { $0.model == model && ($0.family.isEmpty || $0.family.hasPrefix("CLIP")) }
      ).scores
      return try (datasets ?? scores.keys.sorted()).map { name in
        try row(experiment, model, name, try #require(scores[name]))
      }
    }
  }

  /// The records of a figure's CSV, by file name; with `report.md`.
  private func report(
    _ rows: [ResultRow], costs: String = "[]", suites: String = "[]"
  ) throws -> (figures: [String: [[String]]], text: String, svg: [String: String]) {
    let record = """
      {"schemaVersion": 1, "programVersion": "0", "suites": \(suites), "plan": [], "settings": {}, "planHash": "\(String(repeating: "0", count: 64))",
      "machine": {"processors": 1, "memoryBytes": 1, "system": "", "blasCore": "", "towerKernels": "", "blasConfiguration": "", "isa": ""},
      "threads": 1, "precision": "fp32", "start": "2026-01-01T00:00:00Z", "state": "complete", "tasks": [], "costs": \(costs)}
      """
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let folder = try TemporaryFolder()
    try RunReport(
      ReportedRun(rows: rows, record: decoder.decode(RunRecord.self, from: Data(record.utf8))),
      published: .shipped()
    ).write(to: folder.url)
    let own = folder.url.appending(path: "figures")
    var figures: [String: [[String]]] = [:]
    var svg: [String: String] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: own.path)) ?? [] {
      let text = try String(contentsOf: own.appending(path: name), encoding: .utf8)
      if name.hasSuffix(".svg") {
        svg[String(name.dropLast(4))] = text
      } else {
        figures[String(name.dropLast(4))] = text.split(separator: "\r\n").map {
          $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        }
      }
    }
    let text = try String(
      contentsOf: folder.url.appending(path: "report.md"), encoding: .utf8)
    return (figures, text, svg)
  }

  private func number(_ lines: [[String]]?, _ label: String, _ column: Int) throws -> Double {
    let line = try #require(lines?.first { $0.count > column && $0[2] == label }, "\(label)")
    return try #require(Double(line[column]))
  }

  /// Zero-shot, and few-shot probes that equal it between 2 and 4 examples of each class.
  private func fewShot(_ datasets: [String], model: String) throws -> [ResultRow] {
    try datasets.flatMap { dataset in
      try [row("zero-shot", model, dataset, 0.6)]
        + [(1, 0.4), (2, 0.5), (4, 0.7)].map { shots, value in
          var row = try row("few-shot", model, dataset, value)
          row.probe = ProbeRecord()
          row.probe?.shots = shots
          row.probe?.seeds = 3
          return row
        }
    }
  }

  @Test("Figures 6 and 7 of the paper's best model have its numbers, over its datasets")
  func fewShot() throws {
    let suite = try SuiteFile(named: "paper/figure-6")
    let datasets = suite.entries.map(\.dataset)
    let (figures, text, svg) = try report(try fewShot(datasets, model: "ViT-L/14@336px"))
    // Figure 6: published curves in grey; CLIP has 62.3 % with 4 examples, as with none.
    let grey = try #require(svg["few-shot"])
    #expect(grey.contains("over 20 datasets that the paper does not list"))
    let published = try #require(figures["few-shot"]).filter { $0.contains("CLIP (published)") }
    #expect(published.contains { $0.contains("4.0") && $0.contains("0.623") }, "\(published)")
    // Figure 7: 184 for FER2013, 81 for CIFAR10; 2.8 here.
    #expect(text.contains("| FER2013 | 60.0 | 2.8 | 184 |"))
    #expect(text.contains("| CIFAR10 | 60.0 | 2.8 | 81 |"))

    let other = try report(try fewShot(Array(datasets.dropLast()), model: "ViT-B/32"))
    #expect(!(try #require(other.svg["few-shot"])).contains("published"))
    #expect(other.text.contains("| FER2013 | 60.0 | 2.8 | – |"))
  }

  private let ours = ["RN50", "RN50x4", "RN50x64", "ViT-L/14@336px"]

  @Test("all of the paper's datasets: Figures 5, 9, 10, 11 and 12 have its numbers")
  func whole() throws {
    let rows =
      try published(tables.zeroShot, "zero-shot", ours, nil)
      + published(tables.probes, "linear-probe", ours, nil)
    let (figures, text, svg) = try report(rows)
    let names = Set(figures.keys)
    #expect(
      names.isSuperset(of: [
        "scaling-zero-shot", "scaling-linear-probe-kornblith", "scaling-linear-probe-all",
        "transfer-kornblith", "transfer-all", "zero-shot-minus-resnet-50-probe-vit-l-14-336px",
        "probe-minus-noisy-student-probe-vit-l-14-336px",
      ]))
    #expect(!names.contains("prompting"))
    let best = "ViT-L/14@336px"
    #expect(abs(try number(figures["scaling-linear-probe-kornblith"], best, 6) - 0.8913) < 5e-5)
    #expect(abs(try number(figures["scaling-linear-probe-all"], best, 6) - 0.8506) < 5e-5)
    #expect(try number(figures["scaling-linear-probe-all"], best, 3) == 192)
    // 1 − 0.6758, the mean of the row in Table 11.
    #expect(abs(try number(figures["scaling-zero-shot"], best, 6) - 0.324185185) < 1e-8)
    #expect(abs(try number(figures["transfer-all"], best, 6) - 0.8504) < 5e-5)
    #expect(abs(try number(figures["transfer-all"], best, 3) - 0.854) < 1e-12)
    let five = figures["zero-shot-minus-resnet-50-probe-vit-l-14-336px"]
    #expect(abs(try number(five, "+28.9", 3) - 0.289) < 1e-9)
    #expect(five?.count { $0[0] == "bar" } == 27 && five?.count { $0[0] == "comparison" } == 27)
    // The run's numbers are the paper's: so are the differences.
    for (bar, tick) in zip(
      five?.filter { $0[0] == "bar" } ?? [], five?.filter { $0[0] == "comparison" } ?? [])
    {
      #expect(bar[3] == tick[3] && bar[6] == tick[6])
    }
    #expect(
      svg["probe-minus-noisy-student-probe-vit-l-14-336px"]?
        .contains("above 0 on 20 of 27 datasets, equal on 1") == true)
    #expect(
      text.contains("## Scaling with compute")
        && text.contains("| RN50x64 | ResNet | 265.9 | paper |"))
    // Three ResNets have a line, one ViT has none.
    let nine = try #require(figures["scaling-zero-shot"])
    #expect(nine.count { $0[1] == "fit of ResNet" || $0[1] == "fit of ViT" } == 2)
  }

  /// KITTI of 711 images: 21.9 % ± 1 less 67.2… of the probe, whose interval is Clopper–Pearson's.
  @Test("the interval of a difference is made of both sides'")
  func intervals() throws {
    let rows = try published(
      tables.zeroShot, "zero-shot", ["ViT-L/14@336px"], ["KITTI", "MNIST", "DTD"])
    let (figures, _, _) = try report(rows)
    let lines = try #require(figures["zero-shot-minus-resnet-50-probe-vit-l-14-336px"])
    let bar = try #require(lines.first { $0[0] == "bar" && $0[6] == "KITTI" })
    let other = try #require(tables.probes.first { $0.family == "ResNet" && $0.model == "50" })
    let theirs = try #require(other.scores["KITTI"])
    let interval = try #require(
      ClopperPearson.interval(
        successes: Int((theirs * 711).rounded()), trials: 711, confidence: 0.95))
    let difference = 0.219 - theirs
    let reach = (0.01 * 0.01 + (interval.upper - theirs) * (interval.upper - theirs)).squareRoot()
    #expect(abs((try #require(Double(bar[3]))) - difference) < 1e-12)
    #expect(abs((try #require(Double(bar[4]))) - (difference - reach)) < 1e-12)
  }

  @Test(
    "published means are over the datasets that the run has; what every model lacks is left out")
  func subset() throws {
    let some = ["DTD", "Food101", "MNIST", "CIFAR10"]
    let rows =
      try published(tables.zeroShot, "zero-shot", ["RN50", "RN101"], some)
      + published(tables.zeroShot, "zero-shot", ["ViT-B/32"], Array(some.dropLast()))
    let (figures, _, svg) = try report(rows)
    let lines = try #require(figures["scaling-zero-shot"])
    let kept = Array(some.dropLast())
    let x64 = try #require(tables.zeroShot.first { $0.model == "RN50x64" })
    #expect(abs(try number(lines, "RN50x64", 6) - (1 - (try #require(x64.mean(kept))))) < 1e-12)
    #expect(lines.count { $0[1].hasSuffix("(published)") } == 9)
    #expect(svg["scaling-zero-shot"]?.contains("mean of the same 3 datasets") == true)
    #expect(figures["scaling-linear-probe-all"] == nil && figures["transfer-all"] == nil)
  }

  @Test("a model that the paper does not know is drawn by its shape's cost, or told")
  func costs() throws {
    let rows = try ["a", "b", "c"].flatMap { model in
      try ["One", "Two", "Three"].flatMap { dataset in
        try [("generic/bare", 0.25), ("generic/single", 0.375), ("\(dataset)/own", 0.5)].map {
          try row("zero-shot", model, dataset, $0.1, templates: $0.0, partial: dataset == "Two")
        }
      }
    }
    let costs = """
      [{"model": "a", "family": "ViT", "gflops": 2.5, "source": "computed"}, {"model": "b", "family": "ViT", "gflops": 5, "source": "computed"}]
      """
    let (figures, text, svg) = try report(rows, costs: costs)
    #expect(Set(figures.keys) == ["prompting", "scaling-zero-shot"])
    let prompting = try #require(figures["prompting"])
    #expect(
      prompting.dropFirst().map { [$0[1], $0[3], $0[6]] } == [
        ["bare names", "2.5", "0.25"], ["bare names", "5.0", "0.25"],
        ["a photo of a {}.", "2.5", "0.375"], ["a photo of a {}.", "5.0", "0.375"],
        ["each dataset's templates", "2.5", "0.5"], ["each dataset's templates", "5.0", "0.5"],
      ])
    #expect(svg["prompting"]?.contains("templates over bare names: +25.0 points") == true)
    #expect(svg["scaling-zero-shot"]?.contains("is not known: c.") == true)
    #expect(svg["scaling-zero-shot"]?.contains("Only in part evaluated: Two.") == true)
    #expect(text.contains("| a | ViT | 2.5 | computed |"))
  }

  @Test("another split than the one that published numbers are of is not held against them")
  func otherSplit() throws {
    let names = ["DTD", "Food101", "MNIST"]
    let rows = try names.map {
      try row("zero-shot", "ViT-B/32", $0, 0.5, split: $0 == "MNIST" ? "train" : "test")
    }
    let (figures, _, _) = try report(rows)
    #expect(figures.isEmpty)
  }

  @Test("two datasets are no mean")
  func tooFew() throws {
    let rows = try published(tables.zeroShot, "zero-shot", ours, ["DTD", "MNIST"])
    #expect(try report(rows).figures.isEmpty)
  }

  @Test("what a suite says it makes and is not drawn is said, with what it takes")
  func undrawn() throws {
    let suite = """
      [{"path": "mine.yaml", "text": "suite: mine\\nversion: 1\\ndescription: Mine.\\nmakes: [Table 10, Figure 5, Figures 10 to 12]\\nexperiments: [zero-shot]\\ndatasets:\\n  - dataset: CIFAR10\\n"}]
      """
    let two = try published(tables.zeroShot, "zero-shot", ["ViT-B/32"], ["CIFAR10", "MNIST"])
    let few = try report(two, suites: suite)
    #expect(few.figures.isEmpty)
    #expect(
      few.text.contains(
        "Not drawn, for lack of results that every model has: Figure 5 (takes three of the paper's datasets); Figure 10 (takes "
      ), "\(few.text.prefix(800))")
    #expect(few.text.contains("; Figure 11 (") && few.text.contains("; Figure 12 (takes ImageNet"))
    let three = try published(
      tables.zeroShot, "zero-shot", ["ViT-B/32"], ["CIFAR10", "MNIST", "DTD"])
    let more = try report(three, suites: suite)
    #expect(more.figures.keys.contains { $0.hasPrefix("zero-shot-minus-resnet-50-probe") })
    #expect(more.text.contains("every model has: Figure 10 (") && !more.text.contains("Figure 5 ("))
    #expect(!(try report(two).text.contains("Not drawn")))
  }
}
