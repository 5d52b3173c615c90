import CSpecialFunctions
import Foundation

/// The standard normal distribution.
package enum NormalDistribution {
  /// The z with P(Z ≤ z) = p.
  /// - Returns: nil unless p is strictly between 0 and 1.
  package static func quantile(_ p: Double) -> Double? {
    // From the nearer tail: 1 − p has lost digits where p is small.
    p <= 0.5
      ? finite(special_normal_quantile_upper(p)).map { -$0 }
      : finite(special_normal_quantile_upper(1 - p))
  }

  /// P(Z ≤ z).
  package static func probability(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }
}
