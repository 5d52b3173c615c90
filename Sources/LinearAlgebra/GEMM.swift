import COpenBLAS

/// C = α·A·Bᵀ + β·C on row-major storage. A is m×k with rows `lda` apart, B is n×k, C is m×n.
///
/// Runs on as many threads as `BLAS.setThreads` allows.
@inline(__always)
package func gemmTransposed(
  m: Int, n: Int, k: Int, alpha: Float = 1, _ a: UnsafePointer<Float>, lda: Int,
  _ b: UnsafePointer<Float>, ldb: Int, beta: Float = 0, _ c: UnsafeMutablePointer<Float>, ldc: Int
) {
  cblas_sgemm(
    CblasRowMajor, CblasNoTrans, CblasTrans, blasint(m), blasint(n), blasint(k), alpha, a,
    blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
}

/// A·Bᵀ: A is n×d, B is c×d, the result n×c.
///
/// - Precondition: both have the same number of columns.
package func multiplyTransposed(_ a: Matrix, _ b: Matrix) -> Matrix {
  precondition(a.columns == b.columns, "inner dimensions differ")
  var result = Matrix(rows: a.rows, columns: b.rows)
  guard a.rows > 0, b.rows > 0, a.columns > 0 else { return result }
  a.storage.withUnsafeBufferPointer { a0 in
    b.storage.withUnsafeBufferPointer { b0 in
      result.storage.withUnsafeMutableBufferPointer { c0 in
        guard let pa = a0.baseAddress, let pb = b0.baseAddress, let pc = c0.baseAddress else {
          return
        }
        gemmTransposed(
          m: a.rows, n: b.rows, k: a.columns, pa, lda: a.columns, pb, ldb: a.columns, pc,
          ldc: b.rows)
      }
    }
  }
  return result
}
