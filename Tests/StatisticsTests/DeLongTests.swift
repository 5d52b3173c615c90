import Statistics
import Testing

struct DeLongTests {
  struct Scores: Decodable {
    var name: String
    var labels: [Bool]
    var first: [Double]
    var second: [Double]
    var area: Double
    var variance: Double?
    var interval: [Double]?
    var difference: Double
    var differenceVariance: Double?
    var p: Double?
    var differenceInterval: [Double]?
  }

  @Test("areas, variances and tests agree with the kernel over all pairs in fractions")
  func agreesWithFractions() throws {
    let cases: [Scores] = try References.read("delong")
    #expect(cases.count >= 10)
    for expected in cases {
      let name = expected.name
      let own = try #require(DeLong(expected.labels, scores: expected.first))
      agrees(own.area, expected.area, name)
      agrees(own.variance, expected.variance, "variance of \(name)")
      agrees(own.interval()?.lower, expected.interval?.first, "lower end of \(name)")
      agrees(own.interval()?.upper, expected.interval?.last, "upper end of \(name)")
      let both = try #require(
        DeLong.Comparison(expected.labels, expected.first, expected.second))
      // The difference of two areas is as exact as they are.
      #expect(abs(both.difference - expected.difference) <= 1e-15, "\(name)")
      agrees(
        both.variance, expected.differenceVariance, "variance of the difference of \(name)")
      agrees(both.pValue, expected.p, "p of \(name)")
      agrees(
        both.interval()?.lower, expected.differenceInterval?.first, "difference, lower, \(name)")
      agrees(
        both.interval()?.upper, expected.differenceInterval?.last, "difference, upper, \(name)")
    }
  }

  @Test("no area without both kinds of samples")
  func undefined() {
    #expect(DeLong([], scores: []) == nil)
    #expect(DeLong([true, true], scores: [1, 2]) == nil)
    #expect(DeLong([false], scores: [1]) == nil)
    #expect(DeLong([true, false], scores: [1]) == nil)
    #expect(DeLong([true, false], scores: [1, .nan]) == nil)
    #expect(DeLong.Comparison([true, false], [1, 2], [1, .nan]) == nil)
    #expect(DeLong([true, false], scores: [.infinity, -.infinity])?.area == 1)
  }
}
