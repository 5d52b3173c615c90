import Core
import Experiments
import Foundation
import ReferenceFiles
import References
import TestSupport
import Testing

/// Other harnesses' numbers, and the known causes of gaps.
struct OtherNumbersTests {
  private let published: PublishedResults

  init() throws {
    published = try PublishedResults(in: TestPaths.project.appending(path: "Reports/reference"))
  }

  @Test("other harnesses on ImageNet: of the same model and metric, with their sources")
  func harnesses() throws {
    let others = published.others(for: try MadeRow(dataset: "ImageNet", n: 50_000).row())
    #expect(others.map(\.harness) == ["CLIP_benchmark", "open_clip"])
    #expect(abs(others[1].value - 0.7656) < 1e-9)
    #expect(others[1].source.hasPrefix("mlfoundations/open_clip@89fb801"))
    #expect(others.allSatisfy { $0.model == "ViT-L/14@336px" && $0.differences.isEmpty })
    // CLIP_benchmark has four of the nine.
    let small = published.others(
      for: try MadeRow(dataset: "ImageNet", model: "RN50", n: 50_000).row())
    #expect(small.map(\.harness) == ["open_clip"])
    #expect(
      published.others(for: try MadeRow(dataset: "ImageNet", model: "clip-mini", n: 1).row())
        .isEmpty)
    #expect(
      published.others(
        for: try MadeRow(experiment: "linear-probe", dataset: "ImageNet", n: 1).row()
      ).isEmpty)
  }

  @Test(
    "metrics are told apart: areas under curves are no eleven points, single-label crops no VOC2007"
  )
  func metrics() throws {
    func values(_ metric: String) throws -> [String] {
      try published.others(for: MadeRow(dataset: "VOC2007", metric: metric, n: 4952).row())
        .map(\.harness)
    }
    #expect(try values("11-point-mAP") == [])
    #expect(try values("area-mAP") == ["CLIP_benchmark"])
    #expect(try values("accuracy") == [])
    let retrieval = published.others(
      for: try MadeRow(
        experiment: "retrieval", dataset: "Flickr30k", metric: "image-to-text-recall@1", n: 1000
      ).row())
    #expect(retrieval.map(\.value) == [0.877])
  }

  @Test("what is known of other protocols goes with the numbers")
  func differences() throws {
    let others = published.others(
      for: try MadeRow(dataset: "FER2013", model: "ViT-B/32", n: 1).row())
    let benchmark = try #require(others.first { $0.harness == "CLIP_benchmark" })
    #expect(benchmark.differences.map(\.axis) == [.classNames])
    #expect(benchmark.differences[0].text.contains("13 names"))
  }

  private func causes(_ made: MadeRow) throws -> Set<String> {
    Set(published.causes(for: try made.row()).map(\.id))
  }

  @Test("causes depend on dataset, experiment, model and protocol")
  func causes() throws {
    #expect(try causes(MadeRow(dataset: "FER2013", n: 1)) == ["fer2013-split"])
    #expect(
      try causes(MadeRow(dataset: "FER2013", n: 1, classNames: "laion"))
        == ["fer2013-split", "fer2013-names"])
    let crop = "openai|resize(shorter=224,bicubic,antialias)|crop(center=224,half-even)|rgb"
    #expect(
      try causes(MadeRow(dataset: "KITTI", model: "ViT-B/32", n: 1, preprocessing: crop))
        == ["kitti-crop-small", "kitti-noise", "kitti-order"])
    #expect(
      try causes(MadeRow(dataset: "KITTI", n: 1, preprocessing: crop))
        == ["kitti-crop", "kitti-noise", "kitti-order", "kitti-figures"])
    #expect(
      try causes(MadeRow(dataset: "KITTI", model: "clip-mini", n: 1))
        == ["kitti-noise", "kitti-order"])
    #expect(try causes(MadeRow(dataset: "ImageNet", n: 1)) == [])
    #expect(
      try causes(MadeRow(dataset: "ImageNet", n: 1, templates: "openai-2021#3", precision: "bf16"))
        == ["single-template", "bf16"])
    #expect(
      try causes(
        MadeRow(experiment: "linear-probe", dataset: "CIFAR10", n: 1, featureKind: "projected"))
        == ["probe-holdout", "probe-features", "probe-solver"])
    #expect(
      try causes(
        MadeRow(experiment: "linear-probe", dataset: "PCam", n: 1, featureKind: "pooled"))
        == ["probe-solver"])
  }

  @Test("causes of a metric concern rows that have a published number")
  func metricCauses() throws {
    let metric = "11-point-mAP difficult=ignored ties=one-step scores=softmax-over-classes"
    var made = MadeRow(dataset: "VOC2007", metric: "11-point-mAP", n: 1)
    func causes(_ text: String) throws -> [String] {
      var row = try made.row()
      row.protocol.metric = text
      return published.causes(for: row).map(\.id)
    }
    #expect(try causes("\(metric) scale=1-as-unknown") == ["voc2007-softmax"])
    #expect(try causes("\(metric) scale=100") == [])
    made.experiment = "linear-probe"
    #expect(try causes(metric).contains("probe-voc2007"))
    // Every cause of a metric is told of one of these.
    let told = try Set(causes(metric))
      .union(["voc2007-softmax"])
    for row in try ReferenceTable("known-causes.csv").rows {
      let table = try ReferenceTable("known-causes.csv")
      if try table.text(row, "axis") == "metric" {
        #expect(told.contains(try table.text(row, "id")))
      }
    }
  }

  @Test("sizes are fractions, as rows have them; causes without a size have none")
  func sizes() throws {
    let row = try MadeRow(dataset: "RESISC45", n: 1, templates: "laion").row()
    let causes = published.causes(for: row)
    #expect(causes.map(\.id) == ["resisc45-templates", "resisc45-split"])
    #expect(causes[0].gap == -0.09 ... -0.037 && causes[1].gap == nil)
    #expect(causes[0].axis == .templates && causes[0].status == .certain)
    #expect(causes.allSatisfy { $0.source != nil && $0.text.hasSuffix(".") })
  }

  @Test("every gap between Table 11 and others of more than 3 points is within one that is known")
  func everyGap() throws {
    let (paper, others) = (
      try ReferenceTable("table-11.csv"), try ReferenceTable("other-harnesses.csv")
    )
    var values: [[String]: Double] = [:]
    for row in paper.rows {
      values[[
        try paper.text(row, "dataset"), try paper.text(row, "model"), try paper.text(row, "metric"),
      ]] =
        try paper.fraction(row)
    }
    var gaps = 0
    for row in others.rows {
      let key = [
        try others.text(row, "dataset"), try others.text(row, "model"),
        try others.text(row, "metric"),
      ]
      guard try others.text(row, "experiment") == "zero-shot", let value = values[key] else {
        continue
      }
      guard abs(try others.fraction(row) - value) > 0.03 else { continue }
      gaps += 1
      let made = MadeRow(
        dataset: key[0], model: key[1], metric: key[2], n: 1, classNames: "laion",
        templates: "laion", preprocessing: "crop(center=224)")
      let gap = try others.fraction(row) - value
      let known = published.causes(for: try made.row()).compactMap(\.gap)
      #expect(
        known.contains { $0.lowerBound - 0.0006 <= gap && gap <= $0.upperBound + 0.0006 },
        "\(key) \(gap)")
    }
    #expect(gaps > 40)
  }
}
