package import Core
import Statistics

/// The area under the receiver operating characteristic of a classifier of two classes: the share of pairs of a positive and a
/// negative sample of which the positive one has the higher score, pairs of equal score counting half (Mann and Whitney 1947;
/// scikit-learn's `roc_auc_score`).
package enum AreaUnderROC {
  /// - Parameters:
  ///   - isPositive: of each sample.
  ///   - scores: of each sample, higher where it looks positive.
  /// - Throws: `EvalError.malformedData` for a score that is not a number.
  /// - Returns: no value where either class has no sample, in one of several folds even.
  package static func value(
    isPositive: [Bool], scores: [Double], structure: SampleStructure = .independent,
    resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> MetricValue {
    try requireNumbers(isPositive, scores)
    return try Resampling(structure, count: scores.count, resamples: resamples).value(
      .rocAUC, count: scores.count, chance: 0.5
    ) { samples, units in
      let entries = entries(samples, isPositive: isPositive, scores: scores, units: units)
      return { area(entries, weights: $0) }
    }
  }

  /// The value alone, of independent samples and without intervals; nil where either class has no sample.
  package static func area(isPositive: [Bool], scores: [Double]) throws(EvalError) -> Double? {
    try requireNumbers(isPositive, scores)
    let samples = Array(scores.indices)
    return area(
      entries(samples, isPositive: isPositive, scores: scores, units: samples), weights: nil)
  }

  /// The value as a function of how often each unit counts.
  /// - Parameter units: what each sample is one of, from 0.
  /// - Throws: `EvalError.malformedData` for a score that is not a number.
  package static func resampled(
    isPositive: [Bool], scores: [Double], samples: [Int], units: [Int]
  ) throws(EvalError) -> @Sendable ([Int32]) -> Double? {
    try requireNumbers(isPositive, scores)
    try requireSameCount(isPositive.count, units.count)
    let entries = entries(samples, isPositive: isPositive, scores: scores, units: units)
    return { area(entries, weights: $0) }
  }

  private static func requireNumbers(
    _ isPositive: [Bool], _ scores: [Double]
  ) throws(EvalError) {
    try requireSameCount(isPositive.count, scores.count)
    if let sample = scores.firstIndex(where: \.isNaN) {
      throw EvalError(.malformedData, "the score of sample \(sample) is not a number")
    }
  }

  private static func entries(
    _ samples: [Int], isPositive: [Bool], scores: [Double], units: [Int]
  ) -> [Entry] {
    let ranked = samples.sorted { scores[$0] < scores[$1] }
    return ranked.indices.map { rank in
      let sample = ranked[rank]
      return Entry(
        unit: units[sample], isPositive: isPositive[sample],
        endsStep: rank + 1 == ranked.count || scores[ranked[rank + 1]] != scores[sample])
    }
  }

  /// A sample, in rising order of score.
  private struct Entry: Sendable {
    var unit: Int
    var isPositive: Bool
    /// The next one has another score.
    var endsStep: Bool
  }

  private static func area(_ entries: [Entry], weights: [Int32]?) -> Double? {
    // In half pairs, so that all sums are whole numbers.
    var wonHalves = 0.0
    var (positives, negatives) = (0, 0)
    var (stepPositives, stepNegatives) = (0, 0)
    for entry in entries {
      let weight = weights.map { Int($0[entry.unit]) } ?? 1
      if entry.isPositive { stepPositives += weight } else { stepNegatives += weight }
      guard entry.endsStep else { continue }
      wonHalves += Double(stepPositives) * Double(2 * negatives + stepNegatives)
      positives += stepPositives
      negatives += stepNegatives
      (stepPositives, stepNegatives) = (0, 0)
    }
    guard positives > 0, negatives > 0 else { return nil }
    return wonHalves / (2 * Double(positives) * Double(negatives))
  }
}
