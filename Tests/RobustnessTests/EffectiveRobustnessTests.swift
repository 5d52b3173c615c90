import Foundation
import Robustness
import Statistics
import TestSupport
import Testing

struct EffectiveRobustnessTests {
  struct Case: Decodable {
    var model: String
    var shifts: [String]
    var samples: [[Int]]
    var resamples: Int
    var expected: Double
    var effective: Double
    var effectiveInterval: [Double]
    var fitInterval: [Double]
    var gapClosed: Double
    var gapInterval: [Double]
    var relative: Double
    var relativeInterval: [Double]
  }

  private static let bases = [
    "imagenetv2": "imagenet", "imagenet-sketch": "imagenet", "imagenet-r": "imagenet-on-r-classes",
  ]

  private func close(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    a.map { abs($0 - b) <= tolerance } ?? false
  }

  private func close(_ interval: Interval?, _ ends: [Double]) -> Bool {
    close(interval?.lower, ends[0]) && close(interval?.upper, ends[1])
  }

  private func point(_ table: BaselineTable, _ model: String, _ expected: Case) throws
    -> RobustnessPoint
  {
    let values = try #require(table.accuracies(of: model))
    let parts = try zip(expected.shifts, expected.samples).map { shift, samples in
      let base = try #require(Self.bases[shift])
      return RobustnessPoint(
        model: model, family: "any", base: try #require(values[base]),
        shift: try #require(values[shift]), baseCount: samples[0], shiftCount: samples[1])
    }
    return parts.count == 1
      ? parts[0] : try #require(RobustnessPoint(meanOf: parts, model: model, family: "any"))
  }

  @Test(
    "values and joint intervals agree with a NumPy computation, of single shifts and of their mean")
  func agreesWithNumPy() throws {
    let cases = try RobustnessFitTests.fixture("effective", as: [Case].self)
    #expect(cases.count == 12)
    var table = try ShippedBaselines.naturalShifts.table(in: PublishedNumbersTests.folder)
    table = try table.addingMean("shifts", of: ["imagenetv2", "imagenet-sketch", "imagenet-r"])
    table = try table.addingMean("bases", of: ["imagenet", "imagenet", "imagenet-on-r-classes"])
    for expected in cases {
      let isMean = expected.shifts.count > 1
      let fit = try RobustnessFit(
        try table.points(
          base: isMean ? "bases" : try #require(Self.bases[expected.shifts[0]]),
          shift: isMean ? "shifts" : expected.shifts[0], filter: .standard),
        resampling: .seeded(resamples: expected.resamples, seed: 2_103_00020))
      let found = try #require(
        EffectiveRobustness(
          try point(table, expected.model, expected), fit: fit,
          reference: try point(table, "cafferesnet101", expected)))
      let name = "\(expected.model) \(expected.shifts)"
      #expect(close(found.expected, expected.expected), "\(name)")
      #expect(close(found.effective.value, expected.effective), "\(name)")
      #expect(close(found.effective.interval95, expected.effectiveInterval), "\(name)")
      #expect(close(found.effective.fitInterval95, expected.fitInterval), "\(name)")
      #expect(close(found.gapClosed?.value, expected.gapClosed), "\(name)")
      #expect(close(found.gapClosed?.interval95, expected.gapInterval), "\(name)")
      #expect(close(found.relative?.value, expected.relative), "\(name)")
      #expect(close(found.relative?.interval95, expected.relativeInterval), "\(name)")
      #expect(found.reference == "cafferesnet101")
      // More accurate than every standard model.
      #expect(found.isExtrapolated == (expected.model == "efficientnet-l2-noisystudent"), "\(name)")
    }
  }

  private static func line(_ slope: Double, _ intercept: Double) throws -> RobustnessFit {
    let bases = [0.6, 0.7, 0.8, 0.9]
    return try RobustnessFit(
      bases.enumerated().map { index, base in
        RobustnessPoint(
          model: "m\(index)", family: "standard", base: base, shift: intercept + slope * base)
      }, scale: .linear)
  }

