package import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
package import EmbeddingStore
import Foundation
package import Imaging
import LinearAlgebra
package import Neural
import Synchronization

/// What one model's features will cost: which are in the store, and how fast the others are made.
package final class CostMeter {
  package struct Rate: Sendable, Equatable {
    package enum Source: String, Codable, Sendable {
      /// By earlier runs.
      case recorded
      /// On batches of blank images, just now: without reading and decoding.
      case measured
    }
    /// Images a second.
    package var value: Double
    package var source: Source
  }

  private let session: ModelSession
  private let weights: SHA256Digest
  private let store: EmbeddingStore
  private let threads: Int
  private let isFresh: Bool
  private let log: RateLog
  private let setting: RateLog.Setting
  private let towers = Latest<Bool, any ImageTower>()
  private var embedders: [FeatureKind: ImageEmbedder] = [:]
  private var measured: Double?

  /// - Parameter isFresh: nothing that the store has is used.
  /// - Throws: as `ModelSession` does.
  package init(
    _ model: LocatedModel, store: EmbeddingStore, preprocessing: PreprocessOverrides,
    activation: Activation?, precision: TowerPrecision, threads: Int, isFresh: Bool = false
  ) throws {
    session = try ModelSession(
      model, preprocessing: preprocessing, activation: activation, precision: precision)
    weights = try session.weightsHash()
    (self.store, self.threads, self.isFresh) = (store, threads, isFresh)
    log = RateLog(store)
    setting = RateLog.Setting(
      model: session.name, precision: precision.rawValue, threads: threads)
  }

  private func tower() throws -> any ImageTower {
    try towers.value(for: true) { try session.imageTower() }.value
  }

  private func embedder(_ kind: FeatureKind) throws -> ImageEmbedder {
    if let known = embedders[kind] { return known }
    let tower = try tower()
    let embedder = try ImageEmbedder(
      tower: tower, recipe: session.recipe,
      key: session.imageKey(weights: weights, kind: kind, batchSize: tower.batchSize),
      featureKind: kind, store: store, threads: threads, keepsResize: session.resizeIsChosen)
    embedders[kind] = embedder
    return embedder
  }

  /// Samples to be computed, and the bytes that their features will take.
  func pending(_ index: DatasetIndex, _ kind: FeatureKind) throws -> (count: Int, bytes: Int) {
    let embedder = try embedder(kind)
    let count = isFresh ? index.samples.count : try embedder.pendingCount(index)
    return (count, count * embedder.featureBytes)
  }

  /// - Throws: `EvalError.bug` when the processor's kernels cannot compute the tower.
  func rate(dataset: String) throws -> Rate {
    if let known = log.rate(setting, dataset: dataset) {
      return Rate(value: known, source: .recorded)
    }
    let rate = try measured ?? measure()
    measured = rate
    return Rate(value: rate, source: .measured)
  }

  /// A batch on each thread to begin with, then batches for half a second at least.
  private func measure() throws -> Double {
    let tower = try tower()
    let side = tower.imageSize
    let pixels = FloatBuffer(count: tower.batchSize * 3 * side * side)
    pixels.pointer.update(repeating: 0, count: pixels.count)
    let clock = ContinuousClock()
    let rates = Mutex([Double]())
    try Workers.run(count: threads) { _, isCancelled in
      let encoder = try tower.makeEncoder()
      let features = FloatBuffer(count: tower.batchSize * tower.featureWidth(.projected))
      func encode() throws {
        try encoder.encode(pixels: pixels.pointer, kind: .projected, into: features.pointer)
      }
      try encode()
      let start = clock.now
      var batches = 0
      repeat {
        try encode()
        batches += 1
      } while !isCancelled() && clock.now - start < .milliseconds(500)
      let seconds = (clock.now - start).inSeconds
      rates.withLock { $0.append(Double(batches * tower.batchSize) / max(seconds, 1e-9)) }
    }
    return rates.withLock { $0.reduce(0, +) }
  }
}
