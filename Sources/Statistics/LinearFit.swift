/// The straight line y = intercept + slope · x of least squares in y, as Figure 8 of the paper draws it.
package struct LinearFit: Sendable, Equatable {
  /// Pairs.
  package let count: Int
  package let slope: Double
  package let intercept: Double
  /// Of the slope: √(residual sum of squares / (n − 2) / Σ(x − x̄)²). Nil with two pairs, through which a line always goes.
  package let standardError: Double?
  /// slope ± t · standard error, with n − 2 degrees of freedom.
  package let slopeInterval95: Interval?
  /// The same of the intercept.
  package let interceptInterval95: Interval?

  package static let intervalMethod = "ols-student-t"

  /// - Returns: nil with fewer than two pairs, where the x do not vary, and where any value is not finite.
  package init?(_ x: [Double], _ y: [Double], confidence: Double = 0.95) {
    guard let sums = PairedSums(x, y) else { return nil }
    count = x.count
    slope = sums.xy / sums.xx
    intercept = sums.meanY - slope * sums.meanX
    let (own, start) = (slope, intercept)
    let degrees = Double(count - 2)
    guard let t = StudentT.twoSided(confidence: confidence, degrees: degrees) else {
      (standardError, slopeInterval95, interceptInterval95) = (nil, nil, nil)
      return
    }
    let residuals = zip(x, y).reduce(0) { sum, pair in
      let residual = pair.1 - start - own * pair.0
      return sum + residual * residual
    }
    let error = (residuals / degrees / sums.xx).squareRoot()
    let meanSquare = x.reduce(0) { $0 + $1 * $1 } / Double(count)
    standardError = error
    func around(_ value: Double, _ error: Double) -> Interval {
      Interval(lower: value - t * error, upper: value + t * error)
    }
    slopeInterval95 = around(slope, error)
    interceptInterval95 = around(intercept, error * meanSquare.squareRoot())
  }
}

extension LinearFit {
  package static func bootstrapMethod(resamples: Int = Bootstrap.resampleCount) -> String {
    Bootstrap.method("paired-bootstrap-percentile", resamples: resamples)
  }

  /// The percentile interval of the slope over resamples of whole pairs, as many as there are, with replacement. A resample of one
  /// pair alone has no slope and is left out.
  /// - Returns: nil where no resample has a slope.
  package static func bootstrapSlope(
    _ x: [Double], _ y: [Double], confidence: Double = 0.95,
    resamples: Int = Bootstrap.resampleCount
  ) -> Interval? {
    guard x.count == y.count, (x + y).allSatisfy(\.isFinite) else { return nil }
    return ImageBootstrap.intervals(
      count: x.count, confidences: [confidence], resamples: resamples
    ) { weights in
      // Each pair as often as it was drawn, in the order of pairs: the sums do not depend on the order of drawing.
      let rows = weights.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
      return [LinearFit.slope(rows.map { x[$0] }, rows.map { y[$0] })]
    }?.first?.first
  }

  private static func slope(_ x: [Double], _ y: [Double]) -> Double? {
    PairedSums(x, y).map { $0.xy / $0.xx }
  }
}
