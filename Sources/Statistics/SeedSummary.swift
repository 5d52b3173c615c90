/// Results of the same measurement with several seeds, each with training examples of its own, on one test set.
///
/// Two things make such a mean uncertain, and each has its interval: which training examples were drawn (`trainingInterval95`), and
/// which test images there are (`testInterval95`). Neither includes the other.
package struct SeedSummary: Sendable, Equatable {
  /// Of each seed, in their order.
  package let values: [Double]
  package let mean: Double
  /// With n − 1 in the denominator; nil with one seed.
  package let standardDeviation: Double?
  /// mean ± t · s/√n with n − 1 degrees of freedom; nil with one seed. Its ends may lie outside 0…1.
  package let trainingInterval95: Interval?
  /// The means of the lower and of the upper ends of the seeds' own intervals: what the interval of one run is on average. Nil
  /// where a seed has none.
  package let testInterval95: Interval?
  /// How the seeds' own intervals were made.
  package let testIntervalMethod: String?

  package static let trainingIntervalMethod = "student-t-over-seeds (training-sample variance)"

  /// - Parameters:
  ///   - testIntervals: the 95 % interval of each seed's value over test images (Clopper–Pearson of an accuracy); empty for none.
  ///   - testMethod: how they were made.
  /// - Returns: nil without values, where one is not finite, or where there is not an interval for each.
  package init?(
    _ values: [Double], testIntervals: [Interval?] = [], testMethod: String? = nil,
    confidence: Double = 0.95
  ) {
    guard !values.isEmpty, values.allSatisfy(\.isFinite),
      testIntervals.isEmpty || testIntervals.count == values.count
    else { return nil }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.values = values
    self.mean = mean
    if let t = StudentT.twoSided(confidence: confidence, degrees: count - 1) {
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / (count - 1)).squareRoot()
      let reach = t * deviation / count.squareRoot()
      standardDeviation = deviation
      trainingInterval95 = Interval(lower: mean - reach, upper: mean + reach)
    } else {
      (standardDeviation, trainingInterval95) = (nil, nil)
    }
    let known = testIntervals.compactMap(\.self)
    guard !known.isEmpty, known.count == values.count else {
      (testInterval95, testIntervalMethod) = (nil, nil)
      return
    }
    testInterval95 = Interval(
      lower: known.reduce(0) { $0 + $1.lower } / count,
      upper: known.reduce(0) { $0 + $1.upper } / count)
    testIntervalMethod = testMethod.map { "\($0) (test-sample variance, mean of seeds)" }
  }
}
