import Core
import Experiments
import Foundation
import LinearAlgebra
import TestSupport
import Testing

struct ZeroShotClassifierTests {
  struct Fixture: Decodable {
    var classCount: Int
    var dimension: Int
    var scale: Float
    var classOfPrompt: [Int]
    var textFeatures: [Float]
    var imageFeatures: [Float]
    var labels: [Int]
    var weights: [Double]
    var prediction: [Int]
    var top5: [Int]
    var scores: [Double]
    var margin: [Double]
  }

  let fixture: Fixture
  let text: Matrix
  let images: Matrix

  init() throws {
    let file = TestPaths.fixtures.appending(path: "ZeroShot/small.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    text = Matrix(
      rows: fixture.classOfPrompt.count, columns: fixture.dimension, storage: fixture.textFeatures)
    images = Matrix(
      rows: fixture.labels.count, columns: fixture.dimension, storage: fixture.imageFeatures)
  }

  func classifier() throws -> ZeroShotClassifier {
    var weights = ClassWeights(classCount: fixture.classCount, dimension: fixture.dimension)
    try weights.add(text, classOfPrompt: fixture.classOfPrompt)
    return try ZeroShotClassifier(weights: weights.matrix(), scale: fixture.scale)
  }

  @Test("class weights are PyTorch's: normalise, mean over names and templates, normalise")
  func classWeights() throws {
    let weights = try classifier().weights.storage
    #expect(weights.count == fixture.weights.count)
    for (found, expected) in zip(weights, fixture.weights) {
      #expect(abs(Double(found) - expected) <= 1e-7)
    }
  }

  @Test("class weights are the same whatever order and portions the prompts come in")
  func promptOrder() throws {
    var weights = ClassWeights(classCount: fixture.classCount, dimension: fixture.dimension)
    for row in text.storage.indices.filter({ $0 % fixture.dimension == 0 }).reversed() {
      let prompt = Matrix(
        rows: 1, columns: fixture.dimension,
        storage: Array(text.storage[row..<(row + fixture.dimension)]))
      try weights.add(prompt, classOfPrompt: [fixture.classOfPrompt[row / fixture.dimension]])
    }
    #expect(try weights.matrix() == classifier().weights)
  }

  @Test("predictions, ranking, logits and margins are PyTorch's")
  func predictions() throws {
    let predictions = try classifier().predict(images, labels: fixture.labels)
    #expect(predictions.labels == fixture.labels)
    #expect(predictions.prediction == fixture.prediction)
    #expect(predictions.top5 == fixture.top5)
    #expect(predictions.count == 60 && predictions.scores.count == 300)
    for (found, expected) in zip(predictions.scores, fixture.scores) {
      #expect(abs(Double(found) - expected) <= 5e-5)
    }
    for (found, expected) in zip(predictions.margin, fixture.margin) {
      #expect(abs(Double(found) - expected) <= 1e-4)
    }
  }

  @Test("how a split is cut into parts does not change a bit of the result")
  func parts() throws {
    let classifier = try classifier()
    // 12 copies: 720 rows, three blocks.
    let copies = Matrix(
      rows: 720, columns: fixture.dimension,
      storage: [[Float]](repeating: fixture.imageFeatures, count: 12).flatMap(\.self))
    let labels = [[Int]](repeating: fixture.labels, count: 12).flatMap(\.self)
    let whole = try classifier.predict(copies, labels: labels)
    var joined = Predictions()
    var start = 0
    for count in [1, 255, 300, 0, 164] {
      let part = Matrix(
        rows: count, columns: fixture.dimension,
        storage: Array(
          copies.storage[(start * fixture.dimension)..<((start + count) * fixture.dimension)]))
      joined.append(
        contentsOf: try classifier.predict(part, labels: Array(labels[start..<(start + count)])))
      start += count
    }
    #expect(start == 720)
    #expect(joined == whole)
    #expect(whole.prediction == [[Int]](repeating: fixture.prediction, count: 12).flatMap(\.self))
  }

  @Test("nor does it at a real model's sizes, where BLAS uses its blocked kernels")
  func partsAtFullSize() throws {
    var state: UInt64 = 1
    func value() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    let (samples, classes, dimension) = (300, 101, 512)
    let features = (0..<(samples * dimension)).map { _ in value() }
    var weights = ClassWeights(classCount: classes, dimension: dimension)
    // The last class repeats the first one's prompt: their scores must tie, and the first must win.
    var prompts = (0..<((classes - 1) * dimension)).map { _ in value() }
    prompts += prompts[..<dimension]
    try weights.add(
      Matrix(rows: classes, columns: dimension, storage: prompts),
      classOfPrompt: Array(0..<classes))
    let classifier = try ZeroShotClassifier(weights: weights.matrix(), scale: 100)
    func predictions(_ range: Range<Int>) throws -> Predictions {
      try classifier.predict(
        Matrix(
          rows: range.count, columns: dimension,
          storage: Array(
            features[(range.lowerBound * dimension)..<(range.upperBound * dimension)])),
        labels: range.map { $0 % classes })
    }
    var joined = try predictions(0..<7)
    joined.append(contentsOf: try predictions(7..<136))
    joined.append(contentsOf: try predictions(136..<300))
    #expect(try predictions(0..<samples) == joined)
    #expect(!joined.prediction.contains(classes - 1))
    #expect(joined.prediction.contains(0))
    for (sample, margin) in joined.margin.enumerated() where joined.prediction[sample] == 0 {
      #expect(margin == 0)
    }
  }

