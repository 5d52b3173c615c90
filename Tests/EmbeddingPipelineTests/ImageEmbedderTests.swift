import CLIPModels
import Core
import Datasets
import EmbeddingStore
import Foundation
import Imaging
import LinearAlgebra
import Synchronization
import TestSupport
import Testing

import EmbeddingPipeline

/// Counts what was computed and what came from the store; can stop the work at a given count.
private final class CountingProgress: ProgressSink {
  private let counts = Mutex((computed: 0, cached: 0))

  func begin(_ label: String, total: Int) {}
  func end() {}
  func advance(_ count: Int, cached: Bool) {
    counts.withLock { if cached { $0.cached += count } else { $0.computed += count } }
  }
  var computed: Int { counts.withLock { $0.computed } }
  var cached: Int { counts.withLock { $0.cached } }
}

/// A folder of small PPM images, two classes, pixels from a counter.
private struct ImageWorld {
  let folder = try? TemporaryFolder()
  let images: URL
  let store: URL

  init(count: Int) throws {
    let base = try #require(folder).url
    images = base.appending(path: "images")
    store = base.appending(path: "store")
    for i in 0..<count {
      try write(i, pixels: Self.pixels(seed: i))
    }
  }

  func url(_ i: Int) -> URL {
    images.appending(path: "\(i % 2 == 0 ? "even" : "odd")/\(String(format: "%04d", i)).ppm")
  }

  func write(_ i: Int, pixels: [UInt8]) throws {
    let url = url(i)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try (Data("P6\n12 10\n255\n".utf8) + Data(pixels)).write(to: url)
  }

  static func pixels(seed: Int) -> [UInt8] {
    (0..<360).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed &* 31 &+ ($0 * seed) % 13) }
  }

  func embedder(
    threads: Int, store: URL? = nil, recipe: PreprocessRecipe? = nil, keepsResize: Bool = false
  ) throws -> ImageEmbedder {
    let session = try ModelSession(TestPaths.fixtures.appending(path: "tiny-clip"))
    let tower = try session.imageTower(batchSize: 8)
    return try ImageEmbedder(
      tower: tower, recipe: recipe ?? session.recipe,
      key: session.imageKey(weights: SHA256.hash("tiny"), kind: .projected, batchSize: 8),
      featureKind: .projected, store: EmbeddingStore(root: store ?? self.store),
      threads: threads, keepsResize: keepsResize)
  }

  func index() throws -> DatasetIndex { try ImageFolder().index(root: images, split: "all") }
}

@Suite("Image embedder") struct ImageEmbedderTests {
  @Test func sameBytesForAnyThreadCount() throws {
    let world = try ImageWorld(count: 530)
    let index = try world.index()
    let results = try [1, 2, 5].map { threads in
      try world.embedder(threads: threads, store: world.images.appending(path: "../s\(threads)"))
        .embed(index, progress: SilentProgress())
    }
    #expect(results[0].features.rows == 530)
    for other in results.dropFirst() {
      #expect(other.features == results[0].features)
      #expect(other.contentFingerprint == results[0].contentFingerprint)
    }
  }

  @Test("a dataset's preprocessing is the recipe's, in the key and in the text")
  func adjustments() throws {
    let world = try ImageWorld(count: 20)
    let plain = try world.index()
    var index = plain
    index.adjustment = ImageAdjustment(croppedBorder: 1, squashes: true)
    let embedder = try world.embedder(threads: 2)
    let usual = try embedder.embed(plain, progress: SilentProgress())
    let adjusted = try embedder.embed(index, progress: SilentProgress())
    #expect(usual.preprocessing == embedder.preprocessor.recipe.description)
    #expect(adjusted.computedCount == 20 && adjusted.features != usual.features)
    var recipe = embedder.preprocessor.recipe
    recipe.croppedBorder = 1
    recipe.resize = .squash(embedder.tower.imageSize)
    #expect(adjusted.preprocessing == recipe.description)
    let direct = try world.embedder(
      threads: 1, store: world.images.appending(path: "../direct"), recipe: recipe
    ).embed(plain, progress: SilentProgress())
    #expect(adjusted.features == direct.features)
    // Filed under another key: neither serves the other.
    #expect(try embedder.embed(index, progress: SilentProgress()).computedCount == 0)
    #expect(try embedder.embed(plain, progress: SilentProgress()).features == usual.features)
    // A user's own choice of resizing stays.
    let kept = try world.embedder(threads: 1, keepsResize: true)
      .embed(index, progress: SilentProgress())
    recipe.resize = embedder.preprocessor.recipe.resize
    #expect(kept.preprocessing == recipe.description)
  }

