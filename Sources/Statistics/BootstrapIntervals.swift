import CSpecialFunctions
import Foundation

/// A statistic with both intervals of one bootstrap.
package struct BootstrapIntervals: Sendable, Equatable {
  package let estimate: Double
  /// Units that were drawn: samples, or clusters.
  package let units: Int
  /// Resamples that define the statistic.
  package let resamples: Int
  /// Between the central percentiles of the resamples' values.
  package let percentile: Interval
  /// Bias-corrected and accelerated (Efron, JASA 1987; Davison and Hinkley 1997, section 5.3): percentiles shifted by how the resamples lie about the
  /// estimate and by how its variance changes with it. `scipy.stats.bootstrap(method="BCa")`; `boot.ci(type = "bca")` of R. Nil where all
  /// resamples lie on one side of the estimate, or where leaving out any unit leaves the estimate as it is.
  package let bca: Interval?

  /// - Parameters:
  ///   - replicates: the statistic of each resample.
  ///   - jackknife: the statistic without each unit in turn; for the acceleration.
  /// - Returns: nil without resamples.
  init?(
    estimate: Double, units: Int, replicates: [Double], jackknife: [Double], confidence: Double
  ) {
    guard !replicates.isEmpty, confidence > 0, confidence < 1 else { return nil }
    let sorted = replicates.sorted()
    self.estimate = estimate
    self.units = units
    resamples = sorted.count
    percentile = Interval(confidence: confidence, percentilesOf: sorted)
    guard let bias = Self.bias(estimate, sorted), let acceleration = Self.acceleration(jackknife),
      let z = normalTwoSided(confidence: confidence)
    else {
      bca = nil
      return
    }
    func level(_ z: Double) -> Double? {
      let shifted = bias + z
      let denominator = 1 - acceleration * shifted
      guard denominator > 0 else { return nil }
      return special_normal_upper(-(bias + shifted / denominator))
    }
    bca = level(-z).flatMap { low in
      level(z).map { high in
        Interval(lower: sorted.quantile(low), upper: sorted.quantile(high))
      }
    }
  }

  /// The normal quantile of the share of resamples below the estimate, those equal to it counting half (as SciPy): accuracies take few values,
  /// and many resamples have the estimate's own.
  private static func bias(_ estimate: Double, _ sorted: [Double]) -> Double? {
    let below = sorted.count { $0 < estimate }
    let equal = sorted.count { $0 == estimate }
    let share = (Double(below) + Double(equal) / 2) / Double(sorted.count)
    return finite(special_normal_quantile_upper(share)).map { -$0 }
  }

  /// Σ d³ / 6 (Σ d²)^1.5, of what the statistic without each unit falls short of their mean.
  private static func acceleration(_ jackknife: [Double]) -> Double? {
    guard let first = jackknife.first, jackknife.contains(where: { $0 != first }) else {
      return nil
    }
    let mean = jackknife.reduce(0, +) / Double(jackknife.count)
    var (squares, cubes) = (0.0, 0.0)
    for value in jackknife {
      let difference = mean - value
      squares += difference * difference
      cubes += difference * difference * difference
    }
    return finite(cubes / (6 * pow(squares, 1.5)))
  }
}
