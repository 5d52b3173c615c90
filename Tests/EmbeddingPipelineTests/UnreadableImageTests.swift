import Core
import Datasets
import EmbeddingStore
import Foundation
import LinearAlgebra
import Synchronization
import TestSupport
import Testing

import EmbeddingPipeline

@Suite("Images that could not be read") struct UnreadableImageTests {
  private let folder: TemporaryFolder
  private let index: DatasetIndex
  private let embedder: ImageEmbedder

  init() throws {
    folder = try TemporaryFolder()
    let images = folder.url.appending(path: "images")
    for i in 0..<3 {
      let pixels = Data((0..<360).map { UInt8(truncatingIfNeeded: $0 * 7 + i * 31) })
      try AtomicFile.write(
        Data("P6\n12 10\n255\n".utf8) + pixels, to: images.appending(path: "class/\(i).ppm"))
    }
    index = try ImageFolder().index(root: images, split: "all")
    let session = try ModelSession(TestPaths.fixtures.appending(path: "tiny-clip"))
    embedder = try ImageEmbedder(
      tower: session.imageTower(batchSize: 8), recipe: session.recipe,
      key: session.imageKey(weights: SHA256.hash("tiny"), kind: .projected, batchSize: 8),
      featureKind: .projected, store: EmbeddingStore(root: folder.url.appending(path: "store")),
      threads: 1)
  }

  /// A refused `open` leaves no trace in a file's size or time, so the failure must not be taken from the store for
  /// as long as the index stays the same.
  @Test func areTriedAgain() throws {
    let whole = try embedder.embed(index, progress: SilentProgress())
    #expect(whole.failures.isEmpty && whole.features.rows == 3)

    // What a run leaves behind that could not open image 1.
    let manifests = embedder.shards.folder.appending(path: "manifests")
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: manifests.path).first)
    let manifest = embedder.shards.manifest(index: SHA256Digest(hex: String(name.dropLast(6))))
    let good = try #require(manifest.entries()[0])
    var shard = try #require(embedder.shards.read(good.address))
    shard.contents[1] = SHA256.hash("")
    shard.failures = [1: "cannot open: Permission denied"]
    let (address, checksum) = try embedder.shards.write(shard)
    try manifest.append(.init(shard: 0, address: address, checksum: checksum))

    let again = try embedder.embed(index, progress: SilentProgress())
    #expect(again.failures.isEmpty)
    #expect(again.features == whole.features)
    #expect(again.contentFingerprint == whole.contentFingerprint)
  }

  /// Stored as failed, and no more from the cache than computed.
  @Test func areCountedApart() throws {
    let images = folder.url.appending(path: "images/class")
    try AtomicFile.write("not an image", to: images.appending(path: "1.ppm"))
    let index = try ImageFolder().index(root: folder.url.appending(path: "images"), split: "all")
    for (computed, cached) in [(2, 0), (0, 2)] {
      let counts = Counts()
      #expect(try embedder.embed(index, progress: counts).failures.map(\.id) == ["class/1.ppm"])
      #expect(counts.values.withLock { $0 } == [computed, cached, 1])
    }
  }
}

/// Computed, cached, unreadable.
private final class Counts: ProgressSink {
  let values = Mutex([0, 0, 0])

  func begin(_ label: String, total: Int) {}
  func end() {}
  func advance(_ count: Int, cached: Bool) { values.withLock { $0[cached ? 1 : 0] += count } }
  func advanceUnreadable(_ count: Int) { values.withLock { $0[2] += count } }
}
