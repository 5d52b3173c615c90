package import Core
import Statistics

/// How many sets of frames a classifier gets right (Shankar et al. 2019): by their anchors (pm-0), and by all of their frames (pm-10).
package enum FrameSetAccuracy {
  package struct Result: Sendable, Equatable {
    package var anchors: MetricValue
    package var wholeSets: MetricValue
    /// The sets that count: those of which no frame is missing.
    package var counted: [Int]
  }

  /// A set of which a frame is missing counts for neither: whether it is right as a whole is not known.
  ///
  /// - Parameters:
  ///   - isRight: of each frame: its prediction is one of the classes it may be called.
  ///   - chances: of each frame, the share of classes it may be called.
  ///   - groups: where several sets are of one group (a video), intervals are bootstrapped over groups; otherwise sets are
  ///     independent trials.
  package static func evaluate(
    isRight: [Bool], chances: [Double], sets: FrameSets, groups: SampleGroups? = nil,
    resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> Result {
    try requireSameCount(sets.numbers.count, isRight.count)
    try requireSameCount(sets.numbers.count, chances.count)
    var tallies = sets.sizes.map { _ in Tally() }
    for (frame, set) in sets.numbers.enumerated() {
      tallies[set].found += 1
      tallies[set].chance *= chances[frame]
      if isRight[frame] { tallies[set].right += 1 }
      if sets.isAnchor[frame] { tallies[set].anchor = frame }
    }
    let counted = tallies.indices.filter {
      tallies[$0].found == sets.sizes[$0] && tallies[$0].anchor != nil
    }
    let whole = counted.map { tallies[$0] }
    let anchors = whole.compactMap(\.anchor)
    let anchorGroups = groups?.rows(anchors)
    let areIndependent = anchorGroups.map { Set($0.numbers).count == anchors.count } ?? true

    func value(
      _ name: MetricName, _ isRight: [Bool], _ chances: [Double]
    ) throws(EvalError) -> MetricValue {
      let count = whole.count
      let hits = isRight.count { $0 }
      let chance = count > 0 ? chances.reduce(0, +) / Double(count) : nil
      guard areIndependent else {
        return try Resampling(
          SampleStructure(groups: anchorGroups), count: count, resamples: resamples
        ).value(
          name, count: count, chance: chance,
          of: Resampling.mean(of: isRight.map { $0 ? 1 : 0 }, full: 1))
      }
      func interval(_ confidence: Double) -> Interval? {
        ClopperPearson.interval(successes: hits, trials: count, confidence: confidence)
      }
      return MetricValue(
        name: name, value: count > 0 ? Double(hits) / Double(count) : nil,
        interval95: interval(0.95), interval99_5: interval(0.995),
        intervalMethod: count > 0 ? "\(ClopperPearson.methodName) trials=anchors" : nil,
        count: count, chance: chance)
    }
    return Result(
      anchors: try value(.pm0, anchors.map { isRight[$0] }, anchors.map { chances[$0] }),
      wholeSets: try value(.pm10, whole.map { $0.right == $0.found }, whole.map(\.chance)),
      counted: counted)
  }

  /// What was found of a set.
  private struct Tally {
    var found = 0
    var right = 0
    /// Position of the anchor.
    var anchor: Int?
    /// Of guessing every frame found.
    var chance = 1.0
  }
}
