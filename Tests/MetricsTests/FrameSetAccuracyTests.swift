import Core
import Metrics
import Statistics
import Testing

struct FrameSetAccuracyTests {
  /// Three sets: frames 0–2 with the anchor 1, frames 3–4 with the anchor 3, frame 5 alone.
  static let sets = FrameSets(
    numbers: [0, 0, 0, 1, 1, 2], isAnchor: [false, true, false, true, false, true])

  @Test func anchorsAndWholeSets() throws {
    let chances = [0.1, 0.2, 0.1, 0.5, 0.5, 0.25]
    let result = try FrameSetAccuracy.evaluate(
      isRight: [false, true, true, true, true, true], chances: chances, sets: Self.sets)
    #expect(result.anchors.value == 1 && result.anchors.count == 3)
    #expect(result.wholeSets.value == 2.0 / 3)
    // (0.2 + 0.5 + 0.25) / 3, and (0.1 × 0.2 × 0.1 + 0.5 × 0.5 + 0.25) / 3.
    let anchorChance = try #require(result.anchors.chance)
    #expect(abs(anchorChance - 0.95 / 3) < 1e-15)
    let setChance = try #require(result.wholeSets.chance)
    #expect(abs(setChance - 0.502 / 3) < 1e-15)
    // Each anchor is of its own video: independent trials.
    #expect(result.wholeSets.intervalMethod == "clopper-pearson trials=anchors")
    #expect(
      result.wholeSets.interval95
        == ClopperPearson.interval(successes: 2, trials: 3, confidence: 0.95))
  }

  @Test("a wrong anchor makes its set wrong, whatever its frames")
  func wrongAnchor() throws {
    let result = try FrameSetAccuracy.evaluate(
      isRight: [true, false, true, true, true, false], chances: [Double](repeating: 0.1, count: 6),
      sets: Self.sets)
    #expect(result.anchors.value == 1.0 / 3 && result.wholeSets.value == 1.0 / 3)
  }

  @Test("a set that lost a frame counts for neither")
  func missingFrame() throws {
    let sets = Self.sets.rows([0, 1, 3, 4, 5])
    let result = try FrameSetAccuracy.evaluate(
      isRight: [true, true, true, false, true], chances: [Double](repeating: 0.1, count: 5),
      sets: sets)
    #expect(result.anchors.count == 2 && result.anchors.value == 1)
    #expect(result.wholeSets.count == 2 && result.wholeSets.value == 0.5)
    #expect(sets.expectedCount == 3)
    let none = try FrameSetAccuracy.evaluate(isRight: [true], chances: [1], sets: sets.rows([0]))
    #expect(none.anchors.value == nil && none.anchors.chance == nil)
    #expect(none.wholeSets.intervalMethod == nil)
  }

  @Test("sets of one video are drawn together")
  func videos() throws {
    let videos = SampleGroups(unit: "videos", keys: ["a", "a", "a", "a", "a", "b"])
    let result = try FrameSetAccuracy.evaluate(
      isRight: [true, true, true, true, true, false],
      chances: [Double](repeating: 0.1, count: 6), sets: Self.sets, groups: videos, resamples: 50)
    #expect(
      result.anchors.intervalMethod
        == "cluster-bootstrap-percentile clusters=videos resamples=50 prng=xoshiro256starstar seed=210300020"
    )
    // Drawing `a` twice gives 1, `b` twice 0.
    #expect(result.anchors.interval99_5 == Interval(lower: 0, upper: 1))
    #expect(result.anchors.value == 2.0 / 3)
  }

  @Test("a limit keeps whole sets")
  func limit() {
    #expect(Self.sets.wholeSets(within: 6) == [0, 1, 2, 3, 4, 5])
    #expect(Self.sets.wholeSets(within: 4) == [0, 1, 2])
    #expect(Self.sets.wholeSets(within: 1) == [0, 1, 2])
    let restricted = Self.sets.restricted(to: [3, 4, 5])
    #expect(restricted.sizes == [2, 1] && restricted.expectedCount == 3)
    #expect(restricted.numbers == [0, 0, 1] && restricted.isAnchor == [true, false, true])
  }
}
