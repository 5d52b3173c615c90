import Foundation
import Statistics
import TestSupport
import Testing

struct PairedValuesTests {
  struct Case: Decodable, Sendable {
    var name: String
    var x: [Double]
    var y: [Double]
    var r: Double
    var p: Double
    var fisher: [Double]
    var slope: Double
    var intercept: Double
    var standardError: Double
    var slopeInterval: [Double]
    var interceptInterval: [Double]
    var resamples: Int
    var bootstrapSlope: [Double]
  }

  @Test("correlation, line and their intervals agree with scipy")
  func agreesWithScipy() throws {
    let file = TestPaths.fixtures.appending(path: "Statistics/paired-values.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count >= 5)
    for expected in cases {
      // Where x lies 10⁶ from 0 with a spread of 1, that many digits of the intercept are lost in any double.
      let tolerance = expected.name == "offset" ? 1e-8 : 1e-10
      func agrees(_ found: [Double?], _ reference: [Double], _ what: String) {
        for (found, reference) in zip(found, reference) {
          guard let found else {
            Issue.record("no \(what) of \(expected.name)")
            continue
          }
          #expect(abs(found - reference) <= tolerance * abs(reference), "\(what) \(expected.name)")
        }
      }
      let correlation = try #require(Correlation(expected.x, expected.y))
      agrees([correlation.r, correlation.pValue], [expected.r, expected.p], "r and p")
      agrees(
        [correlation.interval95?.lower, correlation.interval95?.upper], expected.fisher, "Fisher")
      let line = try #require(LinearFit(expected.x, expected.y))
      agrees(
        [line.slope, line.intercept, line.standardError],
        [expected.slope, expected.intercept, expected.standardError], "line")
      agrees(
        [line.slopeInterval95?.lower, line.slopeInterval95?.upper], expected.slopeInterval, "slope")
      agrees(
        [line.interceptInterval95?.lower, line.interceptInterval95?.upper],
        expected.interceptInterval, "intercept")
      let bootstrap = LinearFit.bootstrapSlope(
        expected.x, expected.y, resamples: expected.resamples)
      agrees([bootstrap?.lower, bootstrap?.upper], expected.bootstrapSlope, "bootstrap")
    }
  }

  @Test("a perfect line has r = ±1, p = 0 and intervals of no width")
  func perfect() throws {
    let rising = try #require(Correlation([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]))
    #expect(rising.r == 1)
    #expect(rising.pValue == 0)
    #expect(rising.interval95 == Interval(lower: 1, upper: 1))
    #expect(try #require(Correlation([0, 1, 2, 3], [3, 2, 1, 0])).r == -1)
    // Nearly one: r rounds to 1, and p to no 0 (mpmath).
    let nearly = try #require(Correlation([0, 1, 2], [0, 1, 2 + 0x1p-30]))
    #expect(nearly.r == 1)
    #expect(abs(try #require(nearly.pValue) / 1.7115501536834349e-10 - 1) < 1e-7)
    let line = try #require(LinearFit([0, 1, 2], [1, 3, 5]))
    #expect(line.slope == 2)
    #expect(line.intercept == 1)
    #expect(line.standardError == 0)
  }

  @Test("few pairs give what they can")
  func few() throws {
    let two = try #require(Correlation([0, 1], [0, 5]))
    #expect(two.r == 1)
    #expect(two.pValue == nil)
    #expect(two.interval95 == nil)
    #expect(try #require(Correlation([0, 1, 2], [0, 5, 1])).interval95 == nil)
    let line = try #require(LinearFit([0, 1], [0, 5]))
    #expect(line.slope == 5)
    #expect(line.standardError == nil)
    #expect(line.slopeInterval95 == nil)
  }

  @Test(
    "what has no correlation",
    arguments: [
      ([], []), ([1], [2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 1, 1]),
      ([1, 2, .nan], [1, 2, 3]), ([1, 2, 3], [1, 2, .infinity]), ([1, 2, 3], [1, 2]),
      ([0.1, 0.1, 0.1], [1, 2, 3]),
    ] as [([Double], [Double])])
  func undefined(x: [Double], y: [Double]) {
    #expect(Correlation(x, y) == nil)
  }

  @Test("a line through values that do not vary is flat, one through a single x is none")
  func constant() throws {
    let flat = try #require(LinearFit([1, 2, 3], [0.1, 0.1, 0.1]))
    #expect(flat.slope == 0)
    #expect(LinearFit([2, 2, 2], [1, 2, 3]) == nil)
    #expect(LinearFit.bootstrapSlope([2, 2, 2], [1, 2, 3]) == nil)
    #expect(LinearFit.bootstrapSlope([1, 2], [1, .nan]) == nil)
  }
}
