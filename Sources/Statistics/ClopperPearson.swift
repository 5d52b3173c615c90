import CSpecialFunctions

/// The exact confidence interval of a binomial proportion (Clopper and Pearson, Biometrika 1934), two-sided
/// with equal tails, as the paper uses at 99.5 % to mark the best models of its Table 10.
package enum ClopperPearson {
  package static let methodName = "clopper-pearson"

  /// - Parameter confidence: coverage, strictly between 0 and 1.
  /// - Returns: nil without trials, or when the arguments describe no binomial outcome.
  package static func interval(
    successes: Int, trials: Int, confidence: Double
  ) -> Interval? {
    guard trials > 0, (0...trials).contains(successes), confidence > 0, confidence < 1 else {
      return nil
    }
    let tail = (1 - confidence) / 2
    let k = Double(successes)
    let failures = Double(trials - successes)
    let lower = successes == 0 ? 0 : special_beta_quantile(k, failures + 1, tail)
    let upper = successes == trials ? 1 : special_beta_quantile_upper(k + 1, failures, tail)
    guard lower.isFinite, upper.isFinite else { return nil }
    return Interval(lower: lower, upper: upper)
  }
}
