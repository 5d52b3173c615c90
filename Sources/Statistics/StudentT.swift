import CSpecialFunctions

/// Student's t distribution (Student, Biometrika 1908).
package enum StudentT {
  /// The t with P(|T| ≤ t) = confidence.
  /// - Returns: nil unless `degrees` is positive and `confidence` strictly between 0 and 1.
  package static func twoSided(confidence: Double, degrees: Double) -> Double? {
    guard confidence > 0 else { return nil }
    return finite(special_students_t_quantile_upper(degrees, (1 - confidence) / 2))
  }

  /// P(|T| ≥ |t|); accurate to its last digits however small.
  package static func pValue(_ t: Double, degrees: Double) -> Double? {
    // Far out Boost's sum of two tails is 0, as the true value rounds to.
    finite(special_students_t_upper(degrees, abs(t))).map { min(1, 2 * $0) }
  }
}

/// What a special function gives for arguments outside its domain is no number.
func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

/// The z with P(|Z| ≤ z) = confidence, of the standard normal distribution.
func normalTwoSided(confidence: Double) -> Double? {
  finite(special_normal_quantile_upper((1 - confidence) / 2))
}
