import Core
import LinearAlgebra
import Probes

/// The two matrix products of an evaluation, X·Wᵀ and Gᵀ·X, and nothing else: in blocks side by side on every thread, by the same
/// routine that the fits call, and as two large products on the library's own threads. What is faster is the bound.
struct ProbeProducts<Scalar: GEMMScalar> {
  private let features: [Scalar]
  private let rows: Int
  private let columns: Int
  private let classes: Int

  init(_ data: ProbeData) {
    let width = data.columns
    var numbers: [Scalar] = []
    numbers.reserveCapacity(data.count * width)
    data.features.withRows(0..<data.count) { source, run in
      for i in 0..<run.count * width { numbers.append(Scalar(source[i])) }
    }
    features = numbers
    rows = data.count
    columns = width
    classes = data.classCount
  }

  func fastest(threads: Int, seconds: Double) throws -> Double {
    let weights = [Scalar](repeating: 1e-3, count: classes * columns)
    return try min(
      blocked(weights, threads: threads, seconds: seconds / 2),
      whole(weights, threads: threads, seconds: seconds / 2))
  }

  /// As many rows at a time as keep their logits in the cache.
  private func blocked(_ weights: [Scalar], threads: Int, seconds: Double) throws -> Double {
    let (rows, columns, classes, features) = (rows, columns, classes, features)
    let blockRows = min(2048, max(256, (1 << 19) / classes / 64 * 64))
    let blocks = (rows + blockRows - 1) / blockRows
    let scratch = (0..<threads).map { _ in
      (
        ScalarBuffer<Scalar>(count: blockRows * classes),
        ScalarBuffer<Scalar>(count: classes * columns)
      )
    }
    return try clip_eval_bench.fastest(within: seconds) {
      let queue = WorkQueue(count: blocks)
      try Workers.run(count: threads) { worker, _ in
        BLAS.useThisThreadOnly()
        let (logits, gradient) = scratch[worker]
        features.withUnsafeBufferPointer { features in
          weights.withUnsafeBufferPointer { weights in
            guard let base = features.baseAddress, let weights = weights.baseAddress else { return }
            while let block = queue.next() {
              let first = block * blockRows
              let count = min(blockRows, rows - first)
              Self.products(
                base + first * columns, weights, logits.pointer, gradient.pointer, beta: 1,
                count, classes, columns)
            }
          }
        }
      }
    }
  }

  private func whole(_ weights: [Scalar], threads: Int, seconds: Double) throws -> Double {
    let logits = ScalarBuffer<Scalar>(count: rows * classes)
    let gradient = ScalarBuffer<Scalar>(count: classes * columns)
    BLAS.setThreads(threads)
    defer { BLAS.setThreads(1) }
    return clip_eval_bench.fastest(within: seconds) {
      features.withUnsafeBufferPointer { features in
        weights.withUnsafeBufferPointer { weights in
          guard let base = features.baseAddress, let weights = weights.baseAddress else { return }
          Self.products(
            base, weights, logits.pointer, gradient.pointer, beta: 0, rows, classes, columns)
        }
      }
    }
  }

  private static func products(
    _ x: UnsafePointer<Scalar>, _ w: UnsafePointer<Scalar>, _ logits: UnsafeMutablePointer<Scalar>,
    _ gradient: UnsafeMutablePointer<Scalar>, beta: Scalar, _ rows: Int, _ classes: Int,
    _ columns: Int
  ) {
    Scalar.multiply(
      x, transposed: false, lda: columns, w, transposed: true, ldb: columns, into: logits,
      ldc: classes, beta: 0, m: rows, n: classes, k: columns)
    Scalar.multiply(
      logits, transposed: true, lda: classes, x, transposed: false, ldb: columns, into: gradient,
      ldc: columns, beta: beta, m: classes, n: columns, k: rows)
  }
}

/// Zeros that one worker at a time writes to.
private final class ScalarBuffer<Scalar: GEMMScalar>: @unchecked Sendable {
  private let bytes: ScratchBuffer

  init(count: Int) {
    bytes = ScratchBuffer(byteCount: count * MemoryLayout<Scalar>.stride)
    bytes.zero()
  }

  var pointer: UnsafeMutablePointer<Scalar> { bytes.pointer.assumingMemoryBound(to: Scalar.self) }
}
