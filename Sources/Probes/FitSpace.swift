import CKernels
import Core
import LinearAlgebra

/// The coordinates a fit's variables have. They change how fast L-BFGS gets to the optimum, not where it is.
enum FitSpace: Sendable {
  /// Weights and intercepts as they are.
  case plain(columns: Int)
  /// Variables in the basis; features as they are, so that nothing is copied.
  case rotated(Whitening)
  /// Variables and features in the basis.
  case spanned(Whitening)

  /// Weights of a row in these coordinates.
  var width: Int {
    switch self {
    case .plain(let columns): columns
    case .rotated(let whitening), .spanned(let whitening): whitening.rank
    }
  }

  /// Weights of a row as the pass over the features takes them.
  var passWidth: Int {
    switch self {
    case .plain(let columns): columns
    case .rotated(let whitening): whitening.columns
    case .spanned(let whitening): whitening.rank
    }
  }

  /// How the pass is to be called at weights in these coordinates.
  ///
  /// - Parameters:
  ///   - weights: rows × `width`.
  ///   - intercepts: of features less their mean, where there is one.
  func passArguments<Scalar: PassScalar>(
    weights: [Double], intercepts: [Double], threads: Int
  ) throws -> (weights: [Scalar], bias: [Scalar]) {
    guard case .rotated(let whitening) = self else {
      return (weights.map { Scalar($0) }, intercepts.map { Scalar($0) })
    }
    let vectors = VectorWork(count: weights.count, threads: threads)
    let rotated: [Scalar] = try product(
      vectors.converted(weights, to: Scalar.self), Scalar.basis(of: whitening), transposed: false,
      rows: intercepts.count, inner: whitening.rank, columns: whitening.columns, threads: threads)
    let bias = shifted(intercepts, by: rotated, mean: whitening.mean, sign: -1)
    return (rotated, bias.map { Scalar($0) })
  }

  /// The gradient by weights in these coordinates from the pass's.
  func gradient<Scalar: PassScalar>(
    _ sums: ArraySlice<Double>, bias: ArraySlice<Double>, as: Scalar.Type, threads: Int
  ) throws -> [Double] {
    guard case .rotated(let whitening) = self else { return Array(sums) }
    let columns = whitening.columns
    let bias = Array(bias)
    let centred: [Scalar] = try VectorWork(count: sums.count, threads: threads).filled {
      range, target in
      sums.withUnsafeBufferPointer { sums in
        whitening.mean.withUnsafeBufferPointer { mean in
          var i = range.lowerBound
          while i < range.upperBound {
            let row = i / columns
            let sum = bias[row]
            for j in i..<min(range.upperBound, (row + 1) * columns) {
              target[j] = Scalar(sums[j] - sum * mean[j - row * columns])
            }
            i = (row + 1) * columns
          }
        }
      }
    }
    let rotated: [Scalar] = try product(
      centred, Scalar.basis(of: whitening), transposed: true, rows: bias.count,
      inner: columns, columns: whitening.rank, threads: threads)
    return try VectorWork(count: rotated.count, threads: threads)
      .converted(rotated, to: Double.self)
  }

  /// Mean square of the features along each coordinate.
  var variances: [Double] {
    switch self {
    case .plain(let columns): [Double](repeating: 1, count: columns)
    case .rotated(let whitening), .spanned(let whitening): whitening.variances
    }
  }

