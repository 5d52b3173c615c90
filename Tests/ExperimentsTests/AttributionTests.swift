import Core
import Experiments
import Foundation
import Statistics
import TestSupport
import Testing

/// Moves and shares with their intervals, against numpy and scipy (`Tools/make-attribution-fixtures.py`).
@Suite struct VariantScoresTests {
  private struct Fixture: Decodable {
    struct Difference: Decodable {
      var difference: Double
      var interval: [Double]
    }
    struct Share: Decodable {
      var value: Double
      var interval: [Double]
    }
    var ids: [String]
    var otherIDs: [String]
    var classes: [Int]
    var base: [Int]
    var first: [Int]
    var second: [Int]
    var both: [Int]
    var other: [Int]
    var firstBase: Difference
    var secondBase: Difference
    var otherBase: Difference
    var perClass: Difference
    var shapley: [Share]

    enum CodingKeys: String, CodingKey {
      case ids, otherIDs, classes, base, first, second, both, other, shapley
      case firstBase = "first-base"
      case secondBase = "second-base"
      case otherBase = "other-base"
      case perClass = "first-base-per-class"
    }
  }

  private func fixture() throws -> Fixture {
    try JSONDecoder().decode(
      Fixture.self,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "attribution/bootstrap.json")))
  }

  /// Right answers are the class, wrong ones the next.
  private func variant(
    _ ids: [String], _ classes: [Int], _ isRight: [Int], metric: String = "accuracy",
    groups: [Int]? = nil
  ) throws -> ScoredVariant {
    var samples = RecordedSamples(ids: ids)
    samples.predictions.labels = classes
    samples.predictions.prediction = zip(classes, isRight).map { $1 == 1 ? $0 : ($0 + 1) % 7 }
    samples.predictions.top5 = [Int](repeating: -1, count: 5 * ids.count)
    samples.predictions.scores = [Float](repeating: 0, count: 5 * ids.count)
    samples.groups = groups
    return try ScoredVariant(samples, metric: metric)
  }

  private func expect(
    _ estimate: PairedBootstrap.Estimate?, _ value: Double, _ interval: [Double],
    within: Double = 0.004, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(estimate, sourceLocation: sourceLocation)
    #expect(abs(found.difference - value) < 1e-12, sourceLocation: sourceLocation)
    let own = try #require(found.interval, sourceLocation: sourceLocation)
    #expect(
      abs(own.lower - interval[0]) < within && abs(own.upper - interval[1]) < within,
      "\(own), expected \(interval)", sourceLocation: sourceLocation)
  }

  @Test("Moves of accuracies on the same samples")
  func moves() throws {
    let fixture = try fixture()
    let scores = try VariantScores(
      [fixture.base, fixture.first, fixture.second].map {
        try variant(fixture.ids, fixture.classes, $0)
      }, unit: nil, threads: 2)
    let estimates = try scores.estimates([[1: 1, 0: -1], [2: 1, 0: -1]])
    try expect(estimates[0], fixture.firstBase.difference, fixture.firstBase.interval)
    try expect(estimates[1], fixture.secondBase.difference, fixture.secondBase.interval)
    let values = try scores.values().compactMap(\.self)
    #expect(abs(values[0] - Double(fixture.base.reduce(0, +)) / 400) < 1e-12)
    #expect(
      scores.methodName(of: [1: 1, 0: -1]).hasPrefix("paired-bootstrap-percentile units=samples "))
  }

  @Test("The same drawn group by group, each sample its own: another way to the same")
  func groups() throws {
    let fixture = try fixture()
    let scores = try VariantScores(
      [fixture.base, fixture.first].map {
        try variant(fixture.ids, fixture.classes, $0, groups: Array(0..<400))
      }, unit: "videos", threads: 2)
    #expect(scores.method == .anew(unit: "videos"))
    try expect(
      try scores.estimates([[1: 1, 0: -1]])[0], fixture.firstBase.difference,
      fixture.firstBase.interval, within: 0.006)
  }

  @Test("Means per class draw each class's samples apart")
  func classes() throws {
    let fixture = try fixture()
    let scores = try VariantScores(
      [fixture.base, fixture.first].map {
        try variant(fixture.ids, fixture.classes, $0, metric: "mean-per-class")
      }, unit: nil, threads: 2)
    #expect(scores.methodName(of: [1: 1]).contains("strata=classes"))
    try expect(
      try scores.estimates([[1: 1, 0: -1]])[0], fixture.perClass.difference,
      fixture.perClass.interval)
  }

  @Test("Of other samples, those that both have are drawn for both")
  func otherSamples() throws {
    let fixture = try fixture()
    let shared = Array(fixture.classes[150...]) + [Int](repeating: 0, count: 150)
    let scores = try VariantScores(
      [
        try variant(fixture.ids, fixture.classes, fixture.base),
        try variant(fixture.otherIDs, shared, fixture.other),
      ], unit: nil, threads: 2)
    try expect(
      try scores.estimates([[1: 1, 0: -1]])[0], fixture.otherBase.difference,
      fixture.otherBase.interval)
  }

  @Test("Shapley values with their intervals")
  func shapley() throws {
    let fixture = try fixture()
    let scores = try VariantScores(
      [fixture.base, fixture.first, fixture.second, fixture.both].map {
        try variant(fixture.ids, fixture.classes, $0)
      }, unit: nil, threads: 2)
    let combinations = Shapley.weights(players: 2).map {
      Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($0.offset, $0.element) })
    }
    let estimates = try scores.estimates(combinations)
    for (estimate, expected) in zip(estimates, fixture.shapley) {
      try expect(estimate, expected.value, expected.interval)
    }
  }
}

