import Core
import Datasets
import EmbeddingStore
import Foundation
import Imaging
import TestSupport
import Testing

import EmbeddingPipeline

@Suite("Images in Parquet files") struct ParquetEmbeddingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func place(_ fixture: String, at path: String) throws {
    let url = folder.url.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(contentsOf: TestPaths.fixtures.appending(path: "parquet/\(fixture)")).write(to: url)
  }

  private func embed(_ index: DatasetIndex, store: String, threads: Int = 1) throws
    -> EmbeddedDataset
  {
    let session = try ModelSession(TestPaths.fixtures.appending(path: "tiny-clip"))
    let tower = try session.imageTower(batchSize: 4)
    return try ImageEmbedder(
      tower: tower, recipe: session.recipe,
      key: session.imageKey(weights: SHA256.hash("tiny"), kind: .projected, batchSize: 4),
      featureKind: .projected, store: EmbeddingStore(root: folder.url.appending(path: store)),
      threads: threads
    ).embed(index, progress: SilentProgress())
  }

  @Test func featuresAreThoseOfTheSameImagesAsFiles() throws {
    try place("pages.parquet", at: "table/test.parquet")
    let table = try ParquetFolder().index(root: folder.url.appending(path: "table"), split: "test")
    for (row, sample) in table.samples.enumerated() {
      let url = folder.url.appending(path: "files/one/\(String(format: "%03d", row)).png")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try sample.source.withBytes { Data($0) }.write(to: url)
    }
    let files = try ImageFolder().index(root: folder.url.appending(path: "files"), split: "all")
    let fromFiles = try embed(files, store: "a")
    #expect(fromFiles.features.rows == 45)
    #expect(try embed(table, store: "b", threads: 3).features == fromFiles.features)
  }

  /// Ids and labels stay the same; only the file's modification time says that the images are others.
  @Test func aFileReplacedInPlaceIsReadAgain() throws {
    var features: [EmbeddedDataset] = []
    var indices: [DatasetIndex] = []
    for fixture in ["train-00000-of-00002", "validation-00000-of-00002"] {
      try place("huggingface/data/\(fixture).parquet", at: "data/test.parquet")
      indices.append(try ParquetFolder().index(root: folder.url, split: "test"))
      features.append(try embed(indices[indices.count - 1], store: "store"))
    }
    #expect(indices[0].fingerprint == indices[1].fingerprint)
    #expect(features[0].features != features[1].features)
    #expect(features[0].contentFingerprint != features[1].contentFingerprint)
  }
}
