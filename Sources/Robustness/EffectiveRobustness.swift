package import Statistics

/// What a model's robustness is more than its base accuracy would let one expect (Taori et al. 2020, section 2).
///
/// With β the line through standard models:
/// effective robustness ρ = shift − β(base); relative robustness τ = shift − shift of the reference;
/// gap closed = ρ / (base − β(base)), the share of a standard model's loss that the model does not have.
package struct EffectiveRobustness: Codable, Sendable, Equatable {
  /// A number and where it may lie.
  package struct Estimate: Codable, Sendable, Equatable {
    package var value: Double
    /// Over resamples of the line's models and draws of the model's own accuracies; nil where a number of samples is not known.
    package var interval95: Interval?
    /// Over resamples of the line's models alone, the model's accuracies taken as they are; nil for what needs no line.
    package var fitInterval95: Interval?

    package init(_ value: Double, interval95: Interval?, fitInterval95: Interval?) {
      self.value = value
      self.interval95 = interval95
      self.fitInterval95 = fitInterval95
    }
  }

  package let point: RobustnessPoint
  /// β(base): the accuracy under shift of a standard model of this base accuracy.
  package let expected: Double
  /// ρ
  package let effective: Estimate
  /// Of what a standard model of this base accuracy loses under shift, the share that the model does not lose; nil where such a
  /// model loses nothing.
  package let gapClosed: Estimate?
  /// The reference model's name; τ is nil without one.
  package let reference: String?
  /// τ
  package let relative: Estimate?
  /// Its base accuracy lies outside of those of the line's models.
  package let isExtrapolated: Bool
  package let intervalMethod: String

  /// Of the draws of accuracies. Another than that of resamples of models: of one generator, a line through as many models as a draw takes
  /// numbers would hang together with it.
  package static let drawSeed: UInt64 = 2_103_00021

  /// - Parameters:
  ///   - fit: of the same shift and scale as the point; of a mean over shifts, a line through means.
  ///   - reference: a model on the same shift.
  ///   - seed: of the draws of accuracies.
  /// - Returns: nil where the base accuracy has no place on the scale.
  package init?(
    _ point: RobustnessPoint, fit: RobustnessFit, reference: RobustnessPoint? = nil,
    seed: UInt64 = drawSeed
  ) {
    guard let expected = fit.predicted(base: point.base, count: point.baseCount) else {
      return nil
    }
    self.point = point
    self.expected = expected
    self.reference = reference?.model
    isExtrapolated = !fit.baseRange.contains(point.base)
    let lines = fit.resampled
    let fixed = lines.compactMap { line in
      fit.scale.transformed(point.base, count: point.baseCount).map { fit.value(line, $0) }
    }
    var own = AccuracyDraws(point, seed: seed)
    let drawn = lines.indices.compactMap { _ in own?.next() }
    let predictions = zip(lines, drawn).compactMap { line, draw in
      fit.scale.transformed(draw.base).map { fit.value(line, $0) }
    }
    let isDrawn = !lines.isEmpty && predictions.count == lines.count

    effective = Estimate(
      point.shift - expected,
      interval95: isDrawn
        ? percentiles(zip(drawn, predictions).map { $0.shift - $1 }, confidence: 0.95) : nil,
      fitInterval95: percentiles(fixed.map { point.shift - $0 }, confidence: 0.95))

    let joint = zip(drawn, predictions).map { (gap: $0.base - $1, rest: $0.base - $0.shift) }
    let alone = fixed.map { (gap: point.base - $0, rest: point.base - point.shift) }
    gapClosed =
      point.base > expected
      ? Estimate(
        (point.shift - expected) / (point.base - expected),
        interval95: isDrawn ? Self.shares(joint) : nil, fitInterval95: Self.shares(alone))
      : nil

    relative = reference.map {
      Self.relative(point, to: $0, draws: lines.count, seed: seed)
    }
    intervalMethod =
      fit.intervalMethod
      + (isDrawn ? "; own accuracies Beta(k+1/2, n-k+1/2) seed=\(seed)" : "; of the fit alone")
  }

  /// τ, which needs no line. Draws of the two models are independent: where they err on the same images the interval is too wide.
  package static func relative(
    _ point: RobustnessPoint, to reference: RobustnessPoint, draws: Int = 1000,
    seed: UInt64 = drawSeed
  ) -> Estimate {
    var own = AccuracyDraws(point, seed: seed)
    var others = AccuracyDraws(reference, seed: seed ^ 0x5DEE_CE66)
    let differences = (0..<draws).compactMap { _ -> Double? in
      guard let own = own?.next(), let other = others?.next() else { return nil }
      return own.shift - other.shift
    }
    return Estimate(
      point.shift - reference.shift,
      interval95: differences.count == draws ? percentiles(differences, confidence: 0.95) : nil,
      fitInterval95: nil)
  }

  /// nil where some draw has no gap to close.
  private static func shares(_ draws: [(gap: Double, rest: Double)]) -> Interval? {
    guard draws.allSatisfy({ $0.gap > 0 }) else { return nil }
    return percentiles(draws.map { 1 - $0.rest / $0.gap }, confidence: 0.95)
  }
}

/// Draws of a model's accuracies: of k right among n from Beta(k + ½, n − k + ½), Jeffreys's posterior, which unlike binomial
/// resamples has a spread where all or none are right.
///
/// Base and shift are different samples and are drawn independently; so are the shifts of a mean. The bases of a mean are parts of one
/// set and rise and fall together, which is the widest their mean can spread. Accuracies that are means of several per sample
/// (pm-0 and pm-10) spread at most as a binomial of their mean does.
struct AccuracyDraws {
  private let point: RobustnessPoint
  private var generator: Xoshiro256StarStar

  /// nil where a number of samples is not known.
  init?(_ point: RobustnessPoint, seed: UInt64) {
    guard point.hasCounts else { return nil }
    self.point = point
    generator = Xoshiro256StarStar(seed: seed)
  }

  mutating func next() -> (base: Double, shift: Double)? {
    let parts = point.parts.isEmpty ? [point] : point.parts
    let common = uniform()
    var (base, shift) = (0.0, 0.0)
    for part in parts {
      guard let x = Self.quantile(common, part.base, part.baseCount),
        let y = Self.quantile(uniform(), part.shift, part.shiftCount)
      else { return nil }
      base += x
      shift += y
    }
    return (base / Double(parts.count), shift / Double(parts.count))
  }

  /// Strictly between 0 and 1.
  private mutating func uniform() -> Double {
    (Double(generator.next() >> 11) + 0.5) * 0x1p-53
  }

  private static func quantile(_ p: Double, _ accuracy: Double, _ count: Int?) -> Double? {
    guard let count, count > 0, (0...1).contains(accuracy) else { return nil }
    let n = Double(count)
    return BetaDistribution.quantile(p, a: accuracy * n + 0.5, b: (1 - accuracy) * n + 0.5)
  }
}
