import CKernels
import CLIPModels
import Core
import Foundation
import LinearAlgebra
import Synchronization

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

enum TowerBenchmark {
  /// What `threads` cores reach with fused multiply-adds in registers, GFLOP/s.
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

  /// A matrix product: C [m, n] = A [m, k] · Bᵀ [n, k].
  struct Shape {
    let m: Int, n: Int, k: Int, count: Int
    var flops: Double { 2 * Double(m) * Double(n) * Double(k) * Double(count) }
  }

  /// Every linear layer of ViT-B/32 on a batch, each token through each layer.
  static func shapes(batch: Int) -> [Shape] {
    let rows = batch * 50
    return [
      Shape(m: batch * 49, n: 768, k: 3072, count: 1),
      Shape(m: rows, n: 2304, k: 768, count: 12),
      Shape(m: rows, n: 768, k: 768, count: 12),
      Shape(m: rows, n: 3072, k: 768, count: 12),
      Shape(m: rows, n: 768, k: 3072, count: 12),
    ]
  }

  /// Seconds OpenBLAS alone takes for `shapes`, on each of `threads` workers side by side.
  static func blasSeconds(batch: Int, threads: Int) throws -> Double {
    let shapes = shapes(batch: batch)
    let weights = FloatBuffer(count: 12 * 3072 * 768)
    weights.pointer.update(repeating: 0.01, count: weights.count)
    let scratch = (0..<threads).map { _ in
      let buffers = (
        FloatBuffer(count: batch * 50 * 3072), FloatBuffer(count: batch * 50 * 3072)
      )
      buffers.0.pointer.update(repeating: 0.01, count: buffers.0.count)
      buffers.1.pointer.update(repeating: 0.01, count: buffers.1.count)
      return buffers
    }
    BLAS.setThreads(1)
    return try fastest(repeats: 5) {
      try Workers.run(count: threads) { worker, _ in
        for shape in shapes {
          for i in 0..<shape.count {
            gemmTransposed(
              m: shape.m, n: shape.n, k: shape.k, scratch[worker].0.pointer, lda: shape.k,
              weights.pointer + (i % 12) * 3072 * 768, ldb: shape.k, scratch[worker].1.pointer,
              ldc: shape.n)
          }
        }
      }
    }
  }

  /// Seconds per batch, `threads` batches side by side.
  static func towerSeconds(_ checkpoint: Checkpoint, batch: Int, threads: Int) throws -> Double {
    let tower = try checkpoint.imageTower(batchSize: batch)
    let size = 3 * tower.imageSize * tower.imageSize
    let workers = try (0..<threads).map { _ in
      TowerWorker(
        encoder: try tower.makeEncoder(), pixels: FloatBuffer(count: batch * size),
        features: FloatBuffer(count: batch * tower.featureWidth(.projected)))
    }
    for worker in workers { worker.pixels.pointer.update(repeating: 0.5, count: batch * size) }
    BLAS.setThreads(1)
    return try fastest(repeats: 5) {
      try Workers.run(count: threads) { index, _ in
        let worker = workers[index]
        try worker.encoder.encode(
          pixels: worker.pixels.pointer, kind: .projected, into: worker.features.pointer)
      }
    }
  }

  /// Each is used by one thread at a time.
  private struct TowerWorker: @unchecked Sendable {
    let encoder: any ImageEncoder
    let pixels: FloatBuffer
    let features: FloatBuffer
  }
}
