import Core

/// The percentile bootstrap of what one classifier scores more than another on the same samples: every resample draws the same samples for
/// both, and the metric is taken anew of each.
///
/// Resamples come in streams with a generator each, so that results do not depend on the number of threads.
package enum PairedBootstrap {
  package static let streams = 100
  package static let testName = "paired-bootstrap"

  /// A difference with what the resamples say of it.
  package struct Estimate: Sendable, Equatable {
    package let difference: Double
    /// Nil where all resamples say the same: that is no knowledge of a spread of 0.
    package let interval: Interval?
    /// Two-sided: the smallest level at which the percentile interval leaves 0 out, (1 + resamples on the rarer side of 0) / (1 + all)
    /// twice, at most 1; one that is 0 lies on both sides. 1 where nothing differs; nil where all resamples say the same of a difference.
    package let pValue: Double?

    init?(_ difference: Double?, _ replicates: [Double], confidence: Double) {
      guard let difference, let first = replicates.first else { return nil }
      self.difference = difference
      guard replicates.contains(where: { abs($0 - first) > PairedBootstrap.rounding }) else {
        interval = nil
        pValue = abs(difference) <= PairedBootstrap.rounding ? 1 : nil
        return
      }
      interval = Interval(confidence: confidence, percentilesOf: replicates.sorted())
      let below = replicates.count { $0 <= PairedBootstrap.rounding }
      let above = replicates.count { $0 >= -PairedBootstrap.rounding }
      pValue = min(1, 2 * Double(1 + min(below, above)) / Double(1 + replicates.count))
    }
  }

  /// Sums of fractions are this close to what they stand for.
  fileprivate static let rounding = 1e-12

  /// - Parameter unit: what is drawn, in the plural.
  package static func methodName(
    unit: String = "samples", strata: String? = nil, resamples: Int = Bootstrap.resampleCount
  ) -> String {
    func word(_ text: String) -> String { text.split(separator: " ").joined(separator: "-") }
    return Bootstrap.method(
      "paired-bootstrap-percentile units=\(word(unit))"
        + (strata.map { " strata=\(word($0))" } ?? "") + " streams=\(streams)",
      resamples: resamples)
  }

  // MARK: independent samples

  /// How many samples differ by how much.
  package typealias Stratum = [Double: Int]

  /// Of the mean over strata of each one's mean difference: an accuracy of one stratum, a mean per class of as many as there are classes. A
  /// resample draws as many samples of each stratum as it has. Samples that differ by the same are alike, so that how many are drawn of each kind is
  /// multinomial and nothing else is drawn.
  package static func difference(
    ofStrata strata: [Stratum], confidence: Double = 0.95,
    resamples: Int = Bootstrap.resampleCount, threads: Int = 1
  ) throws -> Estimate? {
    let strata = strata.map { $0.filter { $0.value > 0 } }.filter { !$0.isEmpty }
    guard !strata.isEmpty, Bootstrap.accepts([confidence], resamples: resamples),
      strata.allSatisfy({ $0.values.reduce(0, +) < Int32.max })
    else { return nil }
    let share = 1 / Double(strata.count)
    var fixed = 0.0
    var drawn: [Kinds] = []
    for stratum in strata {
      let kinds = Kinds(stratum)
      if kinds.isVaried { drawn.append(kinds) } else { fixed += share * kinds.mean }
    }
    let constant = fixed
    let varied = drawn
    let replicates = try inStreams(resamples, threads: threads) { generator in
      var sum = constant
      for kinds in varied { sum += share * kinds.resampledMean(&generator) }
      return [sum]
    }
    return Estimate(
      constant + share * varied.reduce(0) { $0 + $1.mean }, replicates.compactMap { $0[0] },
      confidence: confidence)
  }

  private struct Kinds {
    /// The most frequent last: the others are few, and quickly drawn.
    let kinds: [(value: Double, count: Int)]
    let total: Int

    init(_ stratum: Stratum) {
      kinds = stratum.map { (value: $0.key, count: $0.value) }
        .sorted { ($0.count, $0.value) < ($1.count, $1.value) }
      total = kinds.reduce(0) { $0 + $1.count }
    }

    var isVaried: Bool { kinds.count > 1 }

    var mean: Double {
      kinds.reduce(0) { $0 + $1.value * Double($1.count) } / Double(total)
    }

    func resampledMean(_ generator: inout Xoshiro256StarStar) -> Double {
      var (samplesLeft, drawsLeft) = (total, total)
      var sum = 0.0
      for (value, count) in kinds {
        guard drawsLeft > 0 else { break }
        let drawn =
          count == samplesLeft
          ? drawsLeft
          : BinomialSampler.draw(
            trials: drawsLeft, probability: Double(count) / Double(samplesLeft), from: &generator)
        sum += value * Double(drawn)
        samplesLeft -= count
        drawsLeft -= drawn
      }
      return sum / Double(total)
    }
  }

  // MARK: any statistic

  /// Of any differences of a whole split, or of one whose samples hang together.
  ///
  /// - Parameters:
  ///   - units: samples, or groups of them.
  ///   - statistics: given how often each unit was drawn, differences in a fixed order; nil where the resample does not define one, which is then left out of its
  ///     interval.
  /// - Returns: an estimate for each; nil for one that is not defined of all units, or of no resample. No estimates with fewer than two units.
  package static func differences(
    units: Int, confidence: Double = 0.95, resamples: Int = Bootstrap.resampleCount,
    threads: Int = 1, _ statistics: @escaping @Sendable ([Int32]) -> [Double?]
  ) throws -> [Estimate?] {
    guard units > 1, units < Int32.max, Bootstrap.accepts([confidence], resamples: resamples) else {
      return []
    }
    let estimates = statistics([Int32](repeating: 1, count: units))
    let replicates = try inStreams(resamples, threads: threads) { generator in
      var weights = [Int32](repeating: 0, count: units)
      for _ in 0..<units { weights[Int(generator.next(below: UInt64(units)))] += 1 }
      return statistics(weights)
    }
    return estimates.indices.map { place in
      Estimate(estimates[place], replicates.compactMap { $0[place] }, confidence: confidence)
    }
  }

  private static func inStreams(
    _ resamples: Int, threads: Int,
    _ resample: @escaping @Sendable (inout Xoshiro256StarStar) -> [Double?]
  ) throws -> [[Double?]] {
    try Workers.map(count: streams, threads: max(1, threads)) { stream in
      try Interruption.check()
      var generator = Xoshiro256StarStar(seed: Bootstrap.seed &+ UInt64(stream))
      let count = resamples * (stream + 1) / streams - resamples * stream / streams
      return (0..<count).map { _ in resample(&generator) }
    }.flatMap(\.self)
  }
}
