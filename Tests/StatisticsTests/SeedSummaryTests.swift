import Foundation
import Statistics
import TestSupport
import Testing

struct SeedSummaryTests {
  struct Quantile: Decodable, Sendable {
    var degrees: Double
    var confidence: Double
    var quantile: Double
    var statistic: Double
    var p: Double
  }

  struct Case: Decodable, Sendable {
    var values: [Double]
    var mean: Double
    var deviation: Double
    var interval: [Double]
  }

  private func read<T: Decodable>(_ name: String) throws -> [T] {
    let file = TestPaths.fixtures.appending(path: "Statistics/\(name)")
    return try JSONDecoder().decode([T].self, from: Data(contentsOf: file))
  }

  @Test("Student's t agrees with scipy to 1e-10 relative, far into its tails")
  func studentT() throws {
    let cases: [Quantile] = try read("student-t.json")
    #expect(cases.count >= 30)
    for expected in cases {
      let t = try #require(
        StudentT.twoSided(confidence: expected.confidence, degrees: expected.degrees))
      #expect(abs(t / expected.quantile - 1) <= 1e-10, "\(expected)")
      let p = try #require(StudentT.pValue(-expected.statistic, degrees: expected.degrees))
      #expect(abs(p / expected.p - 1) <= 1e-10, "\(expected)")
    }
  }

  @Test(
    "no distribution, no quantile",
    arguments: [(0, 0.95), (-1, 0.95), (3, 0), (3, 1), (.nan, 0.95), (3, .nan)])
  func undefined(degrees: Double, confidence: Double) {
    #expect(StudentT.twoSided(confidence: confidence, degrees: degrees) == nil)
  }

  @Test("mean, deviation and interval over seeds agree with scipy")
  func agreesWithScipy() throws {
    let cases: [Case] = try read("seeds.json")
    #expect(cases.count >= 3)
    for expected in cases {
      let summary = try #require(SeedSummary(expected.values))
      let interval = try #require(summary.trainingInterval95)
      let found = [summary.mean, summary.standardDeviation ?? .nan, interval.lower, interval.upper]
      for (found, reference) in zip(
        found, [expected.mean, expected.deviation] + expected.interval)
      {
        #expect(abs(found - reference) <= 1e-10 * abs(reference), "\(expected)")
      }
      #expect(summary.testInterval95 == nil)
      #expect(summary.testIntervalMethod == nil)
    }
  }

  @Test("the interval over test images is that of a seed on average")
  func testImages() throws {
    let intervals = [Interval(lower: 0.25, upper: 0.5), Interval(lower: 0.5, upper: 1)]
    let summary = try #require(
      SeedSummary([0.375, 0.75], testIntervals: intervals, testMethod: "clopper-pearson"))
    #expect(summary.testInterval95 == Interval(lower: 0.375, upper: 0.75))
    #expect(
      summary.testIntervalMethod == "clopper-pearson (test-sample variance, mean of seeds)")
    let partly = try #require(SeedSummary([0.375, 0.75], testIntervals: [intervals[0], nil]))
    #expect(partly.testInterval95 == nil)
  }

  @Test("one seed has a mean and no spread")
  func one() throws {
    let summary = try #require(SeedSummary([0.5]))
    #expect(summary.mean == 0.5)
    #expect(summary.standardDeviation == nil)
    #expect(summary.trainingInterval95 == nil)
    #expect(SeedSummary([]) == nil)
    #expect(SeedSummary([0.5, .nan]) == nil)
    #expect(SeedSummary([0.5, 0.6], testIntervals: [nil]) == nil)
  }
}