/// Which changes a gap is divided among.
@Suite struct AttributionChoiceTests {
  private func variant(
    _ axis: ProtocolAxis, _ level: String, move: Double, gap: Double, holm: Double,
    isPapers: Bool = false, documented: String? = nil
  ) -> Explanation.Variant {
    var variant = Explanation.Variant(
      axis: axis, level: level, isPapers: isPapers, documented: documented, value: 0.5 + move,
      n: 1000, move: move, remaining: gap + move, agrees: abs(gap + move) <= 0.0005,
      protocolHash: level)
    variant.holm = holm
    return variant
  }

  /// Of changes that add up.
  private func choose(_ variants: [Explanation.Variant], gap: Double) -> AttributionChoice {
    AttributionChoice(variants, gap: gap, isExact: { _ in true }) { set in
      let move = set.reduce(0) { $0 + variants[$1].move }
      return .init(move: move, agrees: abs(gap + move) <= 0.0005)
    }
  }

  @Test("One change that closes the gap is all, whatever others would add")
  func single() {
    let gap = -0.06
    let variants = [
      variant(.classNames, "a", move: 0.06, gap: gap, holm: 0.5),
      variant(.templates, "b", move: 0.05, gap: gap, holm: 0),
      variant(.ensemble, "c", move: 0.01, gap: gap, holm: 0),
    ]
    let choice = choose(variants, gap: gap)
    #expect(choice.players == [0] && choice.explains)
  }

  @Test("The paper's own settings go first, together")
  func papers() {
    let gap = -0.06
    let variants = [
      variant(.classNames, "a", move: 0.04, gap: gap, holm: 0, isPapers: true),
      variant(.templates, "b", move: 0.02, gap: gap, holm: 0.9, isPapers: true),
      variant(.metric, "c", move: 0.06, gap: gap, holm: 0),
    ]
    let choice = choose(variants, gap: gap)
    #expect(choice.players == [0, 1] && choice.explains)
  }

  @Test("Of several that close it, the one that a source names")
  func documented() {
    let gap = 0.03
    let variants = [
      variant(.classNames, "a", move: -0.03, gap: gap, holm: 0),
      variant(.templates, "b", move: -0.0298, gap: gap, holm: 0, documented: "known cause"),
    ]
    #expect(choose(variants, gap: gap).players == [1])
  }

  @Test("Several chosen by looking divide the gap, and explain nothing")
  func looking() {
    let gap = -0.06
    let variants = [
      variant(.classNames, "a", move: 0.03, gap: gap, holm: 0.001),
      variant(.classNames, "a2", move: 0.02, gap: gap, holm: 0.001),
      variant(.templates, "b", move: 0.03, gap: gap, holm: 0.001),
      variant(.ensemble, "noise", move: 0.02, gap: gap, holm: 0.3),
      variant(.metric, "away", move: -0.02, gap: gap, holm: 0.001),
    ]
    let choice = choose(variants, gap: gap)
    #expect(choice.players == [0, 2] && !choice.explains)
  }

  @Test("Where nothing is beyond chance, nothing is chosen")
  func noise() {
    let gap = -0.06
    let choice = choose(
      [variant(.templates, "b", move: 0.02, gap: gap, holm: 0.2)], gap: gap)
    #expect(choice.players.isEmpty && !choice.explains)
  }

