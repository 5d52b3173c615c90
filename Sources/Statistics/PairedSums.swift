/// Weighted means of paired values and the sums of products of what each differs from them.
struct PairedSums {
  let weight: Double
  let meanX: Double
  let meanY: Double
  private(set) var (xx, xy, yy) = (0.0, 0.0, 0.0)

  /// - Parameter weights: positive; nil for 1 each.
  /// - Returns: nil with fewer than two pairs, where the x do not vary, and where any value is not finite or any weight not positive.
  init?(_ x: [Double], _ y: [Double], weights: [Double]? = nil) {
    guard x.count == y.count, x.count > 1, let first = x.first, x.contains(where: { $0 != first }),
      weights.map({ $0.count == x.count && $0.allSatisfy { $0 > 0 } }) ?? true
    else { return nil }
    func weighted(_ values: [Double]) -> Double {
      guard let weights else { return values.reduce(0, +) }
      return zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    weight = weights?.reduce(0, +) ?? Double(x.count)
    meanX = weighted(x) / weight
    meanY = weighted(y) / weight
    for (index, (a, b)) in zip(x, y).enumerated() {
      let own = weights?[index] ?? 1
      xx += own * (a - meanX) * (a - meanX)
      xy += own * (a - meanX) * (b - meanY)
      yy += own * (b - meanY) * (b - meanY)
    }
    // Equal values differ from their mean by its rounding.
    if let firstY = y.first, !y.contains(where: { $0 != firstY }) { (xy, yy) = (0, 0) }
    guard [weight, xx, xy, yy].allSatisfy(\.isFinite), xx > 0 else { return nil }
  }

  var slope: Double { xy / xx }

  /// The weighted sum of squares of what the values differ from their line of least squares.
  func residualSquares(_ x: [Double], _ y: [Double], weights: [Double]? = nil) -> Double {
    let slope = slope
    return x.indices.reduce(0) { sum, index in
      let residual = y[index] - meanY - slope * (x[index] - meanX)
      return sum + (weights?[index] ?? 1) * residual * residual
    }
  }
}
