/// P-values of several tests, adjusted so that each may be compared with the level that all are to keep together: R's `p.adjust`,
/// `statsmodels.stats.multitest.multipletests`. In the order given.
package enum AdjustedPValues {
  package enum Method: String, Codable, CaseIterable, Sendable {
    /// min(1, m p): the probability of any false finding.
    case bonferroni
    /// The same guarantee, never larger than Bonferroni's (Holm, Scandinavian Journal of Statistics 1979).
    case holm
    /// The expected share of false findings among all, of tests that are independent or positively dependent (Benjamini and Hochberg, JRSS B
    /// 1995).
    case benjaminiHochberg = "benjamini-hochberg"
  }

  /// - Parameter tests: how many there are in all, where some have no p-value at hand that would have been tried; as `n` of `p.adjust`. Nil
  ///   for as many as there are values.
  /// - Returns: as many values, each at least its own p-value and at most 1; nil where one is no probability or `tests` are fewer than values.
  package static func adjust(_ pValues: [Double], by method: Method, tests: Int? = nil) -> [Double]?
  {
    let m = tests ?? pValues.count
    guard m >= pValues.count, pValues.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return nil }
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    var adjusted = pValues
    switch method {
    case .bonferroni:
      for index in order { adjusted[index] = min(1, Double(m) * pValues[index]) }
    case .holm:
      var largest = 0.0
      for (rank, index) in order.enumerated() {
        largest = max(largest, min(1, Double(m - rank) * pValues[index]))
        adjusted[index] = largest
      }
    case .benjaminiHochberg:
      var smallest = 1.0
      for (rank, index) in order.enumerated().reversed() {
        smallest = min(smallest, Double(m) / Double(rank + 1) * pValues[index])
        adjusted[index] = smallest
      }
    }
    return adjusted
  }
}