  @Test(
    "fewer than five classes leave ranks of class -1 and score NaN; ties go to the lowest class")
  func fewClasses() throws {
    let weights = Matrix(rows: 3, columns: 2, storage: [1, 0, 0, 1, 0, 1])
    let classifier = try ZeroShotClassifier(weights: weights, scale: 10)
    let image = Matrix(rows: 1, columns: 2, storage: [0, 4])
    let predictions = try classifier.predict(image, labels: [2])
    #expect(predictions.prediction == [1])
    #expect(predictions.top5 == [1, 2, 0, -1, -1])
    #expect(Array(predictions.scores[..<3]) == [10, 10, 0])
    #expect(predictions.scores[3...].allSatisfy { $0.isNaN })
    #expect(predictions.margin == [0])
  }

  @Test(
    "features that are zero or not finite are an error that names the sample",
    arguments: [[0, 0], [.nan, 1], [.infinity, 0]] as [[Float]])
  func badFeatures(row: [Float]) throws {
    let classifier = try ZeroShotClassifier(
      weights: Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 1]), scale: 100)
    let features = Matrix(rows: 2, columns: 2, storage: [1, 1] + row)
    let error = #expect(throws: EvalError.self) {
      try classifier.predict(features, labels: [0, 1])
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains("sample 1") == true)
  }

  @Test("large and tiny features keep their direction")
  func extremeFeatures() throws {
    let classifier = try ZeroShotClassifier(
      weights: Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 1]), scale: 1)
    let features = Matrix(rows: 2, columns: 2, storage: [3e38, 3e38, 1e-38, 0])
    let predictions = try classifier.predict(features, labels: [0, 0])
    #expect(abs(predictions.scores[0] - Float(0.5).squareRoot()) < 1e-7)
    #expect(predictions.scores[5] == 1)
  }

  @Test("sizes and labels that do not match are errors")
  func mismatches() throws {
    let classifier = try classifier()
    let narrow = Matrix(rows: 1, columns: 3, storage: [1, 1, 1])
    #expect(throws: EvalError.self) { try classifier.predict(narrow, labels: [0]) }
    #expect(throws: EvalError.self) { try classifier.predict(images, labels: [0]) }
    var labels = fixture.labels
    labels[4] = 7
    let error = #expect(throws: EvalError.self) { try classifier.predict(images, labels: labels) }
    #expect(error?.message.contains("sample 4 has label 7") == true)
    #expect(throws: EvalError.self) {
      try ZeroShotClassifier(weights: classifier.weights, scale: .nan)
    }
    #expect(throws: EvalError.self) {
      try ZeroShotClassifier(weights: Matrix(rows: 1, columns: 2, storage: [1, 1]), scale: 1)
    }
    #expect(throws: EvalError.self) {
      try ZeroShotClassifier(weights: Matrix(rows: 0, columns: 4), scale: 1)
    }
  }

  @Test("a class without prompts, or whose prompts cancel, is an error")
  func badPrompts() throws {
    var missing = ClassWeights(classCount: 2, dimension: 2)
    try missing.add(Matrix(rows: 1, columns: 2, storage: [1, 0]), classOfPrompt: [0])
    let error = #expect(throws: EvalError.self) { try missing.matrix() }
    #expect(error?.message.contains("class 1 of 2 has no prompt") == true)

    var cancelling = ClassWeights(classCount: 1, dimension: 2)
    let opposed = Matrix(rows: 2, columns: 2, storage: [0.3, 0.1, -0.6, -0.2])
    try cancelling.add(opposed, classOfPrompt: [0, 0])
    #expect(throws: EvalError.self) { try cancelling.matrix() }

    var zero = ClassWeights(classCount: 1, dimension: 2)
    #expect(throws: EvalError.self) {
      try zero.add(Matrix(rows: 1, columns: 2, storage: [0, 0]), classOfPrompt: [0])
    }
    #expect(throws: EvalError.self) {
      try zero.add(Matrix(rows: 1, columns: 2, storage: [1, 0]), classOfPrompt: [1])
    }
  }
}
