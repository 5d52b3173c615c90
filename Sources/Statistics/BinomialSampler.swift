import Foundation

/// Draws of a binomial distribution: how many of `trials` samples a resample takes of one kind, without drawing each of them.
///
/// By inversion where few are expected (Kachitvichyanukul and Schmeiser, CACM 1988, their BINV), else by transformed rejection with
/// squeeze (Hörmann, Journal of Statistical Computation and Simulation 1993, his BTRS). Both are exact but for rounding.
enum BinomialSampler {
  static func draw(
    trials: Int, probability: Double, from generator: inout Xoshiro256StarStar
  ) -> Int {
    if trials <= 0 || probability <= 0 { return 0 }
    if probability >= 1 { return trials }
    guard probability <= 0.5 else {
      return trials - draw(trials: trials, probability: 1 - probability, from: &generator)
    }
    return Double(trials) * probability < 10
      ? inversion(trials, probability, &generator) : rejection(trials, probability, &generator)
  }

  private static func inversion(
    _ trials: Int, _ probability: Double, _ generator: inout Xoshiro256StarStar
  ) -> Int {
    let odds = probability / (1 - probability)
    let scale = Double(trials + 1) * odds
    var mass = exp(Double(trials) * log1p(-probability))
    var left = generator.nextUnit()
    var drawn = 0
    while left > mass, drawn < trials {
      left -= mass
      drawn += 1
      mass *= scale / Double(drawn) - odds
    }
    return drawn
  }

  private static func rejection(
    _ trials: Int, _ probability: Double, _ generator: inout Xoshiro256StarStar
  ) -> Int {
    let (n, p) = (Double(trials), probability)
    let spread = (n * p * (1 - p)).squareRoot()
    let b = 1.15 + 2.53 * spread
    let a = -0.0873 + 0.0248 * b + 0.01 * p
    let center = n * p + 0.5
    let squeeze = 0.92 - 4.2 / b
    let alpha = (2.83 + 5.1 / b) * spread
    let odds = p / (1 - p)
    let mode = ((n + 1) * p).rounded(.down)
    while true {
      let u = generator.nextUnit() - 0.5
      let v = generator.nextUnit()
      let reach = 0.5 - abs(u)
      let k = ((2 * a / reach + b) * u + center).rounded(.down)
      if reach >= 0.07, v <= squeeze { return Int(k) }
      guard k >= 0, k <= n else { continue }
      let bound =
        (mode + 0.5) * log((mode + 1) / (odds * (n - mode + 1)))
        + (n + 1) * log((n - mode + 1) / (n - k + 1))
        + (k + 0.5) * log(odds * (n - k + 1) / (k + 1))
        + correction(mode) + correction(n - mode) - correction(k) - correction(n - k)
      if log(v * alpha / (a / (reach * reach) + b)) <= bound { return Int(k) }
    }
  }

  /// log k! less Stirling's approximation (k + ½) log(k + 1) − (k + 1) + ½ log 2π.
  private static func correction(_ k: Double) -> Double {
    if k < 10 { return small[Int(k)] }
    let inverse = 1 / (k + 1)
    let square = inverse * inverse
    return (1.0 / 12 - (1.0 / 360 - square / 1260) * square) * inverse
  }

  private static let small: [Double] = (0..<10).map { k in
    let k = Double(k)
    return lgamma(k + 1) - ((k + 0.5) * log(k + 1) - (k + 1) + 0.5 * log(2 * Double.pi))
  }
}

extension Xoshiro256StarStar {
  /// Between 0 and 1, neither of them.
  mutating func nextUnit() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
}
