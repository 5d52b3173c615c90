import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// The small real sets beside a checkout; labels and orders were taken with NumPy from the reference outputs.
@Suite struct RealDataTests {
  /// Σ i·label tells any change of order or label.
  private func checksum(_ index: DatasetIndex, first count: Int? = nil) -> Int {
    index.samples.prefix(count ?? index.samples.count).enumerated()
      .reduce(0) { $0 + $1.offset * $1.element.label }
  }

  private func referenceIDs(_ name: String) throws -> [String]? {
    guard let url = TestPaths.shared("models/clip-mini/reference/\(name)_files.json") else {
      return nil
    }
    return try JSONDecoder().decode([String].self, from: Data(contentsOf: url))
  }

  @Test func mnist() throws {
    guard let root = TestPaths.shared("data") else { return }
    let index = try MNIST().index(root: root, split: "test")
    #expect(index.samples.count == 10_000 && index.variant == "official" && !index.isPartial)
    #expect(index.samples.prefix(8).map(\.label) == [7, 2, 1, 0, 4, 1, 4, 9])
    #expect(checksum(index, first: 2000) == 8_903_740)
    #expect(index.perClassCounts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  }

  @Test func cifar10() throws {
    guard let root = TestPaths.shared("data") else { return }
    let index = try CIFAR.ten.index(root: root, split: "test")
    #expect(index.samples.count == 4000 && index.isPartial && index.expectedCount == 10_000)
    #expect(checksum(index, first: 2000) == 9_012_000)
  }

  @Test func caltech101() throws {
    guard let root = TestPaths.shared("data") else { return }
    let index = try Caltech101().index(root: root, split: "all")
    #expect(index.samples.count == 510 && index.classes.count == 102 && index.isPartial)
    #expect(checksum(index) == 8_765_285)
    if let ids = try referenceIDs("caltech101_shared") { #expect(index.samples.map(\.id) == ids) }
  }

  @Test func pacs() throws {
    guard let root = TestPaths.shared("data") else { return }
    let counts = ["photo": 210, "art_painting": 280, "cartoon": 280, "sketch": 280]
    let reference = try referenceIDs("pacs_shared")
    for (domain, count) in counts {
      let index = try DatasetRegistry.adapter(named: "PACS-\(domain)")
        .index(root: root, split: "all")
      #expect(index.samples.count == count && index.isPartial)
      if let ids = reference?.filter({ $0.hasPrefix(domain + "/") }) {
        #expect(index.samples.map(\.id) == ids)
      }
    }
    let all = try DatasetRegistry.adapter(named: "PACS").index(root: root, split: "all")
    #expect(all.samples.count == 1050 && checksum(all) == 1_811_775)
  }

  @Test func imageNetSamples() throws {
    guard let root = TestPaths.shared("data") else { return }
    let index = try ImageNet().index(root: root, split: "samples")
    #expect(index.samples.count == 150 && index.layout == "flat-samples")
    #expect(index.samples.prefix(5).map(\.label) == [9, 14, 30, 32, 43])
    #expect(checksum(index) == 8_025_242)
    #expect(index.ignoredFiles == ["labels.csv"])
    if let ids = try referenceIDs("imagenet_samples") { #expect(index.samples.map(\.id) == ids) }
  }

  @Test func everyFileIsSound() throws {
    guard let root = TestPaths.shared("data") else { return }
    for name in ["Caltech101", "PACS", "ImageNet"] {
      let report = try DatasetDoctor.examine(
        DatasetRegistry.adapter(named: name), root: root,
        split: name == "ImageNet" ? "samples" : "all")
      let split = try #require(report.splits.first)
      #expect(report.exitCode == 0 && split.misnamed.isEmpty)
    }
  }
}
