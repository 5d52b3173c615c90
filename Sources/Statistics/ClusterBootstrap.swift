/// Percentile bootstrap of a proportion whose trials come in clusters that are not independent within (the captions of an
/// image): whole clusters are drawn with replacement, as many as there are (Davison and Hinkley 1997, section 3.8).
///
/// Clusters are put in order of size and successes before any is drawn, so the interval depends on the outcomes alone,
/// not on the order of samples.
package enum ClusterBootstrap {
  /// - Parameter unit: what a cluster is, in the plural.
  package static func methodName(
    _ unit: String = "images", resamples: Int = Bootstrap.resampleCount
  ) -> String {
    Bootstrap.method(
      "cluster-bootstrap-percentile clusters=\(unit.split(separator: " ").joined(separator: "-"))",
      resamples: resamples)
  }

  /// One interval per entry of `confidences`, all from the same resamples.
  ///
  /// - Parameters:
  ///   - successes: per cluster, between 0 and its `trials`.
  ///   - trials: per cluster; clusters without trials are left out.
  /// - Returns: nil when the arguments describe no outcome, and when every trial has the same outcome or there is one
  ///   cluster only: resamples then show no spread, whatever there is.
  package static func intervals(
    successes: [Int], trials: [Int], confidences: [Double],
    resamples: Int = Bootstrap.resampleCount
  ) -> [Interval]? {
    guard
      Bootstrap.accepts(
        successes: successes, trials: trials, confidences: confidences, resamples: resamples)
    else { return nil }
    let clusters = zip(successes, trials).filter { $1 > 0 }
      .map { (successes: $0, trials: $1) }
      .sorted { ($0.trials, $0.successes) < ($1.trials, $1.successes) }
    let hits = clusters.reduce(0) { $0 + $1.successes }
    guard clusters.count > 1, hits > 0, hits < clusters.reduce(0, { $0 + $1.trials }) else {
      return nil
    }

    var generator = Xoshiro256StarStar(seed: Bootstrap.seed)
    var proportions: [Double] = []
    proportions.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var (drawn, right) = (0, 0)
      for _ in clusters.indices {
        let cluster = clusters[Int(generator.next(below: UInt64(clusters.count)))]
        drawn += cluster.trials
        right += cluster.successes
      }
      proportions.append(Double(right) / Double(drawn))
    }
    proportions.sort()
    return confidences.map { Interval(confidence: $0, percentilesOf: proportions) }
  }
}