  @Test("Where sampling plays a part, the change also has to move the number")
  func sampling() {
    let gap = -0.095
    func choice(
      documented: String?, holm: Double, pValue: Double, isPapers: Bool = false
    ) -> AttributionChoice {
      var other = variant(
        .split, "val", move: 0.055, gap: gap, holm: holm, isPapers: isPapers,
        documented: documented)
      (other.agrees, other.pValue) = (true, pValue)
      return AttributionChoice([other], gap: gap, isExact: { _ in false }) { set in
        .init(move: 0.055, agrees: isPapers ? false : !set.isEmpty)
      }
    }
    let noise = choice(documented: "known cause", holm: 0.84, pValue: 0.21)
    #expect(noise.players.isEmpty && !noise.explains)
    // Named beforehand, it was not picked out of many.
    let named = choice(documented: "known cause", holm: 0.08, pValue: 0.02)
    #expect(named.players == [0] && named.explains)
    let unnamed = choice(documented: nil, holm: 0.08, pValue: 0.02)
    #expect(unnamed.players.isEmpty && !unnamed.explains)
    #expect(choice(documented: nil, holm: 0.01, pValue: 0.002).explains)
    #expect(choice(documented: nil, holm: 1, pValue: 0.9, isPapers: true).explains)
  }

  private func row(_ value: Double) throws -> ResultRow {
    try ResultRow(
      experiment: "zero-shot", dataset: "Toys", model: "m", metric: "accuracy", value: value,
      interval95: Interval(lower: value - 0.01, upper: value + 0.01), interval99_5: nil,
      intervalMethod: nil, n: 1000, nExpected: 1000, nFailed: 0, partial: false, chance: nil,
      reference: nil, verdict: .noReference, nearTies: 0, emptyClasses: nil,
      protocol: EvaluationProtocol(dataset: "Toys", model: "m"))
  }

  @Test("One sentence says it")
  func conclusion() throws {
    let reference = ResultRow.Reference(source: "Table 11", model: "m", value: 0.564)
    var explanation = try Explanation(
      row(0.5), PublishedFigure(reference: reference, usesSameImages: true))
    #expect(abs((explanation.gap ?? 0) + 0.064) < 1e-12 && explanation.gapInterval95 == nil)
    explanation.tried = 9
    let gap = -0.064
    explanation.variants = [
      variant(.classNames, "laion", move: 0.061, gap: gap, holm: 0),
      variant(.templates, "bare", move: -0.1, gap: gap, holm: 0),
    ]
    explanation.conclude()
    #expect(explanation.conclusion.hasPrefix("None of 9 variants explains the gap of −6.4"))
    explanation.count(nearTies: 0)
    #expect(explanation.agreeing == 0)
    // A window of 0.1 points in a range of 16.4, twice: from the least value to the published one, which none reaches.
    #expect(abs((explanation.agreeingByLuck ?? 0) - 2 * 0.001 / 0.164) < 1e-9)
    explanation.attribution = .init(
      parts: [
        .init(
          axis: .classNames, level: "laion", choice: .papers, single: 0.061, shapley: 0.061,
          interval95: nil)
      ], value: 0.561, move: 0.061, interval95: nil, residual: -0.003, residualInterval95: nil,
      agrees: false, intervalMethod: nil)
    explanation.conclude()
    #expect(
      explanation.conclusion
        == "Of the gap of −6.4 to Table 11's 56.4, class names (laion) +6.1 explains +6.1; −0.3 is left, which nothing tried here explains."
    )
    // The paper's own settings, which move it away.
    explanation.attribution?.parts[0].shapley = -0.01
    explanation.attribution?.move = -0.01
    explanation.attribution?.residual = -0.074
    explanation.conclude()
    #expect(
      explanation.conclusion
        == "class names (laion) −1.0 does not explain the gap of −6.4 to Table 11's 56.4: −7.4 is left."
    )
    var agreeing = try Explanation(
      row(0.564), PublishedFigure(reference: reference, usesSameImages: true))
    agreeing.conclude()
    #expect(agreeing.verdict == .agrees && agreeing.conclusion.contains("no gap to explain"))
    var alone = try Explanation(row(0.5), nil)
    alone.variants = explanation.variants
    alone.tried = 2
    alone.conclude()
    #expect(alone.conclusion.contains("templates: bare moves it most: −10.0"))
  }
}
