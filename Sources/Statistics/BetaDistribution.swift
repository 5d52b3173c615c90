import CSpecialFunctions

/// The beta distribution.
package enum BetaDistribution {
  /// The x with P(X ≤ x) = p.
  /// - Returns: nil unless a and b are positive and p is between 0 and 1.
  package static func quantile(_ p: Double, a: Double, b: Double) -> Double? {
    finite(special_beta_quantile(a, b, p))
  }
}
