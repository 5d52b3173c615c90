import Core
import Experiments
import Foundation
import LinearAlgebra
import Testing

/// The probability of predictions, against a softmax written out.
struct ConfidenceTests {
  private static let (samples, classes, dimension) = (520, 23, 40)

  private static func values(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
  }

  private func classifier(scale: Float) throws -> ZeroShotClassifier {
    var weights = ClassWeights(classCount: Self.classes, dimension: Self.dimension)
    try weights.add(
      Matrix(
        rows: Self.classes, columns: Self.dimension,
        storage: Self.values(Self.classes * Self.dimension, seed: 1)),
      classOfPrompt: Array(0..<Self.classes))
    return try ZeroShotClassifier(weights: weights.matrix(), scale: scale)
  }

  private let features = Matrix(
    rows: samples, columns: dimension, storage: values(samples * dimension, seed: 2))
  private let labels = [Int](repeating: 0, count: samples)

  /// Of one class among some, from unit vectors in Double.
  private func softmax(
    _ classifier: ZeroShotClassifier, row: Int, chosen: Int, among candidates: [Int]
  ) -> Double {
    let image = features.row(row).map(Double.init)
    let norm = image.reduce(0) { $0 + $1 * $1 }.squareRoot()
    func exponential(_ index: Int) -> Double {
      let cosine = zip(image, classifier.weights.row(index)).reduce(0) { $0 + $1.0 * Double($1.1) }
      return exp(Double(classifier.scale) * cosine / norm)
    }
    return exponential(chosen) / candidates.reduce(0) { $0 + exponential($1) }
  }

  @Test("softmax over all classes at the classifier's scale", arguments: [Float(1), 20, 100])
  func all(scale: Float) throws {
    let classifier = try classifier(scale: scale)
    let predictions = try classifier.predict(features, labels: labels)
    let found = try classifier.confidence(of: predictions, features)
    #expect(found.count == Self.samples)
    for row in 0..<Self.samples {
      let expected = softmax(
        classifier, row: row, chosen: predictions.prediction[row],
        among: Array(0..<Self.classes))
      #expect(abs(Double(found[row]) - expected) < 2e-6)
      #expect(found[row] <= 1)
    }
  }

  @Test("softmax over a sample's own candidates")
  func candidates() throws {
    let classifier = try classifier(scale: 10)
    let lists = (0..<Self.samples).map { row in [row % 7, 7 + row % 5, 20] }
    var candidates = CandidateLists()
    for list in lists { candidates.append(list) }
    let predictions = try classifier.predict(features, labels: labels, candidates: candidates)
    let found = try classifier.confidence(of: predictions, features, candidates: candidates)
    for row in 0..<Self.samples {
      let expected = softmax(
        classifier, row: row, chosen: predictions.prediction[row], among: lists[row])
      #expect(abs(Double(found[row]) - expected) < 2e-6)
    }
  }

  @Test("how a split is cut changes no bit")
  func parts() throws {
    let classifier = try classifier(scale: 30)
    let whole = try classifier.confidence(
      of: classifier.predict(features, labels: labels), features)
    var joined: [Float] = []
    for range in [0..<1, 1..<257, 257..<300, 300..<520] {
      let part = Matrix(
        rows: range.count, columns: Self.dimension,
        storage: range.flatMap { Array(features.row($0)) })
      joined += try classifier.confidence(
        of: classifier.predict(part, labels: [Int](repeating: 0, count: range.count)), part)
    }
    #expect(joined == whole)
  }

  @Test("a probe's logits become probabilities; shares of votes do not")
  func probe() throws {
    let scores = Matrix(rows: 2, columns: 3, storage: [1, 3, 2, 0, 0, 0])
    let found = try ProbeExperiment.predictions(
      of: scores, labels: [0, 1], ids: [], areLogits: true)
    let expected = exp(3.0) / (exp(1.0) + exp(2.0) + exp(3.0))
    #expect(abs(Double(found.confidence[0]) - expected) < 1e-6)
    #expect(abs(Double(found.confidence[1]) - 1.0 / 3) < 1e-6)
    #expect(
      try ProbeExperiment.predictions(of: scores, labels: [0, 1], ids: []).confidence.isEmpty)
  }

  @Test("joined predictions keep confidence where both have it")
  func joining() throws {
    let scores = Matrix(rows: 1, columns: 2, storage: [1, 0])
    let known = try ProbeExperiment.predictions(of: scores, labels: [0], ids: [], areLogits: true)
    let unknown = try ProbeExperiment.predictions(of: scores, labels: [0], ids: [])
    var joined = Predictions()
    joined.append(contentsOf: known)
    joined.append(contentsOf: known)
    #expect(joined.confidence == known.confidence + known.confidence)
    joined.append(contentsOf: unknown)
    #expect(joined.count == 3)
    #expect(joined.confidence.isEmpty)
  }
}
