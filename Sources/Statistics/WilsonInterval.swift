/// The score interval of a binomial proportion (Wilson, JASA 1927), `statsmodels.stats.proportion.proportion_confint(method="wilson")`, R's
/// `prop.test(correct = FALSE)`. Its coverage is near what it says on average, where Clopper–Pearson's is at least that always.
package enum WilsonInterval {
  package static let methodName = "wilson"

  /// Without successes the lower end is exactly 0, without failures the upper end exactly 1.
  /// - Parameter confidence: coverage, strictly between 0 and 1.
  /// - Returns: nil without trials, or when the arguments describe no binomial outcome.
  package static func interval(successes: Int, trials: Int, confidence: Double) -> Interval? {
    guard trials > 0, (0...trials).contains(successes), confidence > 0, confidence < 1,
      let z = normalTwoSided(confidence: confidence)
    else { return nil }
    let (n, k) = (Double(trials), Double(successes))
    let failures = Double(trials - successes)
    let total = n + z * z
    let reach = z * (k * (failures / n) + z * z / 4).squareRoot()
    // The ends solve a quadratic equation: the lower one from the product of both, since its difference may cancel.
    let upper = (k + z * z / 2 + reach) / total
    return Interval(
      lower: successes == 0 ? 0 : k * (k / n) / total / upper,
      upper: successes == trials ? 1 : upper)
  }
}
