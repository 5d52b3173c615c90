/// The straight line y = intercept + slope · x of least squares in y, as Figure 8 of the paper draws it; with weights, of weighted
/// least squares (`statsmodels` `WLS`, R's `lm(weights =)`).
///
/// A weight is the precision of its y: inversely proportional to its variance. Only their ratios matter, but to the prediction band.
package struct LinearFit: Sendable, Equatable {
  /// Pairs.
  package let count: Int
  package let slope: Double
  package let intercept: Double
  /// Of the slope: √(s² / Σ w (x − x̄)²). Nil with two pairs, through which a line always goes.
  package let standardError: Double?
  /// slope ± t · standard error, with n − 2 degrees of freedom.
  package let slopeInterval95: Interval?
  /// The same of the intercept.
  package let interceptInterval95: Interval?
  /// s², the weighted sum of squared residuals / (n − 2): the variance of a y of weight 1. Nil with two pairs.
  package let residualVariance: Double?
  /// The share of the (weighted) variance of y that the line explains, 0…1; nil where the y do not vary.
  package let rSquared: Double?

  private let weight: Double
  private let meanX: Double
  private let meanY: Double
  private let spread: Double

  package static let intervalMethod = "ols-student-t"
  package static let weightedIntervalMethod = "wls-student-t"

  /// - Parameter weights: of each pair, at least 0; nil for 1 each. Pairs of weight 0 are left out, and are no degrees of freedom either (as in
  ///   R; `statsmodels` counts them).
  /// - Returns: nil with fewer than two pairs, where the x do not vary, where any value is not finite, and where a weight is negative.
  package init?(
    _ x: [Double], _ y: [Double], weights: [Double]? = nil, confidence: Double = 0.95
  ) {
    var (x, y, weights) = (x, y, weights)
    if let all = weights, all.contains(0), all.count == x.count, x.count == y.count {
      let kept = all.indices.filter { all[$0] != 0 }
      (x, y, weights) = (kept.map { x[$0] }, kept.map { y[$0] }, kept.map { all[$0] })
    }
    guard let sums = PairedSums(x, y, weights: weights) else { return nil }
    count = x.count
    slope = sums.slope
    intercept = sums.meanY - slope * sums.meanX
    (weight, meanX, meanY, spread) = (sums.weight, sums.meanX, sums.meanY, sums.xx)
    let residuals = sums.residualSquares(x, y, weights: weights)
    rSquared = sums.yy > 0 ? max(0, 1 - residuals / sums.yy) : nil
    let degrees = Double(count - 2)
    guard let t = StudentT.twoSided(confidence: confidence, degrees: degrees) else {
      (standardError, slopeInterval95, interceptInterval95) = (nil, nil, nil)
      residualVariance = nil
      return
    }
    let variance = residuals / degrees
    residualVariance = variance
    let error = (variance / sums.xx).squareRoot()
    standardError = error
    slopeInterval95 = Interval(around: slope, reach: t * error)
    let interceptError = (variance * (1 / weight + meanX * meanX / spread)).squareRoot()
    interceptInterval95 = Interval(around: intercept, reach: t * interceptError)
  }

  package func predicted(_ x: Double) -> Double { meanY + slope * (x - meanX) }

  /// Where the line lies at `x`, with a confidence for this x alone (not for all at once): predicted ± t √(s² (1/Σw + (x − x̄)² / Σ w (x − x̄)²)).
  /// `get_prediction(…).conf_int()` of statsmodels, `predict(interval = "confidence")` of R.
  /// - Returns: nil with two pairs.
  package func confidenceBand(at x: Double, confidence: Double = 0.95) -> Interval? {
    band(at: x, noise: 0, confidence: confidence)
  }

  /// Where one further y at `x` lies: the same with s² / `weight` added to the variance. `conf_int(obs=True)`, `interval = "prediction"`.
  /// - Parameter weight: of the further pair; greater than 0.
  package func predictionBand(
    at x: Double, weight: Double = 1, confidence: Double = 0.95
  ) -> Interval? {
    weight > 0 ? band(at: x, noise: 1 / weight, confidence: confidence) : nil
  }

  private func band(at x: Double, noise: Double, confidence: Double) -> Interval? {
    guard x.isFinite, let residualVariance,
      let t = StudentT.twoSided(confidence: confidence, degrees: Double(count - 2))
    else { return nil }
    let offset = x - meanX
    let variance = residualVariance * (noise + 1 / weight + offset * offset / spread)
    return Interval(around: predicted(x), reach: t * variance.squareRoot())
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
      return [PairedSums(rows.map { x[$0] }, rows.map { y[$0] })?.slope]
    }?.first?.first
  }
}
