import Core
import EmbeddingStore
import LinearAlgebra
import Synchronization

/// The features of one batch as its worker made them.
struct BatchResult: Sendable {
  /// [n, D] without the padding.
  var features: [Float]
  var contents: [SHA256Digest]
  /// By position in the batch.
  var failures: [Int: String]
}

/// One shard while its batches are under way, on any number of workers.
final class ShardWork: Sendable {
  let position: Int
  let samples: Range<Int>
  /// Ranges of samples, one per batch.
  let batches: [Range<Int>]
  let known: ShardManifest.Entry?
  private let width: Int

  private struct State {
    var isResolved = false
    var stored: FeatureShard?
    var results: [Int: BatchResult] = [:]
  }
  private let state = Mutex(State())

  init(
    position: Int, samples: Range<Int>, batchSize: Int, width: Int, known: ShardManifest.Entry?
  ) {
    self.position = position
    self.samples = samples
    self.known = known
    self.width = width
    batches = stride(from: samples.lowerBound, to: samples.upperBound, by: batchSize).map {
      $0..<min($0 + batchSize, samples.upperBound)
    }
  }

  /// Whether the shard is in the store; the first caller looks, the others wait for its answer.
  func resolve(_ find: () throws -> FeatureShard?) throws -> Bool {
    try state.withLock { state in
      if !state.isResolved {
        state.stored = try find()
        state.isResolved = true
      }
      return state.stored != nil
    }
  }

  /// How many samples of a batch the stored shard has no feature of.
  func failedCount(in batch: Int) -> Int {
    let first = batches[batch].lowerBound - samples.lowerBound
    let rows = first..<(first + batches[batch].count)
    return state.withLock { $0.stored?.failures.keys.count { rows.contains($0) } ?? 0 }
  }

  /// Takes one batch's result; returns the whole shard when it was the last.
  func complete(_ batch: Int, with result: BatchResult) -> FeatureShard? {
    state.withLock { state in
      state.results[batch] = result
      guard state.results.count == batches.count else { return nil }
      var features: [Float] = []
      features.reserveCapacity(samples.count * width)
      var contents: [SHA256Digest] = []
      var failures: [Int: String] = [:]
      for index in batches.indices {
        guard let result = state.results[index] else { return nil }
        for (row, reason) in result.failures { failures[contents.count + row] = reason }
        features += result.features
        contents += result.contents
      }
      let shard = FeatureShard(
        features: Matrix(rows: samples.count, columns: width, storage: features),
        contents: contents, failures: failures)
      state.stored = shard
      state.results = [:]
      return shard
    }
  }

  /// The shard once it is complete; given away, so that features are not held twice.
  func takeResult() -> FeatureShard? {
    state.withLock { state in
      defer { state.stored = nil }
      return state.stored
    }
  }
}