  @Test func secondRunComputesNothing() throws {
    let world = try ImageWorld(count: 300)
    let index = try world.index()
    let first = try world.embedder(threads: 2).embed(index, progress: SilentProgress())
    let progress = CountingProgress()
    let second = try world.embedder(threads: 1).embed(index, progress: progress)
    #expect(progress.computed == 0 && progress.cached == 300)
    #expect(second.features == first.features && second.labels == first.labels)
    #expect(second.contentFingerprint == first.contentFingerprint)
  }

  @Test func lostShardsAreComputedAgainToTheSameBytes() throws {
    let world = try ImageWorld(count: 600)
    let index = try world.index()
    let embedder = try world.embedder(threads: 2)
    let first = try embedder.embed(index, progress: SilentProgress())
    let shards = embedder.shards.folder.appending(path: "shards")
    let files = try FileManager.default.contentsOfDirectory(atPath: shards.path).sorted()
    #expect(files.count == 3)
    let lost = shards.appending(path: files[1])
    let bytes = try Data(contentsOf: lost)
    try FileManager.default.removeItem(at: lost)
    let progress = CountingProgress()
    let second = try world.embedder(threads: 1).embed(index, progress: progress)
    #expect(progress.computed > 0 && progress.computed < 600)
    #expect(second.features == first.features)
    #expect(try Data(contentsOf: lost) == bytes)
  }

  @Test func otherPathsWithTheSameImagesAreFound() throws {
    let world = try ImageWorld(count: 300)
    let first = try world.embedder(threads: 2).embed(world.index(), progress: SilentProgress())
    let moved = world.images.deletingLastPathComponent().appending(path: "moved")
    try FileManager.default.copyItem(at: world.images, to: moved)
    let progress = CountingProgress()
    let second = try world.embedder(threads: 2).embed(
      ImageFolder().index(root: moved, split: "all"), progress: progress)
    #expect(progress.computed == 0)
    #expect(second.features == first.features)
  }

  @Test func editedInPlaceIsNoticed() throws {
    let world = try ImageWorld(count: 20)
    let first = try world.embedder(threads: 1).embed(world.index(), progress: SilentProgress())
    // Same size, other pixels, later modification time.
    try world.write(4, pixels: ImageWorld.pixels(seed: 99))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 60)], ofItemAtPath: world.url(4).path)
    let second = try world.embedder(threads: 1).embed(world.index(), progress: SilentProgress())
    // even/0004.ppm is the third of its class.
    #expect(second.features.row(2) != first.features.row(2))
    #expect(second.features.row(3) == first.features.row(3))
    #expect(second.contentFingerprint != first.contentFingerprint)
  }

  @Test func brokenImagesAreListed() throws {
    let world = try ImageWorld(count: 20)
    let whole = try world.embedder(threads: 1).embed(world.index(), progress: SilentProgress())
    try Data("P6\n12 10\n255\n".utf8).write(to: world.url(2))
    try Data("not an image".utf8).write(to: world.url(4))
    for _ in 0..<2 {  // computed, then from the store
      let result = try world.embedder(threads: 2).embed(world.index(), progress: SilentProgress())
      #expect(result.failures.map(\.id) == ["even/0002.ppm", "even/0004.ppm"])
      #expect(result.failures.allSatisfy { !$0.reason.isEmpty })
      #expect(result.features.rows == 18 && result.labels.count == 18)
      #expect(result.rows == [0, 3, 4, 5, 6, 7, 8, 9] + Array(10..<20))
      #expect(result.features.row(0) == whole.features.row(0))
      #expect(result.features.row(1) == whole.features.row(3))
    }
  }

  @Test func damagedShardIsReplaced() throws {
    let world = try ImageWorld(count: 20)
    let embedder = try world.embedder(threads: 1)
    let first = try embedder.embed(world.index(), progress: SilentProgress())
    let shards = embedder.shards.folder.appending(path: "shards")
    let file = try #require(
      try FileManager.default.contentsOfDirectory(atPath: shards.path).first)
    let url = shards.appending(path: file)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count - 700] ^= 0x40
    try bytes.write(to: url)
    let second = try world.embedder(threads: 1).embed(world.index(), progress: SilentProgress())
    #expect(second.features == first.features)
  }
}
