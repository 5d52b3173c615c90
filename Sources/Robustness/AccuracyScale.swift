import Foundation
import Statistics

/// The scale of an accuracy on which models of one kind lie along a straight line (Taori et al. 2020, section 3).
package enum AccuracyScale: String, Codable, CaseIterable, Sendable {
  /// log(p / (1 − p)), as the paper's Figures 13 to 15 have it.
  case logit
  /// The quantile of the standard normal distribution, as Miller et al. 2021 have it.
  case probit
  case linear

  /// - Parameter fraction: an accuracy, 0…1.
  /// - Returns: nil outside of 0…1, and on `logit` and `probit` at 0 and 1, which lie at infinity.
  package func transformed(_ fraction: Double) -> Double? {
    guard (0...1).contains(fraction) else { return nil }
    switch self {
    case .linear: return fraction
    case .logit: return fraction > 0 && fraction < 1 ? log(fraction / (1 - fraction)) : nil
    case .probit: return NormalDistribution.quantile(fraction)
    }
  }

  /// The same of an accuracy of so many samples. On `logit` and `probit`, 0 and 1 stand for (k + ½) / (n + 1), where k of n samples
  /// were right; without n they have no place.
  package func transformed(_ fraction: Double, count: Int?) -> Double? {
    if let value = transformed(fraction) { return value }
    guard fraction == 0 || fraction == 1, let count, count > 0 else { return nil }
    return transformed((fraction * Double(count) + 0.5) / (Double(count) + 1))
  }

  /// What lies at a value of the scale: always within 0…1 on `logit` and `probit`, anything on `linear`.
  package func fraction(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .logit: value >= 0 ? 1 / (1 + exp(-value)) : exp(value) / (1 + exp(value))
    case .probit: NormalDistribution.probability(value)
    }
  }

  /// How fast the scale rises at a fraction strictly between 0 and 1.
  func slope(at fraction: Double) -> Double {
    switch self {
    case .linear: return 1
    case .logit: return 1 / (fraction * (1 - fraction))
    case .probit:
      let z = NormalDistribution.quantile(fraction) ?? 0
      return (2 * Double.pi).squareRoot() * exp(z * z / 2)
    }
  }
}
