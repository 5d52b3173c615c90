import Core
import LinearAlgebra

/// The image tower's matrix products by OpenBLAS alone: what a tower written on it could reach at most.
enum BLASBenchmark {
  /// C [m, n] = A [m, k] · Bᵀ [n, k], `count` times.
  private struct Shape {
    let m: Int, n: Int, k: Int, count: Int
  }

  /// Every linear layer of ViT-B/32 on a batch, each token through each layer.
  private static func shapes(batch: Int) -> [Shape] {
    let rows = batch * 50
    return [
      Shape(m: batch * 49, n: 768, k: 3072, count: 1),
      Shape(m: rows, n: 2304, k: 768, count: 12),
      Shape(m: rows, n: 768, k: 768, count: 12),
      Shape(m: rows, n: 3072, k: 768, count: 12),
      Shape(m: rows, n: 768, k: 3072, count: 12),
    ]
  }

  /// Images per second, a batch on each of `threads` workers side by side.
  static func rate(batch: Int, threads: Int) throws -> Double {
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
    let seconds = try fastest(repeats: 5) {
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
    return Double(batch * threads) / seconds
  }
}
