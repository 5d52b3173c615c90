import Core
import Experiments
import Foundation
import References
import Reporting
import Statistics
import TestSupport
import Testing

/// Sections of other harnesses' numbers and of known causes.
struct PublishedSectionTests {
  private let published: PublishedResults

  init() throws {
    published = try PublishedResults(in: TestPaths.project.appending(path: "Reports/reference"))
  }

  private func row(
    _ dataset: String, value: Double, n: Int, model: String = "ViT-B/32",
    templates: String? = nil, experiment: String = "zero-shot", metric: String = "accuracy"
  ) throws -> ResultRow {
    var entry = EvaluationProtocol(dataset: dataset, model: model)
    entry.split = "test"
    entry.classNameSet = "\(dataset)/openai-2021"
    entry.templateSet = templates ?? "\(dataset)/openai-2021"
    entry.metric = metric
    let row = try ResultRow(
      experiment: experiment, dataset: dataset, model: model, metric: metric, value: value,
      interval95: Interval(lower: value - 0.01, upper: value + 0.01), interval99_5: nil,
      intervalMethod: "clopper-pearson", n: n, nExpected: n, nFailed: 0, partial: false,
      chance: nil, reference: nil, verdict: .noReference, nearTies: 0, emptyClasses: nil,
      protocol: entry)
    return try #require(published.attached(to: [row]).first)
  }

  @Test(
    "results beside the paper's number, other harnesses' below, and causes of those that differ")
  func report() throws {
    let rows = [
      try row("MNIST", value: 0.4455, n: 10_000), try row("RESISC45", value: 0.54, n: 25_200),
      try row("CIFAR10", value: 0.9131, n: 10_000),
      // The paper has no such number of RESISC45, and none of ImageNet-R and this model.
      try row("RESISC45", value: 0.86, n: 25_200, metric: "accuracy@5"),
      try row("ImageNet-R", value: 0.69, n: 30_000),
      try row("ImageNet-R", value: 0.86, n: 30_000, metric: "accuracy@5"),
      try row("MNIST", value: 0.31, n: 10_000, templates: "MNIST/openai-2021#1"),
      try row("ImageNet-R", value: 0.61, n: 30_000, templates: "generic/bare"),
      try row("DemoNet", value: 0.3, n: 10, model: "demo-vit"),
    ]
    let sections = [
      try #require(ReportSection.otherHarnesses(rows, published)),
      try #require(ReportSection.knownCauses(rows, published)),
    ]
    let text = MarkdownReport.render(rows: rows, tasks: [], machine: nil, sections: sections)
    #expect(text.contains("| 91.3 | 0.0 | agrees |"))
    #expect(text.contains("differs: unexplained"))
    let harnesses = try #require(text.range(of: "## What other harnesses measured"))
    let causes = try #require(text.range(of: "## Known causes of differences"))
    let legend = try #require(text.range(of: "## ViT-B/32"))
    let first = text[harnesses.lowerBound..<causes.lowerBound]
    let second = text[causes.lowerBound..<legend.lowerBound]
    #expect(
      first.contains("| Model | Dataset | Metric | Here | Paper | CLIP\\_benchmark | open\\_clip |")
    )
    // One line a dataset, however many prompts it was measured with.
    #expect(first.components(separatedBy: "| MNIST |").count == 2)
    // Not the single template's 31.0; of several sets the lowest and the highest.
    #expect(first.contains("| MNIST | accuracy | 44.5 | 51.9 | 48.5 | 48.4 |"))
    #expect(
      first.contains("| RESISC45 | accuracy | 54.0 | 60.3 |")
        && first.contains("| ImageNet-R | accuracy | 61.0–69.0 | – |"))
    #expect(!first.contains("accuracy@5"))
    #expect(first.contains("4 templates, two of them misspelt"))
    #expect(second.contains("| MNIST | ViT-B/32 −"))
    #expect(second.contains("| −26.2 to −3.4 | unexplained |"))
    // Not of what agrees, of other templates than measured, or of single templates.
    #expect(!second.contains("CIFAR10 |") && !second.contains("misspelt"))
    #expect(second.components(separatedBy: "| MNIST |").count == 2)
  }

  @Test("without published numbers there are no sections")
  func none() throws {
    let rows = [try row("DemoNet", value: 0.3, n: 10, model: "demo-vit")]
    #expect(ReportSection.otherHarnesses(rows, published) == nil)
    #expect(ReportSection.knownCauses(rows, published) == nil)
    let same = [try row("CIFAR10", value: 0.913, n: 10_000)]
    #expect(same[0].verdict == .agrees)
    #expect(ReportSection.knownCauses(same, published) == nil)
  }

  @Test(
    "retrieval has delta and verdict of each k where there is a reference, and no column without")
  func retrieval() throws {
    func rows(_ model: String) throws -> [ResultRow] {
      try [(1, 0.88), (5, 0.97), (10, 0.994)].map { k, value in
        try row(
          "Flickr30k", value: value, n: 1000, model: model, templates: "generic/photo-of",
          experiment: "retrieval", metric: "image-to-text-recall@\(k)")
      }
    }
    let text = MarkdownReport.render(
      rows: try rows("ViT-L/14@336px"), tasks: [], machine: nil)
    #expect(text.contains("| 88.0 / 98.7 / 99.4 | 0.0 / −1.7 / 0.0 | agrees / "))
    let other = MarkdownReport.render(rows: try rows("demo-vit"), tasks: [], machine: nil)
    #expect(!other.contains("Delta"))
  }

  @Test("robustness has the paper's numbers where there are such")
  func robustness() throws {
    func rows(_ model: String) throws -> [ResultRow] {
      var row = try row(
        "ImageNet-A", value: 0.7717, n: 7500, model: model, experiment: "robustness")
      let digest = SHA256Digest(hex: String(repeating: "0", count: 64))
      row.robustness = RobustnessRecord(
        base: "ImageNet", classifier: .classShift, baseValue: 0.93, baseMetric: "accuracy",
        baseInterval95: nil, baseInterval99_5: nil, baseIntervalMethod: nil, baseN: 10_000,
        baseFailed: 0, subsetHash: digest, mapHash: digest, unmatchedSamples: 0, alpha: nil)
      return published.attached(to: [row])
    }
    let text = RobustnessResults.blocks(try rows("ViT-L/14@336px")).joined(separator: "\n")
    #expect(text.contains("| 77.2 | 0.0 | agrees |"))
    #expect(!RobustnessResults.blocks(try rows("demo-vit")).joined().contains("Paper"))
  }
}
