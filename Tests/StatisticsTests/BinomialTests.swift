import Foundation
import Statistics
import Testing

struct BinomialTests {
  struct Outcome: Decodable {
    var successes: Int
    var trials: Int
    var probability: Double
    var twoSided: Double
    var less: Double
    var greater: Double
  }

  struct Proportion: Decodable {
    var successes: Int
    var trials: Int
    var confidence: Double
    var lower: Double
    var upper: Double
  }

  struct Discordance: Decodable {
    var onlyFirst: Int
    var onlySecond: Int
    var count: Int
    var p: Double
    var midP: Double
  }

  struct Planned: Decodable {
    var samples: Int
    var discordant: Int
    var power: Double
    var alpha: Double
    var effect: Double?
  }

  @Test("the exact test agrees with sums in 50 digits, down to 1e-300 and up to ten million trials")
  func exactTest() throws {
    let cases: [Outcome] = try References.read("binomial-test")
    #expect(cases.count >= 100)
    #expect(cases.contains { $0.twoSided > 0 && $0.twoSided < 1e-290 && $0.trials == 10_000_000 })
    for expected in cases {
      for (alternative, reference) in [
        (BinomialTest.Alternative.twoSided, expected.twoSided), (.less, expected.less),
        (.greater, expected.greater),
      ] {
        let found = BinomialTest.pValue(
          successes: expected.successes, trials: expected.trials,
          probability: expected.probability, alternative: alternative)
        agrees(found, reference, "\(alternative) \(expected)")
      }
    }
  }

  @Test("an outcome as likely as the observed one counts, within rounding")
  func ties() throws {
    // (1/2)¹⁰ of each side: the outcome on the other side is exactly as likely.
    let p = BinomialTest.pValue(successes: 2, trials: 10, probability: 0.5)
    agrees(p, 2 * (1 + 10 + 45) / 1024.0, within: 1e-13, "ties")
    #expect(BinomialTest.pValue(successes: 3, trials: 10, probability: 0.3) == 1)
    #expect(BinomialTest.pValue(successes: 1, trials: 1, probability: 0.5) == 1)
  }

  @Test("beyond the smallest double a probability is 0, not NaN")
  func underflow() {
    #expect(BinomialTest.pValue(successes: 0, trials: 10_000_000, probability: 0.5) == 0)
    #expect(
      BinomialTest.pValue(
        successes: 5, trials: 10, probability: 1e-300, alternative: .greater) == 0)
  }

  @Test(
    "no outcome, no test",
    arguments: [
      (0, 0, 0.5), (-1, 5, 0.5), (6, 5, 0.5), (1, 2, -0.1), (1, 2, 1.1), (1, 2, .nan),
      (1, Int.max, 0.5),
    ])
  func undefined(successes: Int, trials: Int, probability: Double) {
    for alternative in BinomialTest.Alternative.allCases {
      #expect(
        BinomialTest.pValue(
          successes: successes, trials: trials, probability: probability, alternative: alternative)
          == nil)
    }
  }

  @Test("Wilson's interval agrees with the roots of its equation")
  func wilson() throws {
    let cases: [Proportion] = try References.read("wilson")
    #expect(cases.count >= 60)
    for expected in cases {
      let interval = WilsonInterval.interval(
        successes: expected.successes, trials: expected.trials, confidence: expected.confidence)
      agrees(interval?.lower, expected.lower, "lower \(expected)")
      agrees(interval?.upper, expected.upper, "upper \(expected)")
    }
    #expect(WilsonInterval.interval(successes: 0, trials: 0, confidence: 0.95) == nil)
    #expect(WilsonInterval.interval(successes: 3, trials: 2, confidence: 0.95) == nil)
    #expect(WilsonInterval.interval(successes: 1, trials: 2, confidence: 1) == nil)
  }

  @Test("McNemar's exact test and its mid-p agree with sums in 50 digits")
  func mcNemar() throws {
    let cases: [Discordance] = try References.read("mcnemar")
    #expect(cases.count >= 15)
    for expected in cases {
      let test = try #require(
        McNemar(
          onlyFirst: expected.onlyFirst, onlySecond: expected.onlySecond, count: expected.count))
      agrees(test.pValue, expected.p, "p \(expected)")
      agrees(test.midP, expected.midP, "mid-p \(expected)")
    }
  }

  @Test("McNemar counts the samples that only one got right")
  func discordance() throws {
    let test = try #require(
      McNemar([true, true, false, false, true], [true, false, true, false, false]))
    #expect((test.onlyFirst, test.onlySecond, test.count) == (2, 1, 5))
    #expect(test.difference == 0.2)
    #expect(test.discordance == 0.6)
    #expect(test.pValue == 1)
    #expect(McNemar([true], [true])?.pValue == 1)
    #expect(McNemar([], []) == nil)
    #expect(McNemar([true], []) == nil)
    #expect(McNemar(onlyFirst: 3, onlySecond: 3, count: 5) == nil)
    #expect(McNemar(onlyFirst: -1, onlySecond: 3, count: 5) == nil)
  }

  @Test("the smallest difference found agrees with the root of its equation")
  func detectable() throws {
    let cases: [Planned] = try References.read("detectable-effect")
    #expect(cases.contains { $0.effect == nil })
    for expected in cases {
      let effect = MinimumDetectableEffect.accuracyDifference(
        samples: expected.samples, discordant: expected.discordant, power: expected.power,
        alpha: expected.alpha)
      agrees(effect, expected.effect, "\(expected)")
    }
    for (samples, discordant) in [(0, 0), (100, 0), (3, 4)] {
      #expect(
        MinimumDetectableEffect.accuracyDifference(samples: samples, discordant: discordant) == nil)
    }
  }

  @Test("a difference of the smallest detectable size is found about four times in five")
  func power() throws {
    let (samples, discordant) = (1000, 100)
    let effect = try #require(
      MinimumDetectableEffect.accuracyDifference(samples: samples, discordant: discordant))
    // Of the discordant samples, the share that the better one gets right.
    let share = (0.1 + effect) / 0.2
    var generator = Xoshiro256StarStar(seed: 1)
    let runs = 4000
    var found = 0
    for _ in 0..<runs {
      var (better, worse) = (0, 0)
      for _ in 0..<samples {
        let draw = Double(generator.next() >> 11) * 0x1p-53
        if draw < 0.1 * share { better += 1 } else if draw < 0.1 { worse += 1 }
      }
      if let test = McNemar(onlyFirst: better, onlySecond: worse, count: samples), test.midP <= 0.05
      {
        found += 1
      }
    }
    #expect(abs(Double(found) / Double(runs) - 0.8) < 0.03)
  }
}