  @Test("without numbers of samples there is the line's interval alone; without a reference no τ")
  func unknown() throws {
    let fit = try Self.line(0.5, 0)
    let found = try #require(
      EffectiveRobustness(
        RobustnessPoint(model: "m", family: "f", base: 0.8, shift: 0.6), fit: fit))
    #expect(close(found.effective.value, 0.2))
    #expect(found.effective.interval95 == nil)
    #expect(close(found.effective.fitInterval95, [0.2, 0.2]))
    #expect(close(found.gapClosed?.value, 0.5) && found.gapClosed?.interval95 == nil)
    #expect(found.relative == nil && found.reference == nil)
    #expect(found.intervalMethod.hasSuffix("of the fit alone"))
    let reference = RobustnessPoint(model: "r", family: "f", base: 0.7, shift: 0.45)
    let against = try #require(
      EffectiveRobustness(
        RobustnessPoint(
          model: "m", family: "f", base: 0.8, shift: 0.6, baseCount: 100, shiftCount: 100),
        fit: fit, reference: reference))
    #expect(close(against.relative?.value, 0.15) && against.relative?.interval95 == nil)
    #expect(against.effective.interval95 != nil)
  }

  @Test("τ needs no line; without numbers of samples it has no interval")
  func relative() throws {
    let point = RobustnessPoint(
      model: "m", family: "f", base: 0.8, shift: 0.6, baseCount: 400, shiftCount: 400)
    var other = point
    other.shift = 0.5
    let found = EffectiveRobustness.relative(point, to: other)
    #expect(close(found.value, 0.1) && found.fitInterval95 == nil)
    // ± 1.96 √(0.24 / 400 + 0.25 / 400)
    #expect(close(found.interval95?.lower, 0.1 - 0.0686, 0.006))
    #expect(close(found.interval95?.upper, 0.1 + 0.0686, 0.006))
    other.shiftCount = nil
    #expect(EffectiveRobustness.relative(point, to: other).interval95 == nil)
  }

  @Test("draws of accuracies are not those of the line's models")
  func seeds() {
    guard case .seeded(_, let seed) = RobustnessFit.Resampling.standard else {
      Issue.record("no seed")
      return
    }
    #expect(EffectiveRobustness.drawSeed != seed)
  }

  @Test("no gap, nothing to close; outside of the line's models, extrapolated")
  func edges() throws {
    let flat = try Self.line(0.5, 0.5)
    let above = try #require(
      EffectiveRobustness(
        RobustnessPoint(
          model: "m", family: "f", base: 0.95, shift: 0.6, baseCount: 10, shiftCount: 10),
        fit: flat))
    #expect(above.gapClosed == nil && above.isExtrapolated)
    // All right of 50 samples: the interval still has a width.
    let logit = try RobustnessFit(
      (0..<6).map { index in
        let base = 0.5 + 0.07 * Double(index)
        return RobustnessPoint(model: "\(index)", family: "s", base: base, shift: base * base)
      })
    let perfect = try #require(
      EffectiveRobustness(
        RobustnessPoint(
          model: "m", family: "f", base: 1, shift: 1, baseCount: 50, shiftCount: 50), fit: logit))
    let interval = try #require(perfect.effective.interval95)
    #expect(interval.upper - interval.lower > 0.01)
    #expect(
      EffectiveRobustness(RobustnessPoint(model: "m", family: "f", base: 1, shift: 1), fit: logit)
        == nil)
  }

  @Test("the joint interval holds the true value in about 95 of 100 experiments")
  func coverage() throws {
    let truth = (slope: 0.9, intercept: -0.5)
    var generator = Xoshiro256StarStar(seed: 7)
    func uniform() -> Double { (Double(generator.next() >> 11) + 0.5) * 0x1p-53 }
    func binomial(_ p: Double, _ n: Int) -> Double {
      Double((0..<n).count { _ in uniform() < p }) / Double(n)
    }
    let scale = AccuracyScale.logit
    var held = 0
    let experiments = 200
    for _ in 0..<experiments {
      let baselines = (0..<40).map { index in
        let x = -0.5 + 2.5 * uniform()
        let noise = 0.15 * (NormalDistribution.quantile(uniform()) ?? 0)
        return RobustnessPoint(
          model: "\(index)", family: "standard", base: scale.fraction(x),
          shift: scale.fraction(truth.intercept + truth.slope * x + noise))
      }
      let fit = try RobustnessFit(
        baselines, resampling: .seeded(resamples: 200, seed: generator.next()))
      let base = 0.75
      let expected = scale.fraction(
        truth.intercept + truth.slope * (try #require(scale.transformed(base))))
      let own = RobustnessPoint(
        model: "own", family: "own", base: binomial(base, 400),
        shift: binomial(expected + 0.1, 300), baseCount: 400, shiftCount: 300)
      let found = try #require(EffectiveRobustness(own, fit: fit, seed: generator.next()))
      if try #require(found.effective.interval95).contains(0.1) { held += 1 }
    }
    // Of 200 at 95 %, 190 ± 3; the draws are those of the seed.
    #expect((183...198).contains(held), "\(held) of \(experiments)")
  }

  @Test("a mean over shifts is of their accuracies and bases, and has counts if all have")
  func means() throws {
    let parts = [(0.8, 0.6), (0.9, 0.5)].map {
      RobustnessPoint(
        model: "m", family: "f", base: $0.0, shift: $0.1, baseCount: 10, shiftCount: 20)
    }
    var mean = try #require(RobustnessPoint(meanOf: parts, model: "m", family: "f"))
    #expect(close(mean.base, 0.85) && close(mean.shift, 0.55))
    #expect(mean.hasCounts && mean.baseCount == nil && mean.shiftCount == nil)
    mean.parts[1].shiftCount = nil
    #expect(!mean.hasCounts)
    #expect(RobustnessPoint(meanOf: [], model: "m", family: "f") == nil)
    // The pair's share of the gap: nil where the other loses nothing.
    let other = RobustnessPoint(model: "o", family: "f", base: 0.5, shift: 0.5)
    #expect(parts[0].gapClosed(from: other) == nil)
  }
}
