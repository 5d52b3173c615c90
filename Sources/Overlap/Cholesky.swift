/// A symmetric positive definite matrix of a few rows, factored.
struct Cholesky {
  private var l: [Double]
  private let n: Int

  /// Nil for a matrix that is not positive definite.
  /// - Parameter a: n × n; its lower triangle is read.
  init?(_ a: [Double], _ n: Int) {
    l = a
    self.n = n
    for j in 0..<n {
      for i in j..<n {
        var sum = a[n * i + j]
        for k in 0..<j { sum -= l[n * i + k] * l[n * j + k] }
        if i == j {
          guard sum > 1e-9 * max(1, a[(n + 1) * j]) else { return nil }
          l[(n + 1) * j] = sum.squareRoot()
        } else {
          l[n * i + j] = sum / l[(n + 1) * j]
        }
      }
    }
  }

  func solve(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<n {
      for k in 0..<i { x[i] -= l[n * i + k] * x[k] }
      x[i] /= l[(n + 1) * i]
    }
    for i in (0..<n).reversed() {
      for k in Swift.stride(from: i + 1, to: n, by: 1) { x[i] -= l[n * k + i] * x[k] }
      x[i] /= l[(n + 1) * i]
    }
    return x
  }
}
