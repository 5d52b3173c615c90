import Foundation

/// Pearson's correlation of paired values, with what says how sure it is.
package struct Correlation: Sendable, Equatable {
  /// Pairs.
  package let count: Int
  package let r: Double
  /// Of no correlation, two-sided: t = r √((n − 2)/(1 − r²)) has Student's distribution of n − 2 degrees of freedom. Nil with two
  /// pairs.
  package let pValue: Double?
  /// Fisher's: tanh(artanh r ± z/√(n − 3)) (Fisher, Metron 1921). Nil with three pairs or fewer.
  package let interval95: Interval?

  package static let intervalMethod = "fisher-z"

  /// - Returns: nil with fewer than two pairs, where either side does not vary, and where any value or their squares are beyond Double.
  package init?(_ x: [Double], _ y: [Double], confidence: Double = 0.95) {
    guard let sums = PairedSums(x, y) else { return nil }
    let scale = (sums.xx * sums.yy).squareRoot()
    guard scale > 0, scale.isFinite else { return nil }
    count = x.count
    // Rounding must not carry it past 1, where neither root nor artanh is defined.
    r = min(1, max(-1, sums.xy / scale))
    let degrees = Double(count - 2)
    // Of 1 − r², which loses its digits where r is near 1, the residuals of the line keep them.
    let unexplained = sums.residualSquares(x, y) / sums.yy
    let t = r * (degrees / unexplained).squareRoot()
    pValue =
      t.isFinite ? StudentT.pValue(t, degrees: degrees) : degrees > 0 ? 0 : nil
    if count > 3, let z = normalTwoSided(confidence: confidence) {
      let (centre, reach) = (atanh(r), z / Double(count - 3).squareRoot())
      interval95 = Interval(lower: tanh(centre - reach), upper: tanh(centre + reach))
    } else {
      interval95 = nil
    }
  }
}
