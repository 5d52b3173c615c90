/// Percentile bootstrap over images, for statistics of a whole split that are no mean over its images (average precision): each
/// resample draws as many images as there are, with replacement. With groups of images in place of images it is the bootstrap
/// of `ClusterBootstrap` for any statistic.
package enum ImageBootstrap {
  package static func methodName(resamples: Int = Bootstrap.resampleCount) -> String {
    Bootstrap.method("image-bootstrap-percentile", resamples: resamples)
  }

  /// For each statistic one interval per entry of `confidences`, all from the same resamples.
  ///
  /// - Parameters:
  ///   - count: images of the split.
  ///   - statistics: given how often each image was drawn, the statistics in a fixed order; nil where the resample does not define
  ///     one, which is then left out of its interval.
  /// - Returns: nil with fewer than two images, of which every resample is the split itself, or where a statistic is never defined.
  package static func intervals(
    count: Int, confidences: [Double], resamples: Int = Bootstrap.resampleCount,
    _ statistics: ([Int32]) -> [Double?]
  ) -> [[Interval]]? {
    guard count > 1, count < Int32.max, Bootstrap.accepts(confidences, resamples: resamples) else {
      return nil
    }
    var generator = Xoshiro256StarStar(seed: Bootstrap.seed)
    var values: [[Double]] = []
    var weights = [Int32](repeating: 0, count: count)
    for _ in 0..<resamples {
      for index in weights.indices { weights[index] = 0 }
      for _ in 0..<count { weights[Int(generator.next(below: UInt64(count)))] += 1 }
      let found = statistics(weights)
      if values.isEmpty { values = found.map { _ in [] } }
      precondition(found.count == values.count, "the same statistics of every resample")
      for (index, value) in found.enumerated() {
        if let value { values[index].append(value) }
      }
    }
    guard values.allSatisfy({ !$0.isEmpty }) else { return nil }
    return values.map { values in
      let sorted = values.sorted()
      return confidences.map { Interval(confidence: $0, percentilesOf: sorted) }
    }
  }
}
