package import CLIPModels
package import Core
package import Datasets
package import EmbeddingStore
import Foundation
package import Imaging
import LinearAlgebra
import Logging

/// Fills the store with the image features of datasets: decode → batch → tower → shard.
///
/// Every batch has the tower's fixed shape (its tail padded with zeros) and is decoded and encoded by one
/// worker; workers run batches side by side. The bytes of a shard therefore do not depend on the number of
/// threads, on their timing, or on where an earlier run stopped.
package struct ImageEmbedder: Sendable {
  package let tower: any ImageTower
  package let preprocessor: Preprocessor
  package let key: ImageFeatureKey
  package let featureKind: FeatureKind
  package let shards: ShardCollection
  package let threads: Int
  private let store: EmbeddingStore
  private let keepsResize: Bool
  private let log = Logger(label: "clip-eval.embedding")

  /// - Parameters:
  ///   - key: what features are filed under; its `preprocessing` is that of `recipe`.
  ///   - keepsResize: a user has chosen how images are resized, and datasets do not change it.
  /// - Throws: `EvalError` when the recipe does not produce the tower's input size.
  package init(
    tower: any ImageTower, recipe: PreprocessRecipe, key: ImageFeatureKey,
    featureKind: FeatureKind, store: EmbeddingStore, threads: Int, keepsResize: Bool = false
  ) throws {
    self.tower = tower
    self.store = store
    self.keepsResize = keepsResize
    preprocessor = try Preprocessor(recipe)
    guard let size = preprocessor.outputSize, size.width == tower.imageSize,
      size.height == tower.imageSize
    else {
      throw EvalError(
        .usage,
        "the preprocessing gives \(preprocessor.outputSize.map { "\($0.width)×\($0.height)" } ?? "images of any size"), the model wants \(tower.imageSize)×\(tower.imageSize)"
      )
    }
    self.key = key
    self.featureKind = featureKind
    shards = try store.images(key)
    self.threads = threads
  }

  /// The embedder of images that a dataset's protocol preprocesses in its own way.
  func adjusted(by adjustment: ImageAdjustment) throws -> ImageEmbedder {
    var adjustment = adjustment
    if keepsResize { adjustment.squashes = false }
    let recipe = adjustment.applied(to: preprocessor.recipe, size: tower.imageSize)
    guard recipe != preprocessor.recipe else { return self }
    var key = key
    key.preprocessing = recipe.description
    return try ImageEmbedder(
      tower: tower, recipe: recipe, key: key, featureKind: featureKind, store: store,
      threads: threads, keepsResize: keepsResize)
  }

  /// The features of every sample, preprocessed as the index asks for, from the store where it has them.
  ///
  /// Undecodable and missing images do not stop the work: they are listed in the result.
  /// - Parameter ignoringStored: computes every shard anew.
  /// - Throws: `EvalError.cannotWrite` from the store, `.interrupted` when asked to stop.
  package func embed(
    _ index: DatasetIndex, ignoringStored: Bool = false, progress: any ProgressSink
  ) throws -> EmbeddedDataset {
    try adjusted(by: index.adjustment).embedSamples(
      of: index, ignoringStored: ignoringStored, progress: progress)
  }

  private func embedSamples(
    of index: DatasetIndex, ignoringStored: Bool, progress: any ProgressSink
  ) throws -> EmbeddedDataset {
    let count = index.samples.count
    progress.begin("\(index.dataset) images", total: count)
    defer { progress.end() }
    let manifest = shards.manifest(index: CandidateKey.hash(index))
    let known = ignoringStored ? [:] : manifest.entries()
    let work = stride(from: 0, to: count, by: ShardCollection.shardSize).enumerated().map {
      position, start in
      ShardWork(
        position: position,
        samples: start..<min(start + ShardCollection.shardSize, count),
        batchSize: tower.batchSize, width: tower.featureWidth(featureKind),
        known: known[position])
    }
    let batches = work.flatMap { shard in shard.batches.indices.map { (shard: shard, batch: $0) } }
    let queue = WorkQueue(count: batches.count)
    let computed = Tally()
    let mayFindShards = !ignoringStored && !shards.isEmpty
    try Workers.run(count: min(threads, max(1, batches.count))) { _, isCancelled in
      var worker: BatchWorker?
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let (shard, batch) = batches[next]
        let isStored = try shard.resolve {
          try findStored(shard, index: index, manifest: manifest, mayFindShards: mayFindShards)
        }
        let samples = shard.batches[batch]
        if isStored {
          tell(progress, samples.count, failed: shard.failedCount(in: batch), cached: true)
          continue
        }
        if next + 2 * threads < batches.count {
          let ahead = batches[next + 2 * threads]
          Readahead.advise(index.samples[ahead.shard.batches[ahead.batch]])
        }
        let active = try worker ?? BatchWorker(self)
        worker = active
        let result = try active.encode(index.samples[samples])
        let failed = result.failures.count
        if let finished = shard.complete(batch, with: result) {
          let (address, checksum) = try shards.write(finished)
          try manifest.append(
            .init(shard: shard.position, address: address, checksum: checksum))
        }
        computed.add(samples.count)
        tell(progress, samples.count, failed: failed, cached: false)
      }
    }
    return EmbeddedDataset(
      index: index, width: tower.featureWidth(featureKind),
      preprocessing: preprocessor.recipe.description, computedCount: computed.count,
      shards: work.lazy.compactMap { $0.takeResult() })
  }

  private func tell(_ progress: any ProgressSink, _ count: Int, failed: Int, cached: Bool) {
    if count > failed { progress.advance(count - failed, cached: cached) }
    if failed > 0 { progress.advanceUnreadable(failed) }
  }

  /// A shard made earlier: by this index (the manifest knows), or by another one with the same images.
  private func findStored(
    _ shard: ShardWork, index: DatasetIndex, manifest: ShardManifest, mayFindShards: Bool
  ) throws -> FeatureShard? {
    if let entry = shard.known,
      let stored = shards.read(entry.address, checksum: entry.checksum),
      stored.features.rows == shard.samples.count,
      // What could not be read then (a network drive, a permission) may be readable now without any sign of it
      // in the index: the contents decide, below.
      !stored.contents.contains(SampleReader.unreadable)
    {
      return stored
    }
    if shard.known != nil {
      log.warning(
        "cached features are missing, damaged or of unreadable images: looking at the images again",
        metadata: ["dataset": "\(index.dataset)", "shard": "\(shard.position)"])
    }
    guard mayFindShards else { return nil }
    let contents = index.samples[shard.samples].map { SampleReader.contentHash($0.source) }
    let address = FeatureShard.address(of: contents)
    guard shards.contains(address), let stored = shards.read(address) else { return nil }
    log.debug(
      "found the features of the same images",
      metadata: ["dataset": "\(index.dataset)", "shard": "\(shard.position)"])
    try manifest.append(
      .init(shard: shard.position, address: address, checksum: try shards.checksum(address)))
    return stored
  }
}
