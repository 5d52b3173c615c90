package import LinearAlgebra

/// A fitted linear classifier: K × D weights and K intercepts, in float64.
///
/// Of two classes, which logistic regression tells apart by one vector w, the rows are 0 and w. A class without training samples has weights 0 and
/// intercept −∞: it is never predicted.
package struct LinearModel: Sendable, Equatable {
  /// K.
  package let classCount: Int
  /// D.
  package let columns: Int
  /// K × D, row-major.
  package var weights: [Double]
  package var intercepts: [Double]

  /// - Precondition: `weights` and `intercepts` fill K × D and K.
  package init(classCount: Int, columns: Int, weights: [Double], intercepts: [Double]) {
    precondition(weights.count == classCount * columns && intercepts.count == classCount)
    self.classCount = classCount
    self.columns = columns
    self.weights = weights
    self.intercepts = intercepts
  }

  /// Zeros.
  package init(classCount: Int, columns: Int) {
    self.init(
      classCount: classCount, columns: columns,
      weights: [Double](repeating: 0, count: classCount * columns),
      intercepts: [Double](repeating: 0, count: classCount))
  }

  /// x·Wᵀ + b, computed in float32: N × K. The same bits whatever the number of threads.
  ///
  /// - Precondition: the features are D wide.
  package func logits(_ features: FeatureRows, threads: Int) throws -> Matrix {
    precondition(features.columns == columns, "features of another width")
    let weights = self.weights.map { Float($0) }
    let intercepts = self.intercepts.map { Float($0) }
    var result = Matrix(rows: features.count, columns: classCount)
    try result.withRowBlocks(of: 1024, threads: threads) { rows, target in
      features.withRows(rows) { source, run in
        let first = target + (run.lowerBound - rows.lowerBound) * classCount
        weights.withUnsafeBufferPointer { weights in
          guard let base = weights.baseAddress else { return }
          gemmTransposed(
            m: run.count, n: classCount, k: columns, source, lda: columns, base, ldb: columns,
            first, ldc: classCount)
        }
        for row in 0..<run.count {
          for k in 0..<classCount { first[row * classCount + k] += intercepts[k] }
        }
      }
    }
    return result
  }
}
