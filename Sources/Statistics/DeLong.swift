import CSpecialFunctions
import Foundation

/// The area under the ROC curve with DeLong's variance (DeLong, DeLong and Clarke-Pearson, Biometrics 1988), by the midranks of Sun and Xu (IEEE
/// Signal Processing Letters 2014): O(n log n). `pROC::ci.auc` and `roc.test(method = "delong")` of R.
///
/// The area is the share of pairs of a positive and a negative that the scores put in order, ties counting half.
package struct DeLong: Sendable, Equatable {
  package let positives: Int
  package let negatives: Int
  /// 0…1.
  package let area: Double
  /// Of the area; nil with one positive or one negative.
  package let variance: Double?

  package static let methodName = "delong"

  /// - Parameters:
  ///   - isPositive: of each sample.
  ///   - scores: higher for positives.
  /// - Returns: nil without a positive or a negative, with differently many scores, and where one is NaN.
  package init?(_ isPositive: [Bool], scores: [Double]) {
    guard let parts = Components(isPositive, scores) else { return nil }
    positives = parts.ofPositives.count
    negatives = parts.ofNegatives.count
    area = parts.area
    variance = Self.variance(parts.ofPositives, parts.ofNegatives)
  }

  /// area ± z √variance, kept within 0…1 (as pROC). Nil without a variance, and where it is 0: areas of 0 and 1 have no spread to show.
  package func interval(confidence: Double = 0.95) -> Interval? {
    guard let variance, variance > 0, let z = normalTwoSided(confidence: confidence) else {
      return nil
    }
    let reach = z * variance.squareRoot()
    return Interval(lower: max(0, area - reach), upper: min(1, area + reach))
  }

  /// The sum over both kinds of the variance of their components / their number.
  private static func variance(_ ofPositives: [Double], _ ofNegatives: [Double]) -> Double? {
    guard let ofPositives = sampleVariance(ofPositives),
      let ofNegatives = sampleVariance(ofNegatives)
    else { return nil }
    return ofPositives + ofNegatives
  }

  /// Of the mean of the values, with n − 1.
  private static func sampleVariance(_ values: [Double]) -> Double? {
    guard values.count > 1, let first = values.first else { return nil }
    guard values.contains(where: { $0 != first }) else { return 0 }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return squares / (count - 1) / count
  }

  /// What each sample adds to the area: of a positive the share of negatives below it, of a negative the share of positives above it.
  fileprivate struct Components {
    var ofPositives: [Double] = []
    var ofNegatives: [Double] = []
    let area: Double

    init?(_ isPositive: [Bool], _ scores: [Double]) {
      guard isPositive.count == scores.count, !scores.contains(where: \.isNaN) else { return nil }
      let positives = zip(isPositive, scores).filter(\.0).map(\.1)
      let negatives = zip(isPositive, scores).filter { !$0.0 }.map(\.1)
      guard !positives.isEmpty, !negatives.isEmpty else { return nil }
      let (m, n) = (Double(positives.count), Double(negatives.count))
      let together = Self.midranks(positives + negatives)
      let amongPositives = Self.midranks(positives)
      let amongNegatives = Self.midranks(negatives)
      // Whole and half numbers up to the number of pairs: their sum is exact.
      let below = zip(together, amongPositives).map { $0 - $1 }
      let notAbove = zip(together.dropFirst(positives.count), amongNegatives).map { $0 - $1 }
      ofPositives = below.map { $0 / n }
      ofNegatives = notAbove.map { (m - $0) / m }
      area = below.reduce(0, +) / (m * n)
    }

    /// Ranks from 1; those of equal values are the mean of theirs.
    static func midranks(_ values: [Double]) -> [Double] {
      let order = values.indices.sorted { values[$0] < values[$1] }
      var ranks = [Double](repeating: 0, count: values.count)
      var start = 0
      while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
        start = end
      }
      return ranks
    }
  }
}

extension DeLong {
  /// The difference of two areas on the same samples, whose scores are correlated.
  package struct Comparison: Sendable, Equatable {
    package let first: DeLong
    package let second: DeLong
    /// The first area less the second.
    package let difference: Double
    /// Of the difference; nil with one positive or one negative.
    package let variance: Double?
    /// Two-sided, of z = difference / √variance. 1 where both order the samples alike; nil where the variance is unknown, or 0 with a difference.
    package let pValue: Double?

    /// - Returns: nil where either has no area.
    package init?(_ isPositive: [Bool], _ first: [Double], _ second: [Double]) {
      guard let own = DeLong(isPositive, scores: first),
        let other = DeLong(isPositive, scores: second),
        let parts = Components(isPositive, first), let others = Components(isPositive, second)
      else { return nil }
      self.first = own
      self.second = other
      difference = own.area - other.area
      // Of the differences themselves: var(a) + var(b) − 2 cov(a, b) would cancel.
      variance = DeLong.variance(
        zip(parts.ofPositives, others.ofPositives).map { $0 - $1 },
        zip(parts.ofNegatives, others.ofNegatives).map { $0 - $1 })
      guard let variance, variance > 0 else {
        pValue = variance == 0 && difference == 0 ? 1 : nil
        return
      }
      pValue = min(1, 2 * special_normal_upper(abs(difference) / variance.squareRoot()))
    }

    /// difference ± z √variance; nil without a variance, and where it is 0.
    package func interval(confidence: Double = 0.95) -> Interval? {
      guard let variance, variance > 0, let z = normalTwoSided(confidence: confidence) else {
        return nil
      }
      return Interval(around: difference, reach: z * variance.squareRoot())
    }
  }
}
