import Core
import Foundation
import LinearAlgebra
import TestSupport
import Testing

import EmbeddingStore

@Suite("Embedding store") struct EmbeddingStoreTests {
  private let key = ImageFeatureKey(
    weights: SHA256.hash("weights"), settings: "gelu", preprocessing: "none", precision: "fp32",
    featureKind: "projected", batchSize: 8, kernels: .current)

  private func shard(_ values: [Float], failing: [Int: String] = [:]) -> FeatureShard {
    FeatureShard(
      features: Matrix(rows: values.count, columns: 1, storage: values),
      contents: values.map { SHA256.hash("\($0)") }, failures: failing)
  }

  @Test func shardsComeBackByContent() throws {
    let folder = try TemporaryFolder()
    let shards = try EmbeddingStore(root: folder.url).images(key)
    #expect(shards.isEmpty)
    let made = shard([1, 2, .pi], failing: [1: "truncated"])
    let (address, checksum) = try shards.write(made)
    #expect(shards.read(address, checksum: checksum) == made)
    #expect(shards.read(SHA256.hash("else")) == nil)
    #expect(!shards.isEmpty)
  }

  @Test func equalShardsHaveEqualBytes() throws {
    let failures = [0: "a", 1: "b", 2: "c"]
    #expect(
      try shard([1, 2, 3], failing: failures).encode()
        == shard([1, 2, 3], failing: failures).encode())
  }

  @Test func damagedShardIsNotUsed() throws {
    let folder = try TemporaryFolder()
    let shards = try EmbeddingStore(root: folder.url).images(key)
    let (address, checksum) = try shards.write(shard([1, 2, 3]))
    let url = shards.folder.appending(path: "shards/\(address.hex).safetensors")
    let whole = try Data(contentsOf: url)
    // One bit of a feature: only the checksum can tell.
    var flipped = whole
    flipped[whole.count - 97] ^= 1
    try flipped.write(to: url)
    #expect(shards.read(address, checksum: checksum) == nil)
    for length in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(length).write(to: url)
      #expect(shards.read(address) == nil, "\(length) bytes")
    }
  }

  /// Found by address alone, a shard has no checksum of the whole file to vouch for its failures.
  @Test(arguments: ["failuras", "failures\":\"{\\\"9\\\""]) func damagedFailuresAreNotForgotten(
    replacement: String
  ) throws {
    let folder = try TemporaryFolder()
    let shards = try EmbeddingStore(root: folder.url).images(key)
    let (address, _) = try shards.write(shard([1, 2, 3], failing: [1: "truncated"]))
    #expect(shards.read(address)?.failures == [1: "truncated"])
    let url = shards.folder.appending(path: "shards/\(address.hex).safetensors")
    var data = try Data(contentsOf: url)
    let whole = replacement == "failuras" ? "failures" : "failures\":\"{\\\"1\\\""
    let range = try #require(data.range(of: Data(whole.utf8)))
    data.replaceSubrange(range, with: Data(replacement.utf8))
    try data.write(to: url)
    #expect(shards.read(address) == nil)
  }

  @Test func manifestSurvivesATornLine() throws {
    let folder = try TemporaryFolder()
    let manifest = try EmbeddingStore(root: folder.url).images(key).manifest(
      index: SHA256.hash("index"))
    #expect(manifest.entries().isEmpty)
    let entries = (0..<3).map {
      ShardManifest.Entry(
        shard: $0, address: SHA256.hash("a\($0)"), checksum: SHA256.hash("c\($0)"))
    }
    try manifest.append(entries[0])
    let handle = try FileHandle(forWritingTo: manifest.url)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"address":"00"#.utf8))
    try handle.close()
    try manifest.append(entries[1])
    try manifest.append(entries[2])
    #expect(manifest.entries() == [0: entries[0], 1: entries[1], 2: entries[2]])
  }

  @Test func keysSeparateWhatDiffers() throws {
    let folder = try TemporaryFolder()
    let store = EmbeddingStore(root: folder.url)
    let (address, _) = try store.images(key).write(shard([1]))
    let changes: [(inout ImageFeatureKey) -> Void] = [
      { $0.weights = SHA256.hash("other") }, { $0.settings = "other" },
      { $0.preprocessing = "other" }, { $0.precision = "other" }, { $0.featureKind = "other" },
      { $0.batchSize += 1 }, { $0.kernels.blasCore = "other" }, { $0.kernels.blasBuild = "other" },
      { $0.kernels.isa = "other" }, { $0.kernels.revision += 1 },
    ]
    for (index, change) in changes.enumerated() {
      var other = key
      change(&other)
      #expect(try store.images(other).read(address) == nil, "change \(index)")
    }
  }

  @Test func textFeatures() throws {
    let folder = try TemporaryFolder()
    let store = EmbeddingStore(root: folder.url)
    let key = TextFeatureKey(
      weights: SHA256.hash("w"), settings: "gelu", tokenizer: SHA256.hash("t"),
      precision: "fp32", featureKind: "projected", kernels: .current, prompts: SHA256.hash("p"))
    #expect(try store.texts(key, rows: 2) == nil)
    let features = Matrix(rows: 2, columns: 2, storage: [1, 2, 3, 4])
    try store.write(texts: features, key)
    #expect(try store.texts(key, rows: 2) == features)
    #expect(try store.texts(key, rows: 3) == nil)
  }

  @Test func defaultLocation() {
    func root(_ environment: [String: String]) -> String {
      EmbeddingStore.defaultRoot(environment: environment).path
    }
    #expect(root(["CLIP_EVAL_CACHE": "/a", "XDG_CACHE_HOME": "/b"]) == "/a")
    #expect(root(["CLIP_EVAL_CACHE": "", "XDG_CACHE_HOME": "/b"]) == "/b/clip-eval")
    #expect(root([:]).hasSuffix("/.cache/clip-eval"))
  }
}
