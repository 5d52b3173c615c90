import Core
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import TestSupport
import Testing

struct ProbabilityEnsembleTests {
  struct Fixture: PromptFixture {
    var nameCounts: [Int]
    var templateCount: Int
    var dimension: Int
    var scale: Float
    var textFeatures: [Float]
    var imageFeatures: [Float]
    var labels: [Int]
    var embeddingWeights: [Double]
    var probabilities: [Double]
    var candidates: [[Int]]
    var restricted: [Double]
    var clips: [Int]
    var clipLabels: [Int]
    var clipProbabilities: [Double]

    var classCount: Int { nameCounts.count }
  }

  let fixture: Fixture
  let prompts: PromptFeatures
  let images: Matrix

  init() throws {
    fixture = try Fixture.read("ZeroShot/ensembles.json")
    prompts = try fixture.prompts()
    images = fixture.images
  }

  /// That ranks, scores, margins and confidence follow from N × C probabilities.
  private func expect(_ found: Predictions, _ probabilities: [Double]) throws {
    let count = fixture.classCount
    try #require(found.count * count == probabilities.count)
    for sample in 0..<found.count {
      let own = Array(probabilities[sample * count..<(sample + 1) * count])
      let order = own.indices.filter { own[$0] > 0 }.sorted { own[$0] > own[$1] }
      let ranked = (0..<5).map { $0 < order.count ? order[$0] : -1 }
      #expect(Array(found.top5[sample * 5..<sample * 5 + 5]) == ranked)
      #expect(found.prediction[sample] == order[0])
      for (rank, place) in order.prefix(5).enumerated() {
        #expect(abs(Double(found.scores[sample * 5 + rank]) - log(own[place])) <= 2e-5)
      }
      #expect(abs(Double(found.margin[sample]) - log(own[order[0]] / own[order[1]])) <= 4e-5)
      #expect(abs(Double(found.confidence[sample]) - own[order[0]]) <= 2e-6)
    }
  }

  @Test("means over templates of numpy's softmax, of all classes")
  func allClasses() throws {
    let ensemble = try ProbabilityEnsemble(prompts, scale: fixture.scale)
    let found = try ensemble.predict(images, labels: fixture.labels, threads: 2)
    #expect(found.labels == fixture.labels)
    try expect(found, fixture.probabilities)
    #expect(
      try found == ensemble.predict(images, labels: fixture.labels), "whatever the threads are")
  }

  @Test("of each image's own candidates, over which each softmax is")
  func candidates() throws {
    var lists = CandidateLists()
    for own in fixture.candidates { lists.append(own) }
    let found = try ProbabilityEnsemble(prompts, scale: fixture.scale).predict(
      images, labels: fixture.labels, candidates: lists)
    try expect(found, fixture.restricted)
  }

  @Test("of clips: means over templates and frames")
  func clips() throws {
    let labels = fixture.clips.map { fixture.clipLabels[$0] }
    let (found, rows) = try ProbabilityEnsemble(prompts, scale: fixture.scale).predict(
      images, labels: labels,
      clips: SampleGroups(unit: "clips", keys: fixture.clips.map { "\($0)" }))
    #expect(rows == Array(stride(from: 0, to: fixture.labels.count, by: 3)))
    #expect(found.labels == fixture.clipLabels)
    try expect(found, fixture.clipProbabilities)
  }

  @Test("of images with several classes: the logarithm of every class's mean probability")
  func multiLabel() throws {
    var labels = LabelMatrix(classCount: fixture.classCount)
    for label in fixture.labels {
      labels.append((0..<fixture.classCount).map { $0 == label ? .positive : .negative })
    }
    let found = try ProbabilityEnsemble(prompts, scale: fixture.scale).predict(
      images, labels: labels)
    for (score, probability) in zip(found.scores, fixture.probabilities) {
      #expect(abs(Double(score) - log(probability)) <= 2e-5)
    }
  }

  @Test("some templates in embedding space are numpy's, and all of them ClassWeights'")
  func embedding() throws {
    let some = try prompts.classWeights(of: [0, 2, 5]).storage
    for (found, expected) in zip(some, fixture.embeddingWeights) {
      #expect(abs(Double(found) - expected) <= 1e-7)
    }
    let all = try ClassWeights.matrix(
      of: Matrix(
        rows: fixture.textFeatures.count / fixture.dimension, columns: fixture.dimension,
        storage: fixture.textFeatures),
      promptCounts: fixture.nameCounts.map { $0 * fixture.templateCount })
    for (a, b) in zip(try prompts.classWeights(of: Array(0..<6)).storage, all.storage) {
      #expect(abs(a - b) <= 1e-7)
    }
  }

  @Test("of one template it says what the classifier of that template says")
  func oneTemplate() throws {
    let rows = (0..<fixture.nameCounts.reduce(0, +)).map { $0 * fixture.templateCount + 3 }
    let text = Matrix(
      rows: rows.count, columns: fixture.dimension,
      storage: rows.flatMap { row in
        fixture.textFeatures[row * fixture.dimension..<(row + 1) * fixture.dimension]
      })
    let alone = try PromptFeatures(text, nameCounts: fixture.nameCounts, templateCount: 1)
    let found = try ProbabilityEnsemble(alone, scale: fixture.scale).predict(
      images, labels: fixture.labels)
    let classifier = try ZeroShotClassifier(
      weights: prompts.classWeights(of: [3]), scale: fixture.scale)
    let expected = try classifier.predict(images, labels: fixture.labels)
    #expect(found.top5 == expected.top5)
    for (a, b) in zip(found.margin, expected.margin) { #expect(abs(a - b) <= 5e-5) }
  }

  @Test("a probability that is almost 1 still tells images apart")
  func nearOne() throws {
    let text = Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 1])
    let prompts = try PromptFeatures(text, nameCounts: [1, 1], templateCount: 1)
    var labels = LabelMatrix(classCount: 2)
    for _ in 0..<2 { labels.append([.positive, .negative]) }
    let images = Matrix(rows: 2, columns: 2, storage: [1, 0.2, 1, 0.3])
    let found = try ProbabilityEnsemble(prompts, scale: 30).predict(images, labels: labels)
    #expect(found.scores[0] > found.scores[2])
  }

  @Test("features that are no direction are refused by name")
  func refusals() throws {
    let zero = Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 0])
    let error = #expect(throws: EvalError.self) {
      try PromptFeatures(zero, nameCounts: [1, 1], templateCount: 1, classNames: ["a", "b"])
    }
    #expect(error?.message.contains("class 1 (b)") == true)
    let opposite = try PromptFeatures(
      Matrix(rows: 2, columns: 2, storage: [1, 0, -1, 0]), nameCounts: [1], templateCount: 2)
    #expect(throws: EvalError.self) { try opposite.classWeights(of: [0, 1]) }
    #expect(throws: EvalError.self) { try ProbabilityEnsemble(prompts, scale: .infinity) }
    let image = Matrix(rows: 1, columns: fixture.dimension)
    let wrong = #expect(throws: EvalError.self) {
      try ProbabilityEnsemble(prompts, scale: 10).predict(image, labels: [0], ids: ["x.png"])
    }
    #expect(wrong?.message.contains("x.png") == true)
  }
}
