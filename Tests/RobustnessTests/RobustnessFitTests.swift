import Core
import Foundation
import Robustness
import Statistics
import TestSupport
import Testing

struct RobustnessFitTests {
  struct Fixture: Decodable {
    var indices: [String: [[Int]]]
    var fits: [Case]

    struct Case: Decodable {
      var table: ShippedBaselines
      var base: String
      var shift: String
      var scale: AccuracyScale
      var without: [String]
      var count: Int
      var slope: Double
      var intercept: Double
      var first: String
      var last: String
      var slopeInterval: [Double]
      var interceptInterval: [Double]
      var at: [Double]
      var bands: [[Double]]
      var expected: [Double]
      var samples: Int
      var weightedSlope: Double
      var weightedIntercept: Double
    }
  }

  static func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(
      type,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "Robustness/\(name).json")))
  }

  private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
  }

  private func close(_ interval: Interval?, _ ends: [Double]) -> Bool {
    guard let interval else { return false }
    return close(interval.lower, ends[0]) && close(interval.upper, ends[1])
  }

  @Test("lines, their intervals and bands agree with SciPy, on imagenet-testbed's own resamples")
  func agreesWithSciPy() throws {
    let fixture = try Self.fixture("fits", as: Fixture.self)
    #expect(fixture.fits.count >= 12)
    for expected in fixture.fits {
      let table = try expected.table.table(in: PublishedNumbersTests.folder)
      var filter =
        expected.shift == "imagenet-a" ? BaselineFilter.standardOnImageNetA : .standard
      for part in expected.without { filter = filter.leavingOut(part) }
      var points = try table.points(
        base: expected.base, shift: expected.shift, filter: filter)
      #expect(points.count == expected.count)
      #expect(points.first?.model == expected.first && points.last?.model == expected.last)
      let draws = try #require(fixture.indices["\(expected.count)"])
      let fit = try RobustnessFit(points, scale: expected.scale, resampling: .indices(draws))
      let name = "\(expected.table) \(expected.shift) \(expected.scale)"
      #expect(close(fit.slope, expected.slope), "\(name)")
      #expect(close(fit.intercept, expected.intercept), "\(name)")
      #expect(close(fit.slopeInterval95, expected.slopeInterval), "\(name)")
      #expect(close(fit.interceptInterval95, expected.interceptInterval), "\(name)")
      for (index, base) in expected.at.enumerated() {
        #expect(close(fit.band(base: base), expected.bands[index]), "\(name) at \(base)")
        #expect(close(try #require(fit.predicted(base: base)), expected.expected[index]))
      }
      for index in points.indices { points[index].shiftCount = expected.samples }
      let weighted = try RobustnessFit(
        points, scale: expected.scale, weighting: .inverseVariance, resampling: .indices([]))
      #expect(close(weighted.slope, expected.weightedSlope, 1e-8), "weighted \(name)")
      #expect(close(weighted.intercept, expected.weightedIntercept, 1e-8), "weighted \(name)")
      #expect(weighted.slopeInterval95 == nil)
    }
  }

  private func point(_ model: String, _ base: Double, _ shift: Double, n: Int? = nil)
    -> RobustnessPoint
  {
    RobustnessPoint(
      model: model, family: "standard", base: base, shift: shift, baseCount: n, shiftCount: n)
  }

  @Test("what has no line says why")
  func refused() throws {
    func error(_ points: [RobustnessPoint], _ scale: AccuracyScale = .logit) -> EvalError? {
      #expect(throws: EvalError.self) {
        try RobustnessFit(points, scale: scale, subject: "b.csv: x, y")
      }
    }
    let two = error([point("a", 0.5, 0.4), point("b", 0.6, 0.5)])
    #expect(two?.subject == "b.csv: x, y" && two?.message.contains("at least 3 models") == true)
    let same = error([point("a", 0.5, 0.4), point("b", 0.5, 0.5), point("c", 0.5, 0.3)])
    #expect(same?.message.contains("the same base accuracy, 0.5") == true)
    let three = [point("a", 0.5, 0.4), point("b", 0.6, 0.5)]
    let zero = error(three + [point("zero", 0.7, 0)])
    #expect(
      zero?.message == "zero: shifted accuracy 0.0 has no place on the logit scale"
        && zero?.remedy?.contains("number of samples") == true)
    #expect(error(three + [point("nan", .nan, 0.5)])?.message.contains("nan: base") == true)
    #expect(error(three + [point("odd", 1.5, 0.5)], .linear)?.message.contains("odd") == true)
    #expect(
      throws: EvalError.self,
      performing: {
        try RobustnessFit(
          three + [point("c", 0.7, 0.6)], weighting: .inverseVariance)
      })
    #expect(
      throws: EvalError.self,
      performing: {
        try RobustnessFit(three + [point("c", 0.7, 0.6)], resampling: .indices([[0, 1, 3]]))
      })
  }

  @Test(
    "ImageNet-A's own resnet50 has 0 %: refused by name, left out by the filter of imagenet-testbed"
  )
  func imageNetA() throws {
    let table = try ShippedBaselines.naturalShifts.table(in: PublishedNumbersTests.folder)
    let shift = try #require(NaturalShift.all.first { $0.dataset == "ImageNet-A" })
    let all = try table.points(base: shift.base, shift: shift.setting, filter: .standard)
    let error = #expect(throws: EvalError.self) { try RobustnessFit(all) }
    #expect(error?.message.hasPrefix("resnet50: shifted accuracy 0.0") == true)
    let selection = try table.selection(
      base: shift.base, shift: shift.setting, filter: shift.filter)
    #expect(selection.points.count == 79 && selection.excluded.contains("resnet50"))
    #expect(throws: Never.self) { try RobustnessFit(selection.points) }
  }

  @Test("0 and 1 of a known number of samples stand for (k + ½) / (n + 1)")
  func moved() throws {
    let points = [
      point("a", 0.5, 0, n: 99), point("b", 0.6, 0.5, n: 99), point("c", 1, 0.7, n: 99),
    ]
    let fit = try RobustnessFit(points, resampling: .indices([]))
    #expect(fit.moved == ["a", "c"])
    let same = try RobustnessFit(
      [point("a", 0.5, 0.005), point("b", 0.6, 0.5), point("c", 0.995, 0.7)],
      resampling: .indices([]))
    #expect(close(fit.slope, same.slope) && close(fit.intercept, same.intercept))
    #expect(same.moved.isEmpty)
    #expect(fit.predicted(base: 1) == nil)
    #expect(
      close(
        try #require(fit.predicted(base: 1, count: 99)), try #require(fit.predicted(base: 0.995))))
    // The linear scale has a place for them.
    let linear = try RobustnessFit(
      [point("a", 0, 0.1), point("b", 0.5, 0.5), point("c", 1, 0.9)], scale: .linear)
    #expect(linear.moved.isEmpty && close(linear.slope, 0.8))
  }

  @Test("resamples are those of the seed; one without two base accuracies has no line")
  func seeded() throws {
    let points = [point("a", 0.5, 0.4), point("b", 0.6, 0.5), point("c", 0.7, 0.55)]
    let fit = try RobustnessFit(points)
    #expect(fit.resamples == 1000 && fit.seed == 210300020)
    // One of nine draws of three is of one model alone.
    #expect((860...915).contains(fit.resampled.count))
    #expect(try RobustnessFit(points) == fit)
    #expect(
      try RobustnessFit(points, resampling: .seeded(resamples: 1000, seed: 1)).resampled
        != fit.resampled)
    #expect(fit.baseRange == Interval(lower: 0.5, upper: 0.7))
    let copy = try JSONDecoder().decode(RobustnessFit.self, from: JSONEncoder().encode(fit))
    #expect(copy == fit)
  }

  @Test("what results say of a line: its models, where they are from, what came out")
  func record() throws {
    let table = try ShippedBaselines.naturalShifts.table(in: PublishedNumbersTests.folder)
    let selection = try table.selection(
      base: "imagenet", shift: "imagenet-sketch", filter: .standard)
    let fit = try RobustnessFit(selection.points)
    let record = FitRecord(fit, of: selection, in: table)
    #expect(record.source == "Reports/reference/robustness-natural-shifts.csv")
    #expect(record.sha256 == table.sha256 && record.filter == .standard && record.count == 80)
    #expect(record.slope == fit.slope && record.slopeInterval95 == fit.slopeInterval95)
    let json = try JSONEncoder().encode(record)
    #expect(json.count < 4000)
    #expect(try JSONDecoder().decode(FitRecord.self, from: json) == record)
  }

  struct Bar: Decodable {
    var accuracy: Double
    var count: Int
    var confidence: Double
    var interval: [Double]
  }

  @Test("Clopper–Pearson bars agree with scipy.stats.beta at α = 0.05 and 0.005")
  func bars() throws {
    for bar in try Self.fixture("bars", as: [Bar].self) {
      let point = RobustnessPoint(
        model: "m", family: "f", base: bar.accuracy, shift: 0.5, baseCount: bar.count)
      let bars = AccuracyBars(point, confidence: bar.confidence)
      #expect(close(bars.base, bar.interval))
      #expect(bars.shift == nil && !bars.isEmpty)
    }
    #expect(AccuracyBars(point("a", 0.5, 0.5)).isEmpty)
  }
}
