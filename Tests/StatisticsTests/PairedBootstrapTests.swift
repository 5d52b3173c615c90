import Foundation
import Statistics
import TestSupport
import Testing

/// Against the exact distributions that `Tools/make-comparison-fixtures.py` computes.
struct PairedBootstrapTests {
  private struct Mean: Decodable {
    var name: String
    var full: Int
    var strata: [[String: Int]]
    var difference: Double
    /// In which the ends of an interval of 10 000 resamples lie.
    var lower: [Double]
    var upper: [Double]
    var pValue: Double
  }

  private func means() throws -> [Mean] {
    let file = TestPaths.fixtures.appending(path: "comparison/means.json")
    return try JSONDecoder().decode([Mean].self, from: Data(contentsOf: file))
  }

  private func strata(_ mean: Mean) -> [PairedBootstrap.Stratum] {
    mean.strata.map { stratum in
      Dictionary(
        uniqueKeysWithValues: stratum.compactMap { key, count in
          Double(key).map { ($0 / Double(mean.full), count) }
        })
    }
  }

  @Test("Intervals and p-values are those of the exact bootstrap distribution")
  func exact() throws {
    for mean in try means() {
      let found = try #require(
        try PairedBootstrap.difference(ofStrata: strata(mean), threads: 2))
      agrees(found.difference, mean.difference, within: 1e-12, mean.name)
      let interval = try #require(found.interval)
      // Ends on a lattice: half a step is no difference.
      #expect(
        interval.lower >= mean.lower[0] - 1e-9 && interval.lower <= mean.lower[1] + 1e-9,
        "\(mean.name): lower end \(interval.lower), expected \(mean.lower)")
      #expect(
        interval.upper >= mean.upper[0] - 1e-9 && interval.upper <= mean.upper[1] + 1e-9,
        "\(mean.name): upper end \(interval.upper), expected \(mean.upper)")
      let p = try #require(found.pValue)
      let error = 8 * (mean.pValue / 2 / 10_000).squareRoot() + 2.0 / 10_000
      #expect(abs(p - mean.pValue) <= error, "\(mean.name): p \(p), expected \(mean.pValue)")
    }
  }

  @Test("The same whatever the number of threads")
  func threads() throws {
    for mean in try means() {
      let one = try PairedBootstrap.difference(ofStrata: strata(mean), resamples: 500)
      #expect(
        try PairedBootstrap.difference(ofStrata: strata(mean), resamples: 500, threads: 5) == one)
    }
    let values = [0.5, -1, 2, 0, 0.25, 1]
    func differences(_ threads: Int) throws -> [PairedBootstrap.Estimate?] {
      try PairedBootstrap.differences(units: 6, resamples: 501, threads: threads) { weights in
        [zip(weights, values).reduce(0) { $0 + Double($1.0) * $1.1 } / 6, nil]
      }
    }
    let one = try differences(1)
    #expect(one[0]?.difference == 2.75 / 6)
    #expect(one[1] == nil)
    #expect(try differences(4) == one)
  }

  @Test("Where all resamples say the same there is no interval, and no test of a difference")
  func noSpread() throws {
    let same = try #require(try PairedBootstrap.difference(ofStrata: [[0: 50]]))
    #expect(same.interval == nil && same.pValue == 1 && same.difference == 0)
    let other = try #require(try PairedBootstrap.difference(ofStrata: [[1: 4], [1: 9]]))
    #expect(other.interval == nil && other.pValue == nil && other.difference == 1)
    #expect(try PairedBootstrap.difference(ofStrata: [[0: 0], [:]]) == nil)
    #expect(try PairedBootstrap.differences(units: 1) { _ in [1] }.isEmpty)
  }

  @Test("Bonett and Price's interval by its formula")
  func proportions() throws {
    struct Case: Decodable {
      var onlyFirst, onlySecond, count: Int
      var interval95: [Double]
    }
    let file = TestPaths.fixtures.appending(path: "comparison/proportions.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count == 5)
    for value in cases {
      let found = PairedProportions.interval(
        onlyFirst: value.onlyFirst, onlySecond: value.onlySecond, count: value.count)
      agrees(found?.lower, value.interval95[0], "\(value)")
      agrees(found?.upper, value.interval95[1], "\(value)")
    }
    #expect(PairedProportions.interval(onlyFirst: 2, onlySecond: 2, count: 3) == nil)
    #expect(PairedProportions.interval(onlyFirst: 0, onlySecond: 0, count: 0) == nil)
  }
}
