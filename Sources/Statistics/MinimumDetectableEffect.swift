import CSpecialFunctions

/// The smallest difference between two accuracies on the same samples that a two-sided McNemar test finds with a given power, from how
/// often the two disagree (Miettinen, Biometrics 1968; Connor, Biometrics 1987): the d that solves
/// d √n = z(α/2) √ψ + z(β) √(ψ − d²), where ψ is the discordance. R's `MESS::power_mcnemar_test(method = "normal")`.
///
/// A planned comparison should be read with it: a difference that is not significant says little where the test could hardly have found
/// less. It rests on the normal approximation, which is good from about 20 discordant samples.
package enum MinimumDetectableEffect {
  package static let methodName = "mcnemar-normal (Connor 1987)"

  /// - Parameters:
  ///   - samples: on which both were evaluated.
  ///   - discordant: those that only one of the two got right.
  /// - Returns: a fraction of samples, 0…1; nil without samples or discordant ones, whose rate is then unknown, and where even all discordant
  ///   samples in favour of one would not give the power.
  package static func accuracyDifference(
    samples: Int, discordant: Int, power: Double = 0.8, alpha: Double = 0.05
  ) -> Double? {
    guard samples > 0, discordant > 0, discordant <= samples, power > 0, power < 1,
      alpha > 0, alpha < 1,
      let a = finite(special_normal_quantile_upper(alpha / 2)),
      let b = finite(special_normal_quantile_upper(1 - power))
    else { return nil }
    let n = Double(samples)
    let rate = Double(discordant) / n
    let root = n - a * a + b * b
    guard root >= 0 else { return nil }
    let effect = rate.squareRoot() * (n.squareRoot() * a + b * root.squareRoot()) / (n + b * b)
    return effect > 0 && effect <= rate ? effect : nil
  }
}
