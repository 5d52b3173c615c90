import Foundation
import Statistics
import TestSupport
import Testing

struct StratifiedBootstrapTests {
  struct Case: Decodable, Sendable {
    var successes: [Int]
    var trials: [Int]
    var resamples: Int
    var interval95: [Double]
    var interval99_5: [Double]
  }

  @Test("agrees with a plain-Python bootstrap and numpy.quantile")
  func agreesWithPython() throws {
    let file = TestPaths.fixtures.appending(path: "Statistics/stratified-bootstrap.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count >= 4)
    for expected in cases {
      let intervals = try #require(
        StratifiedBootstrap.intervals(
          successes: expected.successes, trials: expected.trials, confidences: [0.95, 0.995],
          resamples: expected.resamples))
      let found = intervals.flatMap { [$0.lower, $0.upper] }
      for (value, reference) in zip(found, expected.interval95 + expected.interval99_5) {
        #expect(abs(value - reference) <= 1e-12, "\(expected)")
      }
    }
  }

  @Test("the generator gives xoshiro256**'s sequence")
  func generator() {
    // From a second implementation of the published algorithm, seed 0.
    var generator = Xoshiro256StarStar(seed: 0)
    let first = (0..<3).map { _ in generator.next() }
    #expect(
      first == [11_091_344_671_253_066_420, 13_793_997_310_169_335_082, 1_900_383_378_846_508_768])
  }

  @Test("rejects what is no outcome")
  func undefined() {
    #expect(
      StratifiedBootstrap.intervals(successes: [], trials: [], confidences: [0.95]) == nil)
    #expect(
      StratifiedBootstrap.intervals(successes: [0], trials: [0], confidences: [0.95]) == nil)
    #expect(
      StratifiedBootstrap.intervals(successes: [2], trials: [1], confidences: [0.95]) == nil)
    #expect(
      StratifiedBootstrap.intervals(successes: [1], trials: [1, 2], confidences: [0.95]) == nil)
  }
}
