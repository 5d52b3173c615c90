import CKernels
import CLIPModels
import Core
import Foundation
import LinearAlgebra
import Neural
import Synchronization
import TensorFiles

/// Seconds of the fastest of `repeats` runs: other work on the machine only ever makes a run slower.
func fastest(repeats: Int, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<repeats {
    let start = ContinuousClock.now
    try body()
    best = min(best, (ContinuousClock.now - start).inSeconds)
  }
  return best
}

/// The same of as many runs as fit into `seconds`, three at least, after one that does not count.
func fastest(within seconds: Double, _ body: () throws -> Void) rethrows -> Double {
  try body()
  let start = ContinuousClock.now
  var best = try fastest(repeats: 3, body)
  while (ContinuousClock.now - start).inSeconds < seconds {
    best = min(best, try fastest(repeats: 1, body))
  }
  return best
}

enum TowerBenchmark {
  /// What `threads` cores reach with fused multiply-adds in float32 registers, GFLOP/s.
  static func peak(threads: Int) throws -> Double {
    let iterations: UInt64 = 20_000_000
    let operations = Mutex(0.0)
    let seconds = try fastest(repeats: 5) {
      operations.withLock { $0 = 0 }
      try Workers.run(count: threads) { _, _ in
        var sink: Float = 0
        let done = ck_fma_peak(iterations, &sink)
        operations.withLock { $0 += done }
      }
    }
    return operations.withLock { $0 } / seconds / 1e9
  }

  struct Outcome {
    /// Images or texts per second, a batch on every thread side by side.
    var rate: Double
    /// Of one batch, [batch, width].
    var features: [Float]
    var width: Int
  }

  static func images(
    _ checkpoint: Checkpoint, pixels: [Float], batch: Int, threads: Int,
    precision: TowerPrecision, seconds: Double
  ) throws -> Outcome {
    let tower = try checkpoint.imageTower(batchSize: batch, precision: precision)
    let width = tower.featureWidth(.projected)
    let workers = try (0..<threads).map { _ in
      ImageWorker(
        encoder: try tower.makeEncoder(), pixels: FloatBuffer(count: pixels.count),
        features: FloatBuffer(count: batch * width))
    }
    for worker in workers { worker.pixels.pointer.update(from: pixels, count: pixels.count) }
    BLAS.setThreads(1)
    let best = try fastest(within: seconds) {
      try Workers.run(count: threads) { index, _ in
        let worker = workers[index]
        try worker.encoder.encode(
          pixels: worker.pixels.pointer, kind: .projected, into: worker.features.pointer)
      }
    }
    // Workers must outlive the copy.
    return withExtendedLifetime(workers) {
      Outcome(
        rate: Double(batch * threads) / best,
        features: Array(
          UnsafeBufferPointer(start: workers[0].features.pointer, count: batch * width)),
        width: width)
    }
  }

  /// Each is used by one thread at a time.
  private struct ImageWorker: @unchecked Sendable {
    let encoder: any ImageEncoder
    let pixels: FloatBuffer
    let features: FloatBuffer
  }

  static func texts(
    _ checkpoint: Checkpoint, tokens: [[Int32]], threads: Int, precision: TowerPrecision,
    seconds: Double
  ) throws -> Outcome {
    let tower = try checkpoint.textTower(precision: precision)
    BLAS.setThreads(1)
    let features = try tower.encode(tokens, threads: 1)
    let best = try fastest(within: seconds) {
      try Workers.run(count: threads) { _, _ in _ = try tower.encode(tokens, threads: 1) }
    }
    return Outcome(
      rate: Double(tokens.count * threads) / best, features: features.storage,
      width: features.columns)
  }
}
