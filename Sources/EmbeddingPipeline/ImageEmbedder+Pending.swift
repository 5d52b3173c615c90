package import Datasets
import EmbeddingStore

extension ImageEmbedder {
  /// How many samples have features still to be computed, as far as the store's notes on this index tell: no image is looked at. At most
  /// so many, as features of the same images may lie there under another index.
  package func pendingCount(_ index: DatasetIndex) throws -> Int {
    let own = try adjusted(by: index.adjustment)
    let known = own.shards.manifest(index: CandidateKey.hash(index)).entries()
    let size = ShardCollection.shardSize
    return stride(from: 0, to: index.samples.count, by: size).enumerated().reduce(0) { sum, shard in
      if let entry = known[shard.offset], own.shards.contains(entry.address) { return sum }
      return sum + min(size, index.samples.count - shard.element)
    }
  }

  /// Of one image, in the store.
  package var featureBytes: Int { tower.featureWidth(featureKind) * MemoryLayout<Float>.size }
}
