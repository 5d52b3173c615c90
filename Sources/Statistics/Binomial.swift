import CSpecialFunctions

/// The distribution of successes among `trials` independent trials of the same probability, by the incomplete beta function (DLMF 8.17.5). Boost
/// computes it in more than double precision where the machine has that: both tails keep 12 digits or more for 10⁷ trials and down to 1e-300.
struct Binomial {
  let trials: Int
  let probability: Double

  /// - Returns: nil without trials, with more than a double counts, and where `probability` is outside 0…1.
  init?(trials: Int, probability: Double) {
    guard trials > 0, trials <= 1 << 52, probability >= 0, probability <= 1 else { return nil }
    self.trials = trials
    self.probability = probability
  }

  private var n: Double { Double(trials) }
  var mean: Double { n * probability }

  /// P(X = k); 0 below 1e-308 or so, as the tails.
  func mass(_ k: Int) -> Double {
    guard (0...trials).contains(k) else { return 0 }
    let x = Double(k)
    return special_beta_density(x + 1, n - x + 1, probability) / (n + 1)
  }

  /// P(X ≤ k).
  func lower(_ k: Int) -> Double {
    if k < 0 { return 0 }
    if k >= trials { return 1 }
    return special_beta_upper(Double(k) + 1, n - Double(k), probability)
  }

  /// P(X ≥ k).
  func upper(_ k: Int) -> Double {
    if k <= 0 { return 1 }
    if k > trials { return 0 }
    return special_beta_lower(Double(k), n - Double(k) + 1, probability)
  }
}
