package import Core
package import Foundation
package import LinearAlgebra
import TensorFiles

/// Features on disk, filed by what decides their bits (DESIGN: the seam between the two halves).
///
/// ```
/// ROOT/images/<key>/key.json
///                   shards/<address>.safetensors
///                   manifests/<index>.jsonl
/// ROOT/texts/<key>.safetensors
/// ```
package struct EmbeddingStore: Sendable {
  package let root: URL

  package init(root: URL) { self.root = root }

  /// `$CLIP_EVAL_CACHE`, else `$XDG_CACHE_HOME/clip-eval`, else `~/.cache/clip-eval`.
  package static func defaultRoot(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    CacheFolder.url(environment: environment)
  }

  package func images(_ key: ImageFeatureKey) throws -> ShardCollection {
    let folder = root.appending(path: "images").appending(path: try CanonicalJSON.hash(key).hex)
    let description = folder.appending(path: "key.json")
    if !FileManager.default.fileExists(atPath: description.path) {
      try AtomicFile.write(try CanonicalJSON.pretty(key), to: description)
    }
    return ShardCollection(folder: folder)
  }

  /// Cached text features, or nil when there are none that verify.
  package func texts(_ key: TextFeatureKey, rows: Int) throws -> Matrix? {
    let url = try textURL(key)
    guard FileManager.default.fileExists(atPath: url.path),
      let file = try? SafetensorsFile(url), let features = file.tensors["features"],
      features.shape.count == 2, features.shape[0] == rows,
      file.metadata["sha256"] == SHA256.hash(features.bytes).hex
    else { return nil }
    return Matrix(rows: rows, columns: features.shape[1], storage: try features.floats())
  }

  package func write(texts: Matrix, _ key: TextFeatureKey) throws {
    let checksum = texts.storage.withUnsafeBytes { SHA256.hash($0) }
    try SafetensorsFile.write(
      [
        TensorPayload(
          name: "features", shape: [texts.rows, texts.columns], floats: texts.storage)
      ], metadata: ["sha256": checksum.hex], to: try textURL(key))
  }

  private func textURL(_ key: TextFeatureKey) throws -> URL {
    root.appending(path: "texts/\(try CanonicalJSON.hash(key).hex).safetensors")
  }
}

/// The shards of one key.
package struct ShardCollection: Sendable {
  /// Samples in a shard: what a crash can cost.
  package static let shardSize = 256

  package let folder: URL

  package func manifest(index: SHA256Digest) -> ShardManifest {
    ShardManifest(url: folder.appending(path: "manifests/\(index.hex).jsonl"))
  }

  package func contains(_ address: SHA256Digest) -> Bool {
    FileManager.default.fileExists(atPath: url(address).path)
  }

  /// Any shard at all.
  package var isEmpty: Bool {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "shards").path)
    return names?.isEmpty ?? true
  }

  /// A shard whose file is whole; nil when it is absent or does not match `checksum`, where one is known.
  ///
  /// The address is always checked against the image hashes in the shard.
  package func read(_ address: SHA256Digest, checksum: SHA256Digest? = nil) -> FeatureShard? {
    let url = url(address)
    if let checksum, (try? SHA256.hash(fileAt: url)) != checksum { return nil }
    guard let shard = try? FeatureShard(reading: url),
      FeatureShard.address(of: shard.contents) == address
    else { return nil }
    return shard
  }

  /// Files the shard and returns where: its address and the checksum of its file.
  package func write(_ shard: FeatureShard) throws -> (
    address: SHA256Digest, checksum: SHA256Digest
  ) {
    let address = FeatureShard.address(of: shard.contents)
    let data = try shard.encode()
    try AtomicFile.write(data, to: url(address))
    return (address, SHA256.hash(data))
  }

  package func checksum(_ address: SHA256Digest) throws -> SHA256Digest {
    try SHA256.hash(fileAt: url(address))
  }

  private func url(_ address: SHA256Digest) -> URL {
    folder.appending(path: "shards/\(address.hex).safetensors")
  }
}
