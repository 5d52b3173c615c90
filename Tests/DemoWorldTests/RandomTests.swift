import DemoWorld
import Testing

@Suite struct RandomTests {
  /// The numbers that Vigna's splitmix64.c gives for this state.
  @Test func sequenceIsSplitMix64() {
    var random = Random(state: 1_234_567)
    let numbers = (0..<5).map { _ in random.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func momentsAreThoseOfTheDistributions() {
    var random = Random("moments", seed: 1)
    let n = 20_000
    let uniform = (0..<n).map { _ in random.unit() }
    let normal = (0..<n).map { _ in random.normal() }
    func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
    func variance(_ values: [Float]) -> Float {
      let center = mean(values)
      return mean(values.map { ($0 - center) * ($0 - center) })
    }
    // Four standard errors.
    #expect(abs(mean(uniform) - 0.5) < 4 * 0.2887 / 141)
    #expect(abs(variance(uniform) - 1 / 12) < 0.003)
    #expect(abs(mean(normal)) < 4 / 141)
    #expect(abs(variance(normal) - 1) < 0.04)
    let counts = (0..<n).reduce(into: [0, 0, 0]) { counts, _ in counts[random.below(3)] += 1 }
    #expect(counts.allSatisfy { abs($0 - n / 3) < 270 })
  }

  @Test func namesGiveStreamsOfTheirOwn() {
    let firsts = Set(
      ["a/1", "a/2", "b/1", ""].flatMap { name in
        [1, 2].map { (seed: UInt64) in
          var random = Random(name, seed: seed)
          return random.next()
        }
      })
    #expect(firsts.count == 8)
  }
}
