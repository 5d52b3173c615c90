import COpenBLAS
package import Core

/// Eigenvalues, rising, and orthonormal eigenvectors of a real symmetric matrix (LAPACK `dsyevd`; `numpy.linalg.eigh`).
package struct SymmetricEigen: Sendable {
  package let values: [Double]
  /// n × n: row i is the eigenvector of `values[i]`.
  package let vectors: [Double]

  /// - Parameter matrix: n × n, row-major; its lower triangle is read.
  /// - Throws: `EvalError.bug` when LAPACK does not converge, as with numbers that are not finite.
  package init(_ matrix: [Double], count n: Int) throws(EvalError) {
    precondition(matrix.count == n * n, "storage does not fill the matrix")
    var a = matrix
    var values = [Double](repeating: 0, count: n)
    var order = Int32(n)
    var status: Int32 = 0
    var workSize = Int32(-1)
    var integerSize = Int32(-1)
    var work = [0.0]
    var integers: [Int32] = [0]
    // The first call asks how much room the second needs. Column by column, the lower triangle of ours is LAPACK's upper.
    dsyevd_(
      "V", "U", &order, &a, &order, &values, &work, &workSize, &integers, &integerSize, &status)
    workSize = Int32(work[0])
    integerSize = integers[0]
    work = [Double](repeating: 0, count: Int(workSize))
    integers = [Int32](repeating: 0, count: Int(integerSize))
    dsyevd_(
      "V", "U", &order, &a, &order, &values, &work, &workSize, &integers, &integerSize, &status)
    guard status == 0 else {
      throw EvalError(.bug, "the eigenvalues of a \(n)×\(n) matrix could not be computed")
    }
    self.values = values
    vectors = a
  }
}
