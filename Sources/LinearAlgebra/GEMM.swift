import COneDNN
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

/// The element types of matrix products: float32 for speed, float64 where a result is to be reproduced to the last digits.
package protocol GEMMScalar: BinaryFloatingPoint, Sendable {
  /// C = op(A)·op(B) + β·C on row-major storage: op(A) is m×k, op(B) k×n, C m×n; op transposes where asked. On the calling
  /// thread alone, once it has called `BLAS.useThisThreadOnly`.
  static func multiply(
    _ a: UnsafePointer<Self>, transposed: Bool, lda: Int, _ b: UnsafePointer<Self>,
    transposed: Bool, ldb: Int, into c: UnsafeMutablePointer<Self>, ldc: Int, beta: Self,
    m: Int, n: Int, k: Int)
}

extension Float: GEMMScalar {
  // oneDNN's is up to twice as fast as OpenBLAS's where m or n is small, as the number of classes often is.
  @inline(__always)
  package static func multiply(
    _ a: UnsafePointer<Float>, transposed transposedA: Bool, lda: Int, _ b: UnsafePointer<Float>,
    transposed transposedB: Bool, ldb: Int, into c: UnsafeMutablePointer<Float>, ldc: Int,
    beta: Float, m: Int, n: Int, k: Int
  ) {
    guard m > 0, n > 0 else { return }
    let status = cn_sgemm(
      transposedA ? 1 : 0, transposedB ? 1 : 0, m, n, k, a, lda, b, ldb, beta, c, ldc)
    precondition(status == 0, "the sizes of a matrix product do not fit")
  }
}

extension Double: GEMMScalar {
  @inline(__always)
  package static func multiply(
    _ a: UnsafePointer<Double>, transposed transposedA: Bool, lda: Int,
    _ b: UnsafePointer<Double>, transposed transposedB: Bool, ldb: Int,
    into c: UnsafeMutablePointer<Double>, ldc: Int, beta: Double, m: Int, n: Int, k: Int
  ) {
    guard m > 0, n > 0 else { return }
    cblas_dgemm(
      CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans,
      transposedB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }
}

extension BLAS {
  /// From now on matrix products that this thread starts run on it alone: several threads compute side by side.
  package static func useThisThreadOnly() {
    setThreads(1)
    cn_use_this_thread_only()
  }
}
