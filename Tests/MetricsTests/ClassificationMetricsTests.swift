import Core
import Foundation
import Metrics
import Statistics
import TestSupport
import Testing

struct ClassificationMetricsTests {
  struct Fixture: Decodable {
    var classCount: Int
    var labels: [Int]
    var prediction: [Int]
    var top5: [Int]
    var accuracy: Double
    var accuracyAt5: Double
    var meanPerClass: Double
    var emptyClasses: [Int]
  }

  let fixture: Fixture

  init() throws {
    let file = TestPaths.fixtures.appending(path: "ZeroShot/small.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  @Test("accuracy is PyTorch's, with exact intervals and 1/classes as chance")
  func accuracy() throws {
    let metric = try Accuracy.topOne(
      labels: fixture.labels, predictions: fixture.prediction, classCount: fixture.classCount)
    let value = try #require(metric.value)
    #expect(abs(value - fixture.accuracy) < 1e-15)
    #expect(metric.chance == 1 / 7.0)
    #expect(metric.count == 60)
    #expect(metric.intervalMethod == "clopper-pearson")
    let correct = Int((fixture.accuracy * 60).rounded())
    #expect(
      metric.interval95
        == ClopperPearson.interval(successes: correct, trials: 60, confidence: 0.95))
    #expect(
      metric.interval99_5
        == ClopperPearson.interval(successes: correct, trials: 60, confidence: 0.995))
  }

  @Test("accuracy@5 is PyTorch's and chance is 5/classes")
  func accuracyAtFive() throws {
    let metric = try Accuracy.topFive(
      labels: fixture.labels, ranked: fixture.top5, width: 5, classCount: fixture.classCount)
    let value = try #require(metric.value)
    #expect(abs(value - fixture.accuracyAt5) < 1e-15)
    #expect(metric.chance == 5 / 7.0)
    #expect(metric.name.rawValue == "accuracy@5")
  }

  @Test("mean per class is taken over the classes that have samples, and names the others")
  func meanPerClass() throws {
    let counts = try PerClassCounts(
      labels: fixture.labels, predictions: fixture.prediction, classCount: fixture.classCount)
    let metric = MeanPerClass.value(counts)
    let value = try #require(metric.value)
    #expect(abs(value - fixture.meanPerClass) < 1e-15)
    #expect(counts.emptyClasses == fixture.emptyClasses)
    #expect(!fixture.emptyClasses.isEmpty)
    #expect(metric.chance == 1 / 7.0)
    let interval95 = try #require(metric.interval95)
    let interval99 = try #require(metric.interval99_5)
    #expect(interval95.contains(value))
    #expect(interval99.lower < interval95.lower && interval95.upper < interval99.upper)
    let method = try #require(metric.intervalMethod)
    #expect(method.contains("seed=210300020") && method.contains("resamples=10000"))
  }

  @Test("the interval of mean per class does not depend on the order of samples")
  func orderIndependent() throws {
    func interval(_ labels: [Int], _ predictions: [Int]) throws -> Interval? {
      let counts = try PerClassCounts(labels: labels, predictions: predictions, classCount: 7)
      return MeanPerClass.value(counts).interval95
    }
    #expect(
      try interval(fixture.labels, fixture.prediction)
        == interval(fixture.labels.reversed(), fixture.prediction.reversed()))
  }

  @Test("without samples nothing is known")
  func noSamples() throws {
    let metric = try Accuracy.topOne(labels: [], predictions: [], classCount: 3)
    #expect(metric.value == nil && metric.interval95 == nil && metric.intervalMethod == nil)
    #expect(metric.count == 0 && metric.chance == 1 / 3.0)
    let counts = try PerClassCounts(labels: [], predictions: [], classCount: 3)
    let mean = MeanPerClass.value(counts)
    #expect(mean.value == nil && mean.interval95 == nil && mean.intervalMethod == nil)
    #expect(counts.emptyClasses == [0, 1, 2])
  }

  @Test("a label outside the classes is an error that names the sample")
  func labelOutside() {
    let error = #expect(throws: EvalError.self) {
      try PerClassCounts(labels: [0, 3], predictions: [0, 0], classCount: 3)
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains("sample 1") == true)
    #expect(throws: EvalError.self) {
      try Accuracy.topOne(labels: [0], predictions: [], classCount: 3)
    }
  }

  @Test("near-ties are margins below the threshold, strictly; no second class is no tie")
  func nearTies() {
    let margins: [Float] = [0, 9e-4, 1e-3, 2, .nan]
    #expect(NearTies.count(margins: margins) == 2)
    #expect(NearTies.count(margins: margins, threshold: 3) == 4)
  }
}

struct TopScoresTests {
  @Test("ranks best first, equal scores by lowest class")
  func ranking() {
    var top = TopScores(width: 5)
    rank([1, 3, 2, 3, 0, -1, 2], in: &top)
    #expect(top.classes == [1, 3, 2, 6, 0])
    #expect(top.scores == [3, 3, 2, 2, 1])
    #expect(top.margin == 0)
  }

  @Test("agrees with a full sort")
  func agreesWithSort() {
    var generator = Seeded(state: 7)
    var top = TopScores(width: 5)
    for length in 5...60 {
      let row = (0..<length).map { _ in Float(generator.next() % 9) }
      rank(row, in: &top)
      let expected = row.indices.sorted { (-row[$0], $0) < (-row[$1], $1) }.prefix(5)
      #expect(top.classes == Array(expected))
      #expect(top.scores == expected.map { row[$0] })
      #expect(top.cutoff == top.scores[4])
    }
  }

  @Test("pads with class -1 and score NaN, also after a longer row")
  func padding() {
    var top = TopScores(width: 5)
    rank([5, 4, 3, 2, 1, 0], in: &top)
    rank([0.5, 0.75], in: &top)
    #expect(top.classes == [1, 0, -1, -1, -1])
    #expect(top.scores[0] == 0.75 && top.scores[1] == 0.5)
    #expect(top.scores[2...].allSatisfy { $0.isNaN })
    #expect(top.margin == 0.25)
    #expect(top.cutoff == nil)
    rank([1], in: &top)
    #expect(top.margin.isNaN)
  }

  private func rank(_ row: [Float], in top: inout TopScores) {
    top.reset()
    for (candidate, score) in row.enumerated() { top.insert(score, of: candidate) }
  }

  /// A linear congruential generator: any fixed sequence will do here.
  struct Seeded {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}
