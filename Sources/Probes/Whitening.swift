import COpenBLAS
import Core
import LinearAlgebra

/// An orthonormal basis in which features are uncorrelated, and their variance along each of its vectors: what a fit's variables are
/// scaled by, so that L-BFGS meets curvature of about the same size in every direction.
///
/// With centred features the intercept is free of the weights, and the softmax loss has the Hessian h·N·cov ⊗ (…) at equal probabilities; in this basis it is
/// diagonal. Centring and rotating change neither the optimum nor the penalty: ‖W‖ is the same in every orthonormal basis, and the intercept takes up the mean.
struct Whitening: Sendable {
  /// D.
  let columns: Int
  /// r: vectors in the basis.
  let rank: Int
  /// D: the centre that features are moved by.
  let mean: [Double]
  /// r × D, rows orthonormal.
  let basis: [Double]
  /// The same in float32: passes in it use it twice each.
  let floatBasis: [Float]
  /// r: mean square of the centred features along each vector.
  let variances: [Double]

  private static let sampleRowsPerColumn = 6

  /// From some of the rows, evenly spaced: a scaling need not be exact.
  ///
  /// - Throws: `EvalError.bug` when the eigenvalues cannot be computed.
  init(_ features: FeatureRows) throws {
    let columns = features.columns
    let wanted = min(features.count, max(4096, Self.sampleRowsPerColumn * columns))
    let rows = (0..<wanted).map { $0 * features.count / wanted }
    let (centred, mean) = Self.centred(features, rows: rows)
    // On one thread, so that their number changes no bit.
    BLAS.setThreads(1)
    var covariance = [Double](repeating: 0, count: columns * columns)
    cblas_dsyrk(
      CblasRowMajor, CblasLower, CblasTrans, blasint(columns), blasint(wanted),
      1 / Double(wanted), centred, blasint(columns), 0, &covariance, blasint(columns))
    let eigen = try SymmetricEigen(covariance, count: columns)
    self.init(
      columns: columns, rank: columns, mean: mean, basis: eigen.vectors,
      variances: eigen.values.map { max($0, 0) })
  }

  private init(
    columns: Int, rank: Int, mean: [Double], basis: [Double], variances: [Double]
  ) {
    self.columns = columns
    self.rank = rank
    self.mean = mean
    self.basis = basis
    floatBasis = basis.map { Float($0) }
    self.variances = variances
  }

  /// For fewer samples than columns: the basis spans the centred samples, which is where the optimal weights lie (the penalty is least there, and
  /// the loss sees nothing else), and the features are given in it: N × r instead of N × D.
  ///
  /// - Returns: nil when all samples are the same.
  static func spanning(
    _ features: FeatureRows
  ) throws -> (whitening: Whitening, features: FeatureRows)? {
    let (n, columns) = (features.count, features.columns)
    let (centred, mean) = Self.centred(features, rows: Array(0..<n))
    BLAS.setThreads(1)
    let eigen: SymmetricEigen
    if n < columns {
      var gram = [Double](repeating: 0, count: n * n)
      cblas_dsyrk(
        CblasRowMajor, CblasLower, CblasNoTrans, blasint(n), blasint(columns), 1, centred,
        blasint(columns), 0, &gram, blasint(n))
      eigen = try SymmetricEigen(gram, count: n)
    } else {
      var scatter = [Double](repeating: 0, count: columns * columns)
      cblas_dsyrk(
        CblasRowMajor, CblasLower, CblasTrans, blasint(columns), blasint(n), 1, centred,
        blasint(columns), 0, &scatter, blasint(columns))
      eigen = try SymmetricEigen(scatter, count: columns)
    }
    // Squared singular values, rising; those at the level of float64 rounding span nothing.
    let largest = eigen.values.last ?? 0
    let kept = eigen.values.indices.filter { eigen.values[$0] > largest * 1e-14 }
    guard largest > 0, !kept.isEmpty else { return nil }
    let rank = kept.count
    let size = eigen.values.count
    let vectors = kept.flatMap { eigen.vectors[$0 * size..<($0 + 1) * size] }
    let singular = kept.map { eigen.values[$0].squareRoot() }
    var basis = vectors
    var coordinates = [Double](repeating: 0, count: n * rank)
    if n < columns {
      // Left singular vectors U: coordinates are U·Σ, the basis is Σ⁻¹·Uᵀ·X.
      basis = [Double](repeating: 0, count: rank * columns)
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rank), blasint(columns), blasint(n), 1,
        vectors, blasint(n), centred, blasint(columns), 0, &basis, blasint(columns))
      for i in 0..<rank {
        for j in 0..<columns { basis[i * columns + j] /= singular[i] }
        for row in 0..<n { coordinates[row * rank + i] = vectors[i * n + row] * singular[i] }
      }
    } else {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(n), blasint(rank), blasint(columns), 1,
        centred, blasint(columns), basis, blasint(columns), 0, &coordinates, blasint(rank))
    }
    let whitening = Whitening(
      columns: columns, rank: rank, mean: mean, basis: basis,
      variances: kept.map { eigen.values[$0] / Double(n) })
    let matrix = Matrix(rows: n, columns: rank, storage: coordinates.map { Float($0) })
    return (whitening, FeatureRows(matrix))
  }

  /// Rows less their mean, in float64.
  private static func centred(
    _ features: FeatureRows, rows: [Int]
  ) -> (rows: [Double], mean: [Double]) {
    let columns = features.columns
    var mean = [Double](repeating: 0, count: columns)
    var values: [Double] = []
    values.reserveCapacity(rows.count * columns)
    for row in rows {
      features.withRows(row..<row + 1) { base, _ in
        for column in 0..<columns {
          let value = Double(base[column])
          mean[column] += value
          values.append(value)
        }
      }
    }
    for column in 0..<columns { mean[column] /= Double(rows.count) }
    for row in rows.indices {
      for column in 0..<columns { values[row * columns + column] -= mean[column] }
    }
    return (values, mean)
  }
}
