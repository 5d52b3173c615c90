/// McNemar's exact test of two classifiers on the same samples (Psychometrika 1947): of the samples that only one got right, is it as often the
/// one as the other? For top-1 correctness only. `statsmodels.stats.contingency_tables.mcnemar(exact=True)`; in R
/// `binom.test(b, b + c)`.
package struct McNemar: Sendable, Equatable {
  /// Samples.
  package let count: Int
  package let onlyFirst: Int
  package let onlySecond: Int
  /// Exact, two-sided. 1 without a discordant sample: nothing speaks for a difference.
  package let pValue: Double
  /// Less conservative: the observed outcome counts half (Lancaster, JASA 1961; Fagerland, Lydersen and Laake, BMC Medical Research Methodology
  /// 2013). It may exceed the stated level a little.
  package let midP: Double

  package static let methodName = "mcnemar-exact"
  package static let midPName = "mcnemar-mid-p"

  /// Accuracy of the first less that of the second.
  package var difference: Double { Double(onlyFirst - onlySecond) / Double(count) }

  /// The share of samples that only one got right.
  package var discordance: Double { Double(onlyFirst + onlySecond) / Double(count) }

  /// - Returns: nil without samples, or where the counts are not of so many samples.
  package init?(onlyFirst: Int, onlySecond: Int, count: Int) {
    guard count > 0, onlyFirst >= 0, onlySecond >= 0, onlyFirst <= count,
      onlySecond <= count - onlyFirst
    else { return nil }
    self.count = count
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    let fewer = min(onlyFirst, onlySecond)
    guard onlyFirst != onlySecond,
      let binomial = Binomial(trials: onlyFirst + onlySecond, probability: 0.5)
    else {
      (pValue, midP) = (1, 1)
      return
    }
    // One apart, both tails are all there is.
    pValue = abs(onlyFirst - onlySecond) == 1 ? 1 : min(1, 2 * binomial.lower(fewer))
    midP = min(1, 2 * binomial.lower(fewer - 1) + binomial.mass(fewer))
  }

  /// - Parameters: whether each sample was right, in the same order.
  /// - Returns: nil without samples, or with differently many.
  package init?(_ first: [Bool], _ second: [Bool]) {
    guard first.count == second.count else { return nil }
    let pairs = zip(first, second)
    self.init(
      onlyFirst: pairs.count { $0 && !$1 }, onlySecond: pairs.count { !$0 && $1 },
      count: first.count)
  }
}
