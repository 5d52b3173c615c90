package import Core
package import Statistics

/// One result under several protocols, sample by sample: what sums and differences of the values are, and how far these would vary on other
/// samples. Every resample draws the same samples for all.
///
/// The protocols may be of other samples of the dataset: those of one sample set are drawn as many as there are of them, so that differences of
/// values on disjoint sets are of independent draws, and on nested ones of what they share.
package struct VariantScores: Sendable {
  /// A sum of values, each times a number: `[1: 1, 0: -1]` is the second less the first.
  package typealias Combination = [Int: Double]

  package enum Method: Sendable, Equatable {
    /// Values are sums over samples, which are drawn one by one; each class's apart where a value is a mean over classes.
    case sums
    /// The metric is taken anew of every resample.
    case anew(unit: String)
  }

  package let method: Method
  private let variants: [ScoredVariant]
  private let resamples: Int
  private let threads: Int
  private let universe: SampleUniverse

  /// Resamples of metrics that have to be taken anew of each.
  package static let fewerResamples = 2_000

  /// - Parameters:
  ///   - unit: what is drawn where samples hang together, in the plural.
  /// - Throws: `EvalError.bug` for no variant.
  package init(
    _ variants: [ScoredVariant], unit: String?, resamples: Int = Bootstrap.resampleCount,
    threads: Int
  ) throws(EvalError) {
    guard !variants.isEmpty else { throw EvalError(.bug, "no variant to compare") }
    self.variants = variants
    self.threads = threads
    universe = SampleUniverse(variants)
    let areSums = variants.allSatisfy { variant in
      if case .credits = variant.scores { return variant.groups == nil && variant.folds == nil }
      return false
    }
    method =
      areSums
      ? .sums
      : .anew(unit: unit ?? (variants.contains { $0.groups != nil } ? "groups" : "samples"))
    self.resamples = areSums ? resamples : min(resamples, Self.fewerResamples)
  }

  /// As results name it.
  package func methodName(of combination: Combination) -> String {
    switch method {
    case .sums:
      PairedBootstrap.methodName(
        strata: isByClass(combination) ? "classes" : nil, resamples: resamples)
    case .anew(let unit): PairedBootstrap.methodName(unit: unit, resamples: resamples)
    }
  }

  private func isByClass(_ combination: Combination) -> Bool {
    combination.contains { $0.value != 0 && variants[$0.key].owners != nil }
  }

  /// Each combination with an interval and the test of its being 0; nil where the metric is not defined.
  package func estimates(_ combinations: [Combination]) throws -> [PairedBootstrap.Estimate?] {
    switch method {
    case .sums:
      let contributions = variants.map { $0.contributions() }
      return try combinations.map {
        try PairedBootstrap.difference(
          ofStrata: strata(of: $0, contributions), resamples: resamples, threads: threads)
      }
    case .anew:
      let statistics = try variants.enumerated().map {
        try $1.statistic(unitOf: universe.units(of: $0))
      }
      return try PairedBootstrap.differences(
        units: universe.unitCount, resamples: resamples, threads: threads
      ) { weights in
        let values = statistics.map { $0(weights) }
        return combinations.map { combination in
          var sum = 0.0
          for (variant, factor) in combination {
            guard let value = values[variant] else { return nil }
            sum += factor * value
          }
          return sum
        }
      }
    }
  }

  /// The value of each variant; nil where the metric is not defined.
  package func values() throws -> [Double?] {
    if case .sums = method { return variants.map { $0.contributions().reduce(0, +) } }
    let once = [Int32](repeating: 1, count: universe.unitCount)
    return try variants.enumerated().map {
      try $1.statistic(unitOf: universe.units(of: $0))(once)
    }
  }

  /// What a combination sums over the samples of each stratum, as means: `PairedBootstrap` takes the mean over strata of their means.
  private func strata(
    of combination: Combination, _ contributions: [[Double]]
  ) -> [PairedBootstrap.Stratum] {
    var sums = [Double](repeating: 0, count: universe.count)
    // In order, so that equal samples have equal sums.
    for (variant, factor) in combination.sorted(by: { $0.key < $1.key }) where factor != 0 {
      for (row, value) in contributions[variant].enumerated() {
        sums[universe.place(of: row, in: variant)] += factor * value
      }
    }
    let drawn = universe.strata(byClass: isByClass(combination))
    let sizes = drawn.sizes
    let count = Double(sizes.count)
    var strata = [PairedBootstrap.Stratum](repeating: [:], count: sizes.count)
    for (place, sum) in sums.enumerated() {
      let stratum = drawn.ofPlace[place]
      strata[stratum][sum * Double(sizes[stratum]) * count, default: 0] += 1
    }
    return strata
  }
}
