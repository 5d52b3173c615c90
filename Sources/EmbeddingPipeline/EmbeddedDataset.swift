package import Core
import Datasets
import EmbeddingStore
package import LinearAlgebra

/// A split's features beside its labels: what experiments read.
package struct EmbeddedDataset: Sendable {
  package struct Failure: Sendable, Equatable {
    package let id: String
    package let reason: String
  }

  /// [n, D] of the samples that have a feature, in index order, not normalised to unit length.
  package let features: Matrix
  /// Positions of those samples in the index.
  package let rows: [Int]
  /// `DatasetSample.noLabel` where there are `multiLabels`.
  package let labels: [Int]
  /// A row for each of `rows`; nil where every sample has one class.
  package let multiLabels: LabelMatrix?
  package let ids: [String]
  /// The samples without one, and why.
  package let failures: [Failure]
  /// Samples that were embedded now rather than found in the store.
  package let computedCount: Int
  /// SHA-256 over the images' bytes, ids and labels; nil where the images were not seen.
  package let contentFingerprint: SHA256Digest?
  /// Canonical text of the recipe that the images went through; nil for features made elsewhere.
  package let preprocessing: String?

  /// Features made elsewhere: nothing is computed, and no image is seen.
  init(
    features: Matrix, rows: [Int], labels: [Int], multiLabels: LabelMatrix? = nil, ids: [String],
    failures: [Failure]
  ) {
    self.features = features
    self.rows = rows
    self.labels = labels
    self.multiLabels = multiLabels
    self.ids = ids
    self.failures = failures
    computedCount = 0
    contentFingerprint = nil
    preprocessing = nil
  }

  /// - Parameters:
  ///   - width: numbers in a feature.
  ///   - shards: in index order; each is let go of once it is copied.
  init(
    index: DatasetIndex, width: Int, preprocessing: String, computedCount: Int,
    shards: some Sequence<FeatureShard>
  ) {
    self.computedCount = computedCount
    self.preprocessing = preprocessing
    var contents: [SHA256Digest] = []
    var failures: [Failure] = []
    var rows: [Int] = []
    var storage: [Float] = []
    contents.reserveCapacity(index.samples.count)
    rows.reserveCapacity(index.samples.count)
    storage.reserveCapacity(index.samples.count * width)
    for shard in shards {
      for row in 0..<shard.features.rows {
        let position = contents.count
        contents.append(shard.contents[row])
        if let reason = shard.failures[row] {
          failures.append(Failure(id: index.samples[position].id, reason: reason))
        } else {
          rows.append(position)
          storage.append(contentsOf: shard.features.row(row))
        }
      }
    }
    contentFingerprint = index.contentFingerprint(
      ofSampleHashes: contents.map { $0 == SampleReader.unreadable ? nil : $0 })
    self.failures = failures
    self.rows = rows
    labels = rows.map { index.samples[$0].label }
    multiLabels = index.multiLabels?.rows(rows)
    ids = rows.map { index.samples[$0].id }
    features = Matrix(rows: rows.count, columns: width, storage: storage)
  }

  /// Of each of a split's `count` samples its row of `features`; nil for those that failed.
  package func rowOfSample(count: Int) -> [Int?] {
    var result = [Int?](repeating: nil, count: count)
    for (row, sample) in rows.enumerated() { result[sample] = row }
    return result
  }
}
