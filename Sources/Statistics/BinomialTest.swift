/// The exact test of a number of successes against a known probability: `scipy.stats.binomtest`, R's `binom.test`.
package enum BinomialTest {
  package enum Alternative: String, Codable, CaseIterable, Sendable {
    case twoSided = "two-sided"
    /// The true probability is below the null's.
    case less
    /// The true probability is above the null's.
    case greater
  }

  package static func methodName(_ alternative: Alternative) -> String {
    "binomial-exact-\(alternative.rawValue)"
  }

  /// The probability, under the null, of an outcome at least as extreme as `successes`.
  ///
  /// One-sided: P(X ≤ k) or P(X ≥ k). Two-sided: the probabilities of all outcomes that are no more likely than the observed one, summed; an
  /// outcome counts as equally likely within 10⁻⁷, as in R and SciPy, so that rounding does not decide ties. Found by bisection on the other
  /// tail, not by summing over all outcomes: 10⁷ trials take microseconds to a millisecond.
  ///
  /// Where the null is 0 or 1 only one outcome is possible: the p-value is 1 if it was observed, else 0 (`less` and `greater` as their
  /// definitions say).
  /// - Returns: nil without trials, and where the arguments describe no outcome or no probability.
  package static func pValue(
    successes: Int, trials: Int, probability: Double, alternative: Alternative = .twoSided
  ) -> Double? {
    guard let binomial = Binomial(trials: trials, probability: probability),
      (0...trials).contains(successes)
    else { return nil }
    return switch alternative {
    case .less: binomial.lower(successes)
    case .greater: binomial.upper(successes)
    case .twoSided: twoSided(binomial, successes)
    }
  }

  private static func twoSided(_ binomial: Binomial, _ k: Int) -> Double {
    let (mean, x) = (binomial.mean, Double(k))
    if x == mean { return 1 }
    let limit = binomial.mass(k) * (1 + 1e-7)
    // Less than any double: so is the other tail.
    guard limit > 0 else { return min(binomial.lower(k), binomial.upper(k)) }
    // Towards either end from the mean masses fall, so those within the limit are a tail.
    if x < mean {
      let other = firstIndex(from: Int(mean.rounded(.up)), to: binomial.trials + 1) {
        binomial.mass($0) <= limit
      }
      return other == k + 1 ? 1 : min(1, binomial.lower(k) + binomial.upper(other))
    }
    let above = firstIndex(from: 0, to: Int(mean.rounded(.down)) + 1) {
      binomial.mass($0) > limit
    }
    return above == k ? 1 : min(1, binomial.lower(above - 1) + binomial.upper(k))
  }

  /// The first of the whole numbers `low..<high` of which `holds`, or `high`; once it holds it holds for all further ones.
  private static func firstIndex(from low: Int, to high: Int, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (low, high)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
