/// The bootstrap of statistics that depend only on how many samples are of each kind (right and overlapping, wrong and overlapping, …): fast for
/// any number of samples, and the same for any order of them.
package enum CountBootstrap {
  package static func methodName(
    _ kind: String, resamples: Int = Bootstrap.resampleCount
  ) -> String {
    Bootstrap.method("bootstrap-\(kind)", resamples: resamples)
  }

  /// - Parameters:
  ///   - counts: samples of each kind; as many are drawn, with replacement.
  ///   - statistics: of such counts, in a fixed order; nil where they do not define one. A resample without a value is left out of that one.
  /// - Returns: for each statistic its intervals, from the same resamples; nil for those not defined of the counts themselves, of no resample, or of
  ///   all samples but one, and for those whose resamples all say the same, which is no knowledge of a spread of 0.
  package static func intervals(
    counts: [Int], confidence: Double = 0.95, resamples: Int = Bootstrap.resampleCount,
    _ statistics: ([Int]) -> [Double?]
  ) -> [BootstrapIntervals?] {
    let estimates = statistics(counts)
    let none = estimates.map { _ -> BootstrapIntervals? in nil }
    let total = counts.reduce(0, +)
    guard total > 1, total <= 1 << 31, counts.count <= Int(UInt16.max),
      counts.allSatisfy({ $0 >= 0 }), Bootstrap.accepts([confidence], resamples: resamples)
    else { return none }

    var kinds: [UInt16] = []
    kinds.reserveCapacity(total)
    for (kind, count) in counts.enumerated() {
      kinds += repeatElement(UInt16(kind), count: count)
    }
    var replicates = estimates.map { _ -> [Double] in [] }
    var generator = Xoshiro256StarStar(seed: Bootstrap.seed)
    for _ in 0..<resamples {
      var drawn = [Int](repeating: 0, count: counts.count)
      for _ in 0..<total { drawn[Int(kinds[Int(generator.next(below: UInt64(total)))])] += 1 }
      for (place, value) in statistics(drawn).enumerated() {
        if let value { replicates[place].append(value) }
      }
    }

    // Samples of a kind are alike: leaving out any of them gives the same.
    let withoutOne = counts.indices.map { kind -> [Double?] in
      guard counts[kind] > 0 else { return [] }
      var others = counts
      others[kind] -= 1
      return statistics(others)
    }
    return estimates.indices.map { place in
      guard let estimate = estimates[place],
        replicates[place].contains(where: { $0 != replicates[place][0] })
      else { return nil }
      var jackknife: [Double] = []
      jackknife.reserveCapacity(total)
      for (kind, count) in counts.enumerated() where count > 0 {
        guard let value = withoutOne[kind][place] else { return nil }
        jackknife += repeatElement(value, count: count)
      }
      return BootstrapIntervals(
        estimate: estimate, units: total, replicates: replicates[place], jackknife: jackknife,
        confidence: confidence)
    }
  }
}
