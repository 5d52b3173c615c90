package import Statistics

/// How a result compares with the published one.
package enum Verdict: String, Sendable, Codable, CaseIterable {
  case agrees
  /// Rescoring under a named variant of the protocol agrees; only an explicit rescoring may say so.
  case differsByProtocol = "differs: protocol"
  case differsUnexplained = "differs: unexplained"
  case noReference = "no reference"
}

/// A number somebody published, to be compared with a result of the same model.
package struct PublishedFigure: Sendable, Equatable {
  package var reference: ResultRow.Reference
  /// Whether it was measured on the very images evaluated here; false where that is not known.
  package var usesSameImages: Bool
  /// Number of images it was measured on, where known; used when the images are not the same.
  package var sampleCount: Int?

  package init(reference: ResultRow.Reference, usesSameImages: Bool, sampleCount: Int? = nil) {
    self.reference = reference
    self.usesSameImages = usesSameImages
    self.sampleCount = sampleCount
  }
}

extension Verdict {
  /// Half of the last digit of a percentage printed with one decimal.
  static let printedPrecision = 0.0005

  /// On the same images, only rounding of the printed figure and near-tied samples can make a faithful
  /// reproduction differ. On other images of the same kind, sampling can too: the 95 % interval of the
  /// difference must contain 0.
  ///
  /// - Parameters:
  ///   - interval95: of `value`.
  ///   - count: number of samples behind `value`.
  ///   - nearTies: samples among them that the last bits of the arithmetic decide.
  package static func compare(
    _ value: Double, interval95: Interval?, count: Int, nearTies: Int,
    with published: PublishedFigure?
  ) -> Verdict {
    guard let published else { return .noReference }
    let delta = value - published.reference.value
    if published.usesSameImages {
      let tolerance = printedPrecision + Double(nearTies) / Double(max(count, 1))
      // Decimal fractions are not exact in binary; 1e-12 keeps a difference of just 0.0005 inside.
      return abs(delta) <= tolerance + 1e-12 ? .agrees : .differsUnexplained
    }
    guard let interval95,
      differenceInterval(value, interval95, published).contains(0)
    else { return .differsUnexplained }
    return .agrees
  }

  /// Interval of `value` − published from the intervals of the two (the square-and-add rule of Newcombe,
  /// Statistics in Medicine 1998, method 10). A published figure on an unknown number of images is taken
  /// as exact, which errs towards "differs".
  package static func differenceInterval(
    _ value: Double, _ interval: Interval, _ published: PublishedFigure
  ) -> Interval {
    let other = published.reference.value
    let theirs =
      published.sampleCount.flatMap { count in
        ClopperPearson.interval(
          successes: Int((other * Double(count)).rounded()), trials: count, confidence: 0.95)
      } ?? Interval(lower: other, upper: other)
    func hypotenuse(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
    let delta = value - other
    return Interval(
      lower: delta - hypotenuse(value - interval.lower, theirs.upper - other),
      upper: delta + hypotenuse(interval.upper - value, other - theirs.lower))
  }
}
