/// The bootstrap of any statistic of a whole split (mean per class, average precision, the difference of two of them on the same samples), with both
/// intervals. For a mean, `MeanBootstrap` is faster.
package enum StatisticBootstrap {
  /// The acceleration takes the statistic once for each unit, beside once for each resample.
  /// - Parameters:
  ///   - count: units (samples, or clusters).
  ///   - statistic: given how often each unit counts; nil where that does not define it. A resample without a value is left out.
  /// - Returns: nil with fewer than two units, and where the statistic is not defined of all units, each once, of none of the resamples, or of all
  ///   units but one.
  package static func intervals(
    count: Int, confidence: Double = 0.95, resamples: Resamples = .drawn(),
    _ statistic: ([Int32]) -> Double?
  ) -> BootstrapIntervals? {
    guard count > 1, count < Int32.max, resamples.count > 0, confidence > 0, confidence < 1 else {
      return nil
    }
    var weights = [Int32](repeating: 1, count: count)
    guard let estimate = statistic(weights) else { return nil }
    var jackknife: [Double] = []
    for unit in 0..<count {
      weights[unit] = 0
      guard let value = statistic(weights) else { return nil }
      jackknife.append(value)
      weights[unit] = 1
    }
    var replicates: [Double] = []
    let isDone = resamples.forEach(units: count) { drawn in
      for unit in weights.indices { weights[unit] = 0 }
      for unit in drawn { weights[unit] += 1 }
      if let value = statistic(weights) { replicates.append(value) }
    }
    guard isDone else { return nil }
    return BootstrapIntervals(
      estimate: estimate, units: count, replicates: replicates, jackknife: jackknife,
      confidence: confidence)
  }
}
