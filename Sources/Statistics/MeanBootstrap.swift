/// The bootstrap of a mean over samples, and of the difference of two on the same samples, whose every resample draws the same for both: samples,
/// or whole clusters of samples that are not independent (frames of a video, captions of an image).
///
/// `scipy.stats.bootstrap((first, second), statistic, paired=True)`, whose units are the samples.
package enum MeanBootstrap {
  /// - Parameters:
  ///   - first, second: per sample the score of each of the two, in the same order: right or wrong as 1 or 0, or any number.
  ///   - clusters: of each sample, which it belongs to; nil where each stands alone.
  /// - Returns: of the mean of the first less that of the second; nil as `of(_:)`.
  package static func difference(
    _ first: [Double], _ second: [Double], clusters: [Int]? = nil, confidence: Double = 0.95,
    resamples: Resamples = .drawn()
  ) -> BootstrapIntervals? {
    guard first.count == second.count else { return nil }
    return of(
      zip(first, second).map { $0 - $1 }, clusters: clusters, confidence: confidence,
      resamples: resamples)
  }

  /// Units are drawn in the order of their sizes and values, so that the intervals do not depend on the order of samples; given resamples draw
  /// samples in their order, or clusters in the order of their numbers.
  /// - Parameter clusters: of each sample, which it belongs to; nil where each stands alone. Leaving one out for the acceleration leaves out
  ///   all its samples.
  /// - Returns: nil with fewer than two units, where a value is not finite, and where no resample can differ from the estimate since all
  ///   units have the same mean: that is no knowledge of a spread of 0.
  package static func of(
    _ values: [Double], clusters: [Int]? = nil, confidence: Double = 0.95,
    resamples: Resamples = .drawn()
  ) -> BootstrapIntervals? {
    guard clusters.map({ $0.count == values.count }) ?? true, values.allSatisfy(\.isFinite),
      resamples.count > 0, confidence > 0, confidence < 1
    else { return nil }
    var units = Self.units(values, clusters)
    guard units.count > 1, let first = units.first,
      units.contains(where: { $0.sum * first.size != first.sum * $0.size })
    else { return nil }
    if case .drawn = resamples { units.sort { ($0.size, $0.sum) < ($1.size, $1.sum) } }

    let (sum, size) = units.reduce((0.0, 0.0)) { ($0.0 + $1.sum, $0.1 + $1.size) }
    // Samples that stand alone need no sizes; half the memory to draw from.
    let sums = units.map(\.sum)
    let sizes = units.allSatisfy { $0.size == 1 } ? nil : units.map(\.size)
    var replicates: [Double] = []
    replicates.reserveCapacity(resamples.count)
    let isDone = resamples.forEach(units: units.count) { drawn in
      var (sum, size) = (0.0, Double(drawn.count))
      for unit in drawn { sum += sums[unit] }
      if let sizes {
        size = 0
        for unit in drawn { size += sizes[unit] }
      }
      replicates.append(sum / size)
    }
    guard isDone else { return nil }
    return BootstrapIntervals(
      estimate: sum / size, units: units.count, replicates: replicates,
      jackknife: units.map { (sum - $0.sum) / (size - $0.size) }, confidence: confidence)
  }

  private struct Unit {
    var sum = 0.0
    var size = 0.0
  }

  private static func units(_ values: [Double], _ clusters: [Int]?) -> [Unit] {
    guard let clusters else { return values.map { Unit(sum: $0, size: 1) } }
    var units: [Int: Unit] = [:]
    for (value, cluster) in zip(values, clusters) {
      units[cluster, default: Unit()].sum += value
      units[cluster, default: Unit()].size += 1
    }
    return units.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension MeanBootstrap {
  /// How a result names the method of `percentile` or of `bca`.
  /// - Parameter unit: what is drawn, in the plural.
  package static func methodName(
    _ kind: String, unit: String = "samples", resamples: Int = Bootstrap.resampleCount
  ) -> String {
    Bootstrap.method("paired-bootstrap-\(kind) units=\(unit)", resamples: resamples)
  }
}