  /// max|∂f| over the weights and intercepts of the features as they are. Where that takes a product of its own, only what it is likely to be, unless `isExact`:
  /// four times the root mean square of a row, which few of its numbers exceed.
  ///
  /// - Parameters:
  ///   - gradient: by the weights in these coordinates, of the whole objective.
  ///   - passGradient: by the pass's weights, without regularisation.
  func gradientNorm<Scalar: PassScalar>(
    _ gradient: [Double], bias: ArraySlice<Double>, passGradient: ArraySlice<Double>,
    passWeights: ArraySlice<Scalar>, C: Double, isExact: Bool
  ) -> Double {
    var largest = 0.0
    for sum in bias { largest = max(largest, abs(sum)) }
    switch self {
    case .plain:
      for value in gradient { largest = max(largest, abs(value)) }
    case .rotated:
      passGradient.withUnsafeBufferPointer { sums in
        passWeights.withUnsafeBufferPointer { weights in
          for (sum, weight) in zip(sums, weights) {
            largest = max(largest, abs(sum + Double(weight) / C))
          }
        }
      }
    case .spanned(let whitening):
      var squares = 0.0
      for row in bias.indices {
        let first = (row - bias.startIndex) * whitening.rank
        gradient.withUnsafeBufferPointer { gradient in
          guard let base = gradient.baseAddress else { return }
          squares = max(squares, ck_dot_f64(base + first, base + first, whitening.rank))
        }
      }
      guard isExact else {
        return max(largest, 4 * (squares / Double(whitening.columns)).squareRoot())
      }
      let plain = Self.multiply(
        gradient, whitening.basis, transposed: false, rows: bias.count, inner: whitening.rank,
        columns: whitening.columns)
      var position = 0
      for sum in bias {
        for column in 0..<whitening.columns {
          largest = max(largest, abs(plain[position] + sum * whitening.mean[column]))
          position += 1
        }
      }
    }
    return largest
  }

  /// Weights and intercepts of the features as they are.
  func model(weights: [Double], intercepts: [Double]) -> (weights: [Double], intercepts: [Double]) {
    switch self {
    case .plain: return (weights, intercepts)
    case .rotated(let whitening), .spanned(let whitening):
      let plain = Self.multiply(
        weights, whitening.basis, transposed: false, rows: intercepts.count,
        inner: whitening.rank, columns: whitening.columns)
      return (plain, shifted(intercepts, by: plain, mean: whitening.mean, sign: -1))
    }
  }

  /// The reverse of `model`; what of the weights lies outside the basis is dropped, since it does nothing.
  func coordinates(
    weights: [Double], intercepts: [Double]
  ) -> (weights: [Double], intercepts: [Double]) {
    switch self {
    case .plain: return (weights, intercepts)
    case .rotated(let whitening), .spanned(let whitening):
      let rotated = Self.multiply(
        weights, whitening.basis, transposed: true, rows: intercepts.count,
        inner: whitening.columns, columns: whitening.rank)
      return (rotated, shifted(intercepts, by: weights, mean: whitening.mean, sign: 1))
    }
  }

  /// intercepts + sign · weights · mean.
  private func shifted<Value: BinaryFloatingPoint>(
    _ intercepts: [Double], by weights: [Value], mean: [Double], sign: Double
  ) -> [Double] {
    intercepts.indices.map { row in
      var sum = 0.0
      for column in mean.indices {
        sum += Double(weights[row * mean.count + column]) * mean[column]
      }
      return intercepts[row] + sign * sum
    }
  }

  /// A·op(B) by blocks of A's rows, on several threads.
  private func product<Scalar: PassScalar>(
    _ a: [Scalar], _ b: [Scalar], transposed: Bool, rows: Int, inner: Int, columns: Int,
    threads: Int
  ) throws -> [Scalar] {
    let block = 64
    let queue = WorkQueue(count: (rows + block - 1) / block)
    let workers =
      2 * rows * inner * columns < 20_000_000 ? 1 : min(threads, (rows + block - 1) / block)
    return try [Scalar](unsafeUninitializedCapacity: rows * columns) { buffer, filled in
      if let base = buffer.baseAddress {
        let target = Target(pointer: base)
        try Workers.runInlineIfAlone(count: workers) { _ in
          BLAS.useThisThreadOnly()
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              guard let a = a.baseAddress, let b = b.baseAddress else { return }
              while let item = queue.next() {
                let first = item * block
                Scalar.multiply(
                  a + first * inner, transposed: false, lda: inner, b, transposed: transposed,
                  ldb: transposed ? inner : columns, into: target.pointer + first * columns,
                  ldc: columns, beta: 0, m: min(block, rows - first), n: columns, k: inner)
              }
            }
          }
        }
      }
      filled = rows * columns
    }
  }

  private struct Target<Scalar>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Scalar>
  }

  private static func multiply(
    _ a: [Double], _ b: [Double], transposed: Bool, rows: Int, inner: Int, columns: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: rows * columns)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          Double.multiply(
            a, transposed: false, lda: inner, b, transposed: transposed,
            ldb: transposed ? inner : columns, into: c, ldc: columns, beta: 0, m: rows, n: columns,
            k: inner)
        }
      }
    }
    return result
  }
}
