import Foundation
import Statistics
import TestSupport
import Testing

struct ClopperPearsonTests {
  struct Case: Decodable, Sendable {
    var successes: Int
    var trials: Int
    var confidence: Double
    var lower: Double
    var upper: Double
  }

  @Test("agrees with mpmath to 1e-10 relative, at both ends, for 1 to 10 million trials")
  func agreesWithMpmath() throws {
    let file = TestPaths.fixtures.appending(path: "Statistics/clopper-pearson.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count >= 60)
    for expected in cases {
      let interval = try #require(
        ClopperPearson.interval(
          successes: expected.successes, trials: expected.trials, confidence: expected.confidence))
      #expect(relativeError(interval.lower, expected.lower) <= 1e-10, "\(expected)")
      #expect(relativeError(interval.upper, expected.upper) <= 1e-10, "\(expected)")
    }
  }

  @Test("no success gives a lower end of exactly 0, no failure an upper end of exactly 1")
  func exactEnds() throws {
    let none = try #require(ClopperPearson.interval(successes: 0, trials: 7, confidence: 0.95))
    #expect(none.lower == 0)
    #expect(none.upper < 1)
    let all = try #require(ClopperPearson.interval(successes: 7, trials: 7, confidence: 0.95))
    #expect(all.upper == 1)
    #expect(all.lower > 0)
  }

  @Test(
    "no outcome, no interval",
    arguments: [
      (0, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, -1, 0.95), (1, 2, 0), (1, 2, 1), (1, 2, .nan),
    ])
  func undefined(successes: Int, trials: Int, confidence: Double) {
    #expect(
      ClopperPearson.interval(successes: successes, trials: trials, confidence: confidence) == nil)
  }

  @Test("covers the true rate at least as often as it says")
  func coverage() throws {
    let trials = 30
    let rate = 0.2
    var covered = 0.0
    for k in 0...trials {
      let interval = try #require(
        ClopperPearson.interval(successes: k, trials: trials, confidence: 0.95))
      guard interval.contains(rate) else { continue }
      // Binomial probability of k, by its product form.
      var probability = 1.0
      for i in 0..<k { probability *= Double(trials - i) / Double(i + 1) * rate }
      for _ in 0..<(trials - k) { probability *= 1 - rate }
      covered += probability
    }
    #expect(covered >= 0.95)
    #expect(covered < 1)
  }

  private func relativeError(_ value: Double, _ expected: Double) -> Double {
    expected == 0 ? abs(value) : abs(value / expected - 1)
  }
}
