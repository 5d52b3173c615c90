/// What the bootstraps have in common.
package enum Bootstrap {
  package static let resampleCount = 10_000
  static let seed: UInt64 = 2_103_00020

  /// How a result names an interval's method, with all that decides its resamples.
  static func method(_ name: String, resamples: Int = resampleCount) -> String {
    "\(name) resamples=\(resamples) prng=xoshiro256starstar seed=\(seed)"
  }

  /// Whether there can be an interval: successes and trials by group, between 0 and 1 the confidences.
  static func accepts(
    successes: [Int], trials: [Int], confidences: [Double], resamples: Int
  ) -> Bool {
    successes.count == trials.count && accepts(confidences, resamples: resamples)
      && zip(successes, trials).allSatisfy { $0 >= 0 && $0 <= $1 }
  }

  static func accepts(_ confidences: [Double], resamples: Int) -> Bool {
    resamples > 0 && confidences.allSatisfy { $0 > 0 && $0 < 1 }
  }
}

extension Interval {
  /// The central percentile interval of a bootstrap.
  /// - Parameter sorted: at least one value.
  init(confidence: Double, percentilesOf sorted: [Double]) {
    let tail = (1 - confidence) / 2
    self.init(lower: sorted.quantile(tail), upper: sorted.quantile(1 - tail))
  }
}

extension [Double] {
  /// Of sorted values, at least one: linear interpolation between order statistics, as `numpy.quantile` does by default.
  func quantile(_ probability: Double) -> Double {
    let position = probability * Double(count - 1)
    let below = Swift.min(Swift.max(Int(position), 0), count - 1)
    let above = Swift.min(below + 1, count - 1)
    return self[below] + (position - Double(below)) * (self[above] - self[below])
  }
}
