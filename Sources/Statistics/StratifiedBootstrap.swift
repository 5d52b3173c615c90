/// Percentile bootstrap of the mean of per-stratum success rates (mean-per-class accuracy), resampling
/// within each stratum so that every resample keeps the class counts of the split.
///
/// A resample draws, for each stratum in order, `trials` positions with replacement and counts those below
/// `successes`; which samples of a class were right does not matter, so the interval depends only on the
/// counts, not on the order of samples. A stratum whose samples are all right or all wrong (always so with
/// one sample) contributes no spread: the interval is too narrow where classes have few samples.
package enum StratifiedBootstrap {
  package static let methodName = Bootstrap.method("stratified-bootstrap-percentile")

  /// One interval per entry of `confidences`, all from the same resamples.
  ///
  /// - Parameters:
  ///   - successes: per stratum, between 0 and its `trials`.
  ///   - trials: per stratum; strata without trials are left out.
  /// - Returns: nil when no stratum has trials or the arguments describe no outcome.
  package static func intervals(
    successes: [Int], trials: [Int], confidences: [Double],
    resamples: Int = Bootstrap.resampleCount
  ) -> [Interval]? {
    guard
      Bootstrap.accepts(
        successes: successes, trials: trials, confidences: confidences, resamples: resamples)
    else { return nil }
    let strata = zip(successes, trials).filter { $1 > 0 }
      .map { (successes: UInt64($0), trials: UInt64($1)) }
    guard !strata.isEmpty else { return nil }

    var generator = Xoshiro256StarStar(seed: Bootstrap.seed)
    var means: [Double] = []
    means.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var sum = 0.0
      for stratum in strata {
        var hits = 0
        for _ in 0..<stratum.trials
        where generator.next(below: stratum.trials) < stratum.successes {
          hits += 1
        }
        sum += Double(hits) / Double(stratum.trials)
      }
      means.append(sum / Double(strata.count))
    }
    means.sort()
    return confidences.map { Interval(confidence: $0, percentilesOf: means) }
  }
}
