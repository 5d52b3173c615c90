import Statistics
import Testing

struct WeightedLineTests {
  struct Band: Decodable {
    var x: Double
    var weight: Double
    var predicted: Double
    var confidence: [Double]
    var prediction: [Double]
  }

  struct Line: Decodable {
    var name: String
    var x: [Double]
    var y: [Double]
    var weights: [Double]
    var intercept: Double
    var slope: Double
    var variance: Double
    var rSquared: Double
    var interceptInterval: [Double]
    var slopeInterval: [Double]
    var bands: [Band]
  }

  struct Pairs: Decodable {
    var name: String
    var x: [Double]
    var y: [Double]
    var r: Double
    var p: Double
    var fisher: [Double]?
  }

  private func agree(_ found: Interval?, _ reference: [Double]?, _ what: String) {
    agrees(found?.lower, reference?.first, "lower end of \(what)")
    agrees(found?.upper, reference?.last, "upper end of \(what)")
  }

  @Test("weighted lines and both bands agree with matrices in 50 digits")
  func lines() throws {
    let cases: [Line] = try References.read("weighted-lines")
    #expect(cases.count >= 8)
    for expected in cases {
      let line = try #require(LinearFit(expected.x, expected.y, weights: expected.weights))
      agrees(line.intercept, expected.intercept, "intercept \(expected.name)")
      agrees(line.slope, expected.slope, "slope \(expected.name)")
      agrees(line.residualVariance, expected.variance, "variance \(expected.name)")
      agrees(line.rSquared, expected.rSquared, "R² \(expected.name)")
      agree(line.interceptInterval95, expected.interceptInterval, "intercept \(expected.name)")
      agree(line.slopeInterval95, expected.slopeInterval, "slope \(expected.name)")
      for band in expected.bands {
        let what = "\(expected.name) at \(band.x)"
        agrees(line.predicted(band.x), band.predicted, what)
        agree(line.confidenceBand(at: band.x), band.confidence, "confidence band \(what)")
        agree(
          line.predictionBand(at: band.x, weight: band.weight), band.prediction,
          "prediction band \(what)")
      }
    }
  }

  @Test("equal weights change nothing but the prediction band's unit")
  func equalWeights() throws {
    let (x, y) = ([0.0, 1, 2, 4], [1.0, 3, 2, 5])
    let plain = try #require(LinearFit(x, y))
    let weighted = try #require(LinearFit(x, y, weights: [4, 4, 4, 4]))
    agrees(weighted.slope, plain.slope, within: 1e-14, "slope")
    agrees(
      weighted.confidenceBand(at: 3)?.upper, plain.confidenceBand(at: 3)?.upper, within: 1e-14,
      "band")
    agrees(
      weighted.predictionBand(at: 3, weight: 4)?.upper, plain.predictionBand(at: 3)?.upper,
      within: 1e-14, "band of a y of the same weight")
  }

  @Test("two pairs have a line and no bands; what is no weight gives no line")
  func undefined() throws {
    let two = try #require(LinearFit([0, 1], [1, 3], weights: [1, 2]))
    #expect(two.slope == 2)
    #expect(two.residualVariance == nil)
    #expect(two.confidenceBand(at: 0) == nil)
    #expect(two.predictionBand(at: 0) == nil)
    let line = try #require(LinearFit([0, 1, 2], [1, 3, 4]))
    #expect(line.predictionBand(at: 0, weight: 0) == nil)
    #expect(line.confidenceBand(at: .nan) == nil)
    #expect(LinearFit([0, 1, 2], [1, 3, 4], weights: [1, -1, 1]) == nil)
    #expect(LinearFit([0, 1, 2], [1, 3, 4], weights: [1, .nan, 1]) == nil)
    #expect(LinearFit([0, 1, 2], [1, 3, 4], weights: [1, .infinity, 1]) == nil)
    #expect(LinearFit([0, 1, 2], [1, 3, 4], weights: [1, 1]) == nil)
    #expect(LinearFit([0, 1, 2], [1, 3, 4], weights: [1, 0, 0]) == nil)
  }

  @Test("correlations agree with 50 digits, also of points that are nearly a line")
  func correlations() throws {
    let cases: [Pairs] = try References.read("correlation")
    #expect(cases.contains { $0.r > 0.999_999_999 })
    for expected in cases {
      let correlation = try #require(Correlation(expected.x, expected.y))
      agrees(correlation.r, expected.r, "r \(expected.name)")
      // Where residuals are 1e-7 of y, its own rounding leaves them nine digits.
      let tolerance = expected.name == "nearly a line" ? 1e-7 : 1e-10
      agrees(correlation.pValue, expected.p, within: tolerance, "p \(expected.name)")
      agree(correlation.interval95, expected.fisher, expected.name)
    }
  }
}
