import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Fixtures by pyarrow (Tools/make-parquet-fixtures.py).
@Suite struct ParquetDatasetTests {
  private static let folder = TestPaths.fixtures.appending(path: "parquet")

  private func parquetScene(_ files: [String: String]) throws -> Scene {
    let scene = try Scene()
    for (path, fixture) in files {
      try scene.write(Data(contentsOf: Self.folder.appending(path: fixture)), to: path)
    }
    return scene
  }

  private func hash(_ sample: DatasetSample) throws -> String {
    try sample.source.withBytes { String(SHA256.hash($0).hex.prefix(8)) }
  }

  /// `data/validation-0000N-of-00002.parquet`; only the first one has the images' file names.
  @Test func huggingFaceFolder() throws {
    let root = Self.folder.appending(path: "huggingface")
    let index = try ParquetFolder(id: "five", metric: "mean-per-class").index(
      root: root, split: "validation")
    #expect(index.dataset == "five" && index.layout == "parquet" && index.split == "validation")
    #expect(index.classes == (0..<5).map { DatasetClass(id: "class \($0)", name: "class \($0)") })
    #expect(index.samples.map(\.label) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1])
    #expect(
      index.samples.map(\.id)
        == (0..<6).map { "data/validation-00000-of-00002.parquet#img_00\($0).png" }
        + (0..<6).map { "data/validation-00001-of-00002.parquet#\($0)" })
    #expect(index.notes == [] && index.expectedCount == nil)
    let image = try ImageDecoder.decode(index.samples[7].source)
    #expect(image.mode == .rgb && image.width == 4 && image.height == 3)
    #expect(index.samples[7].source.name.hasSuffix("validation-00001-of-00002.parquet, row 1"))
    #expect(try ParquetFolder().splits(root: root) == ["test", "train", "validation"])

    let unlabelled = #expect(throws: EvalError.self) {
      try ParquetFolder().index(root: root, split: "test")
    }
    #expect(unlabelled?.message == "the label is -1: this split comes without labels")
    let absent = #expect(throws: EvalError.self) {
      try ParquetFolder().index(root: root, split: "dev")
    }
    #expect(absent?.kind == .notFound)
    #expect(absent?.message.contains("test, train, validation") == true)
  }

  @Test func withoutNamesClassesAreTheLabels() throws {
    let scene = try parquetScene([
      "data/test/2.parquet": "no-nulls-in-schema.parquet",
      "data/test/10.parquet": "checksums.parquet",
    ])
    let index = try ParquetFolder().index(root: scene.root, split: "test")
    #expect(index.classes.map(\.id) == (0..<8).map { String($0) })
    #expect(index.samples.map(\.label) == [4, 3, 2, 1, 0] + Array(0..<8))
    #expect(index.samples[5].id == "data/test/10.parquet#0")
    // Both files hold the images 0…4 (and the second one three more).
    #expect(try index.samples[0..<5].map(hash) == index.samples[5..<10].map(hash))
  }

  @Test func doctorReadsTheImages() throws {
    let scene = try parquetScene([
      "train.parquet": "pages.parquet", "data/null-00000-of-00003.parquet": "nulls.parquet",
    ])
    let report = try DatasetDoctor.examine(ParquetFolder(), root: scene.root, split: "train")
    #expect(report.exitCode == 0 && report.splits[0].samples == 45)
    #expect(report.splits[0].unrecognised == [] && report.splits[0].misnamed == [])
    // A null label stops the index.
    let nulls = try DatasetDoctor.examine(ParquetFolder(), root: scene.root, split: "null")
    #expect(nulls.failures.first?.message.contains("row 9: column label is null here") == true)
  }

  @Test func imageNet() throws {
    let scene = try parquetScene([
      "imagenet-1k/data/validation-00000-of-00014.parquet": "imagenet.parquet",
      "imagenet-1k/data/test-00000-of-00028.parquet":
        "huggingface/data/test-00000-of-00001.parquet",
    ])
    let index = try ImageNet().index(root: scene.root, split: "val")
    #expect(index.layout == "parquet" && index.classes.count == 1000)
    #expect(index.samples.map(\.label) == [278, 0, 999, 1])
    #expect(index.samples[0].id == "data/validation-00000-of-00014.parquet#img_000.png")
    #expect(index.notes == ["1 of 14 Parquet files are there"])
    #expect(index.isPartial && index.expectedCount == 50_000)
    let train = #expect(throws: EvalError.self) {
      try ImageNet().index(root: scene.root, split: "train")
    }
    #expect(train?.kind == .notFound)
    #expect(train?.message.contains("data/train-*.parquet") == true)
  }

  /// mteb's and CLIP_benchmark's columns, without class names, directly in the folder.
  @Test func imageNetWithFlatColumns() throws {
    let scene = try parquetScene(["imagenet/test-00000-of-00001.parquet": "checksums.parquet"])
    let index = try ImageNet().index(root: scene.root, split: "val")
    #expect(index.samples.map(\.label) == Array(0..<8))
    #expect(index.samples[7].id == "test-00000-of-00001.parquet#7")
    #expect(index.notes.count == 1)
    #expect(Set(try index.samples.map(hash)).count == 8)
  }

  @Test func imageNetRefusesOtherClasses() throws {
    let other = try parquetScene(["imagenet/data/train-00000-of-00001.parquet": "pages.parquet"])
    let count = #expect(throws: EvalError.self) {
      try ImageNet().index(root: other.root, split: "train")
    }
    #expect(count?.message == "expected the 1000 classes of ImageNet, found 5 in the metadata")

    // The same names moved by one place: nothing else in the file changes.
    var data = try Data(contentsOf: Self.folder.appending(path: "imagenet.parquet"))
    let start = try #require(data.firstRange(of: Data(#""names": ["#.utf8)))
    let end = try #require(data.firstRange(of: Data(#", "-"], "_type""#.utf8)))
    data.removeSubrange(end.lowerBound..<end.lowerBound + 5)
    data.insert(contentsOf: Data(#""-", "#.utf8), at: start.upperBound)
    try other.write(data, to: "imagenet/data/validation-00000-of-00001.parquet")
    let order = #expect(throws: EvalError.self) {
      try ImageNet().index(root: other.root, split: "val")
    }
    #expect(order?.message.contains("not ImageNet's in the order of WordNet ids") == true)

    let test = try parquetScene([
      "imagenet/data/test-00000-of-00001.parquet": "nulls.parquet"
    ])
    #expect(throws: EvalError.self) { try ImageNet().index(root: test.root, split: "test") }
  }
}
