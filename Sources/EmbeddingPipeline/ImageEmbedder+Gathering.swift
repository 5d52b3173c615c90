import Core
package import Datasets
import EmbeddingStore
import LinearAlgebra

extension ImageEmbedder {
  /// The features of samples that the store holds under other lists of samples: a split that is a part of another, or made of several.
  ///
  /// Samples are taken for the same where id and size are: the lists are of one dataset in one layout.
  /// - Parameter others: lists of which the store has every feature.
  /// - Returns: nil where a sample is in none of them, or where the images are preprocessed otherwise.
  package func gathered(
    _ index: DatasetIndex, from others: [DatasetIndex]
  ) throws -> EmbeddedDataset? {
    let own = try adjusted(by: index.adjustment)
    var wanted: [String: Int] = [:]
    for (position, sample) in index.samples.enumerated() { wanted[sample.id] = position }
    // Two samples of one id cannot be told apart.
    guard wanted.count == index.samples.count else { return nil }
    let width = tower.featureWidth(featureKind)
    var result = FeatureShard(
      features: Matrix(rows: index.samples.count, columns: width),
      contents: [SHA256Digest](
        repeating: SampleReader.unreadable, count: index.samples.count), failures: [:])
    for other in others
    where other.layout == index.layout && other.adjustment == index.adjustment {
      if wanted.isEmpty { break }
      let manifest = own.shards.manifest(index: CandidateKey.hash(other)).entries()
      let size = ShardCollection.shardSize
      for (number, start) in stride(from: 0, to: other.samples.count, by: size).enumerated() {
        let samples = start..<min(start + size, other.samples.count)
        guard samples.contains(where: { wanted[other.samples[$0].id] != nil }) else { continue }
        guard let entry = manifest[number],
          let shard = own.shards.read(entry.address, checksum: entry.checksum),
          shard.features.rows == samples.count, shard.features.columns == width
        else { continue }
        for sample in samples {
          guard let position = wanted[other.samples[sample].id],
            other.samples[sample].byteCount == index.samples[position].byteCount
          else { continue }
          wanted[other.samples[sample].id] = nil
          let row = sample - start
          result.contents[position] = shard.contents[row]
          result.failures[position] = shard.failures[row]
          let place = position * width
          result.features.storage.replaceSubrange(
            place..<place + width, with: shard.features.row(row))
        }
      }
    }
    guard wanted.isEmpty else { return nil }
    return EmbeddedDataset(
      index: index, width: width, preprocessing: own.preprocessor.recipe.description,
      computedCount: 0, shards: [result])
  }
}
