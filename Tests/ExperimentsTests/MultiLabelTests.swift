import Core
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import TestSupport
import Testing

/// Zero-shot classification of images that show several classes (Tools/make-multi-label-fixtures.py).
struct MultiLabelTests {
  struct Fixture: Decodable {
    var dimension: Int
    var classCount: Int
    var scale: Float
    var weights: [Float]
    var features: [Float]
    var labels: [Int8]
    var scores: [Double]
    var prediction: [Int]
    var means: [Double]
  }

  let fixture: Fixture
  let classifier: ZeroShotClassifier
  let features: Matrix
  var labels: LabelMatrix

  init() throws {
    let file = TestPaths.fixtures.appending(path: "MultiLabel/zero-shot.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    let (d, c) = (fixture.dimension, fixture.classCount)
    classifier = try ZeroShotClassifier(
      weights: Matrix(rows: c, columns: d, storage: fixture.weights), scale: fixture.scale)
    features = Matrix(
      rows: fixture.features.count / d, columns: d, storage: fixture.features)
    labels = LabelMatrix(classCount: c)
    for start in stride(from: 0, to: fixture.labels.count, by: c) {
      labels.append(
        try fixture.labels[start..<start + c].map { try #require(LabelMatrix.Label(rawValue: $0)) })
    }
  }

  private func context(_ main: MetricName) -> EvaluationContext {
    EvaluationContext(
      classCount: fixture.classCount, mainMetric: main, expectedCount: 32, failedCount: 2,
      isPartial: false, protocol: EvaluationProtocol(dataset: "VOC2007", model: "M"))
  }

  @Test("scores are SciPy's log_softmax of scale × cosine; ranks are those of a single-label split")
  func scores() throws {
    let predictions = try classifier.predict(features, labels: labels)
    #expect(predictions.count == 30 && predictions.scores.count == 180)
    for (found, expected) in zip(predictions.scores, fixture.scores) {
      // Relative where the class has almost all of the probability: the logarithm is then near 0 without being it.
      #expect(abs(Double(found) - expected) <= 1e-5 * max(abs(expected), 1e-3))
      #expect(found != 0)
    }
    #expect(predictions.ranked.prediction == fixture.prediction)
    #expect(predictions.ranked.labels == [Int](repeating: -1, count: 30))
    let single = try classifier.predict(features, labels: [Int](repeating: 0, count: 30))
    #expect(predictions.ranked.top5 == single.top5)
    #expect(predictions.ranked.scores == single.scores)
    #expect(predictions.ranked.margin == single.margin)
  }

  @Test("mean average precision in both variants, the main one first")
  func rows() throws {
    let predictions = try classifier.predict(features, labels: labels)
    let rows = try ZeroShotExperiment.rows(for: predictions, in: context(.elevenPointMAP))
    #expect(rows.map(\.metric) == ["11-point-mAP", "area-mAP"])
    for (row, mean) in zip(rows, fixture.means) {
      #expect(abs(try #require(row.value) - mean) < 1e-12)
      #expect(row.n == 30 && row.nExpected == 32 && row.nFailed == 2 && !row.partial)
      #expect(row.nearTies == nil && row.emptyClasses == 0 && row.verdict == .noReference)
      #expect(try #require(row.interval95).contains(mean))
      // What difficult images and ties count as decides the number, so it is part of the protocol.
      #expect(
        row.protocol.metric
          == "\(row.metric) difficult=ignored ties=one-step scores=softmax-over-classes")
    }
    let reversed = try ZeroShotExperiment.rows(for: predictions, in: context(.areaMAP))
    #expect(reversed.map(\.metric) == ["area-mAP", "11-point-mAP"])
  }

  @Test("a class that no image shows makes the row partial")
  func emptyClass() throws {
    var matrix = LabelMatrix(classCount: fixture.classCount)
    for index in 0..<labels.count {
      matrix.append([.negative] + labels.row(index).dropFirst())
    }
    let rows = try ZeroShotExperiment.rows(
      for: classifier.predict(features, labels: matrix), in: context(.elevenPointMAP))
    #expect(rows.allSatisfy { $0.emptyClasses == 1 && $0.partial })
  }

  @Test("metrics of one class an image and of several are not mixed up")
  func refusals() throws {
    let several = try classifier.predict(features, labels: labels)
    let wrong = #expect(throws: EvalError.self) {
      try ZeroShotExperiment.rows(for: several, in: context(.accuracy))
    }
    #expect(wrong?.kind == .badSuite && wrong?.remedy?.contains("11-point-mAP") == true)
    let single = try classifier.predict(features, labels: [Int](repeating: 0, count: 30))
    let other = #expect(throws: EvalError.self) {
      try ZeroShotExperiment.rows(for: single, in: context(.areaMAP))
    }
    #expect(other?.kind == .badSuite && other?.message.contains("several classes") == true)
    // A label of −1, as samples of a multi-label index have, is no class.
    let none = #expect(throws: EvalError.self) {
      try classifier.predict(features, labels: [Int](repeating: -1, count: 30))
    }
    #expect(none?.kind == .malformedData && none?.message.contains("label -1") == true)
    let empty = #expect(throws: EvalError.self) {
      try ZeroShotExperiment.rows(
        for: MultiLabelPredictions(labels: LabelMatrix(classCount: 6)), in: context(.areaMAP))
    }
    #expect(empty?.kind == .taskFailed)
    let short = #expect(throws: EvalError.self) {
      try classifier.predict(features, labels: labels.rows(0..<29))
    }
    #expect(short?.message.contains("expected 30×6 labels, found 29×6") == true)
  }
}
