import Core
import Foundation
import LinearAlgebra
import Metrics

/// Nearest neighbours by cosine similarity, exact.
///
/// Similarities of 256 samples with 1024 training rows at a time come from one GEMM, and the k best of each sample so far are kept: besides the
/// features (read in place, mapped or not) and the result (8 bytes a sample and neighbour), memory is 4 bytes a training row and, a thread,
/// 1 MiB + 1 KiB · D + 4 KiB · k.
package enum NearestNeighbours {
  private static let sampleBlock = 256
  private static let trainingBlock = 1024

  /// - Parameters:
  ///   - samples: N × D, of any length.
  ///   - training: M × D, of any length.
  ///   - k: 1…M.
  ///   - threads: workers; OpenBLAS is expected to be held to one (`BLAS.setThreads(1)`). The result is the same whatever their number.
  /// - Throws: `EvalError.malformedData` for features of another width, not finite or all zero, `.usage` for a k out of range,
  ///   `.interrupted`.
  package static func find(
    _ samples: FeatureRows, in training: FeatureRows, k: Int, threads: Int
  ) throws -> Neighbours {
    guard samples.columns == training.columns, samples.columns > 0 else {
      throw EvalError(
        .malformedData,
        "expected features of width \(training.columns) as in training, found \(samples.columns)")
    }
    guard k > 0, k <= training.count, training.count <= Int(Int32.max) else {
      throw EvalError(
        .usage, "expected 1 to \(training.count) neighbours, the training samples, found \(k)")
    }
    let columns = samples.columns
    let sampleScales = try scales(samples, "sample", threads)
    let trainingScales = try scales(training, "training sample", threads)

    let rows = ScratchBuffer(byteCount: samples.count * k * MemoryLayout<Int32>.stride)
    var similarities = Matrix(rows: samples.count, columns: k)
    try similarities.withRowBlocks(of: sampleBlock, threads: threads) { block, target in
      let unit = FloatBuffer(count: block.count * columns)
      samples.withRows(block) { source, run in
        for row in run {
          let from = source + (row - run.lowerBound) * columns
          let to = unit.pointer + (row - block.lowerBound) * columns
          for column in 0..<columns { to[column] = from[column] * sampleScales[row] }
        }
      }
      let products = FloatBuffer(count: block.count * trainingBlock)
      var best = [TopScores](repeating: TopScores(width: k), count: block.count)
      for start in stride(from: 0, to: training.count, by: trainingBlock) {
        try Interruption.check()
        let range = start..<min(start + trainingBlock, training.count)
        training.withRows(range) { source, run in
          gemmTransposed(
            m: block.count, n: run.count, k: columns, unit.pointer, lda: columns, source,
            ldb: columns, products.pointer, ldc: trainingBlock)
          for sample in 0..<block.count {
            let line = products.pointer + sample * trainingBlock
            var cutoff = best[sample].cutoff ?? -.infinity
            for row in run {
              let similarity = line[row - run.lowerBound] * trainingScales[row]
              guard similarity > cutoff else { continue }
              best[sample].insert(similarity, of: row)
              cutoff = best[sample].cutoff ?? -.infinity
            }
          }
        }
      }
      let found = rows.pointer.assumingMemoryBound(to: Int32.self) + block.lowerBound * k
      for sample in 0..<block.count {
        for rank in 0..<k {
          found[sample * k + rank] = Int32(best[sample].classes[rank])
          target[sample * k + rank] = best[sample].scores[rank]
        }
      }
    }
    let found = UnsafeBufferPointer(
      start: rows.pointer.assumingMemoryBound(to: Int32.self), count: samples.count * k)
    return Neighbours(
      count: samples.count, k: k, trainingCount: training.count, rows: Array(found),
      similarities: similarities)
  }

  /// 1 ÷ length of each row.
  private static func scales(
    _ features: FeatureRows, _ name: String, _ threads: Int
  ) throws -> [Float] {
    let columns = features.columns
    var scales = Matrix(rows: features.count, columns: 1)
    try scales.withRowBlocks(of: sampleBlock, threads: threads) { block, target in
      try features.withRows(block) { source, run in
        for row in run {
          var squares = 0.0
          for value in UnsafeBufferPointer(
            start: source + (row - run.lowerBound) * columns, count: columns)
          {
            squares += Double(value) * Double(value)
          }
          let scale = Float(1 / squares.squareRoot())
          guard scale.isNormal else {
            throw EvalError(
              .malformedData,
              squares.isNaN || squares.isInfinite
                ? "the features of \(name) \(row) are not finite"
                : "the features of \(name) \(row) have no direction: their length is \(squares.squareRoot())"
            )
          }
          target[row - block.lowerBound] = scale
        }
      }
    }
    return scales.storage
  }
}
