import Core
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import TestSupport
import Testing

struct PromptScorerTests {
  struct Step: Decodable, Equatable {
    var template: Int
    var selected: Double
    var scored: Double
  }

  struct Expected: Decodable {
    var all: Double
    var single: [Double]
    var without: [Double]
    var forward: [Step]?
    var forwardOfTwo: [Step]?
  }

  struct Fixture: PromptFixture {
    var nameCounts: [Int]
    var templateCount: Int
    var dimension: Int
    var scale: Float
    var classIDs: [String]
    var textFeatures: [Float]
    var imageFeatures: [Float]
    var labels: [Int]
    var ids: [String]
    var shown: [Int]
    var pair: [Int]
    var pairRows: [Int]
    var seed: UInt64
    var selecting: [Int]
    var scoring: [Int]
    var metrics: [String: Expected]
    var accuracyNoise: Double
    var perClassRows: [Int]
    var perClassNoise: Double
    var topNoise: Double
    var pValues: [Double]
    var holm: [Double]
  }

  let fixture: Fixture
  let prompts: PromptFeatures
  let images: Matrix

  init() throws {
    fixture = try Fixture.read("PromptComparison/comparison.json")
    prompts = try fixture.prompts()
    images = fixture.images
  }

  func scorer(_ metric: MetricName, _ rows: [Int]? = nil) throws -> PromptScorer {
    let all = try PromptSamples(
      features: images, labels: .single(fixture.labels), ids: fixture.ids,
      structure: .independent, classCount: fixture.nameCounts.count, metric: metric, dataset: "d")
    return PromptScorer(
      prompts, scale: fixture.scale, samples: rows.map(all.rows) ?? all, threads: 2)
  }

  /// The prompts of two classes alone, and their images.
  func pairScorer() throws -> PromptScorer {
    let starts = fixture.nameCounts.reduce(into: [0]) {
      $0.append(($0.last ?? 0) + $1 * fixture.templateCount)
    }
    let rows = fixture.pair.flatMap { Array(starts[$0]..<starts[$0 + 1]) }
    let text = Matrix(
      rows: rows.count, columns: fixture.dimension,
      storage: rows.flatMap {
        fixture.textFeatures[$0 * fixture.dimension..<($0 + 1) * fixture.dimension]
      })
    let labels = fixture.pairRows.map { fixture.labels[$0] == fixture.pair[1] ? 1 : 0 }
    let samples = try PromptSamples(
      features: Matrix(
        rows: labels.count, columns: fixture.dimension,
        storage: fixture.pairRows.flatMap { images.row($0) }),
      labels: .single(labels), ids: fixture.pairRows.map { fixture.ids[$0] },
      structure: .independent, classCount: 2, metric: .rocAUC, dataset: "d")
    return PromptScorer(
      try PromptFeatures(
        text, nameCounts: fixture.pair.map { fixture.nameCounts[$0] },
        templateCount: fixture.templateCount),
      scale: fixture.scale, samples: samples, threads: 1)
  }

  func areaScorer(_ rows: [Int]? = nil) throws -> PromptScorer {
    let count = fixture.nameCounts.count
    var labels = LabelMatrix(classCount: count)
    for sample in fixture.labels.indices {
      labels.append(
        fixture.shown[sample * count..<(sample + 1) * count].map { $0 > 0 ? .positive : .negative })
    }
    let all = try PromptSamples(
      features: images, labels: .multiple(labels), ids: fixture.ids, structure: .independent,
      classCount: count, metric: .areaMAP, dataset: "d")
    return PromptScorer(
      prompts, scale: fixture.scale, samples: rows.map(all.rows) ?? all, threads: 2)
  }

  private func expect(_ scorer: PromptScorer, _ expected: Expected) throws {
    let everything = Array(0..<fixture.templateCount)
    func close(_ found: Double?, _ value: Double) -> Bool { abs((found ?? .nan) - value) < 1e-9 }
    #expect(close(try scorer.score(of: everything).value, expected.all))
    let singles = try scorer.scores(.adding, everything, to: [])
    let without = try scorer.scores(.leaving, everything, to: everything)
    for template in everything {
      #expect(close(singles[template].value, expected.single[template]))
      #expect(close(without[template].value, expected.without[template]))
    }
  }

  @Test(
    "singles, all, and all but each, as numpy has them",
    arguments: [MetricName.accuracy, .meanPerClass, .meanTop1Top5])
  func means(_ metric: MetricName) throws {
    try expect(try scorer(metric), try #require(fixture.metrics[metric.rawValue]))
  }

  @Test("the same of metrics of rankings")
  func rankings() throws {
    try expect(try pairScorer(), try #require(fixture.metrics["ROC-AUC"]))
    try expect(try areaScorer(), try #require(fixture.metrics["area-mAP"]))
  }

  private func expect(_ found: PromptSelection, _ expected: [Step]) {
    #expect(found.steps.map(\.template) == expected.map(\.template))
    for (step, other) in zip(found.steps, expected) {
      #expect(abs(step.selected - other.selected) < 1e-9)
      #expect(abs((step.scored ?? .nan) - other.scored) < 1e-9)
    }
  }

  @Test(
    "forward selection takes numpy's path",
    arguments: [MetricName.accuracy, .meanPerClass, .meanTop1Top5])
  func forward(_ metric: MetricName) throws {
    let expected = try #require(fixture.metrics[metric.rawValue])
    let selecting = try scorer(metric, fixture.selecting)
    let scoring = try scorer(metric, fixture.scoring)
    expect(
      try PromptSelection.forward(on: selecting, scoring: scoring, size: nil),
      try #require(expected.forward))
    expect(
      try PromptSelection.forward(on: selecting, scoring: scoring, size: 2),
      try #require(expected.forwardOfTwo))
  }

  @Test("forward selection by mean average precision")
  func forwardByArea() throws {
    let expected = try #require(fixture.metrics["area-mAP"]?.forward)
    expect(
      try PromptSelection.forward(
        on: areaScorer(fixture.selecting), scoring: areaScorer(fixture.scoring), size: nil),
      expected)
  }

  @Test("credits are those of the classifier of the same templates, near ties included")
  func agreesWithClassifier() throws {
    // Features on a coarse grid: many classes score exactly alike.
    let coarse = Matrix(
      rows: prompts.classCount * 3, columns: 4,
      storage: (0..<prompts.classCount * 12).map { Float([1, -1, 1, 1, 0, 2, 1][$0 % 7]) })
    let few = try PromptFeatures(
      coarse, nameCounts: [Int](repeating: 1, count: prompts.classCount), templateCount: 3)
    let pictures = Matrix(
      rows: 64, columns: 4, storage: (0..<256).map { Float([1, 0, 1, -1, 2][$0 % 5 + 0]) })
    let labels = (0..<64).map { $0 % prompts.classCount }
    let samples = try PromptSamples(
      features: pictures, labels: .single(labels), ids: labels.map { "\($0)" },
      structure: .independent, classCount: prompts.classCount, metric: .meanTop1Top5, dataset: "d")
    let scorer = PromptScorer(few, scale: 100, samples: samples, threads: 1)
    for templates in [[0], [1, 2], [0, 1, 2]] {
      let classifier = try ZeroShotClassifier(weights: few.classWeights(of: templates), scale: 100)
      let predictions = try classifier.predict(pictures, labels: labels)
      let expected = labels.indices.map { row -> UInt8 in
        (predictions.prediction[row] == labels[row] ? 1 : 0)
          + (predictions.top5[row * 5..<row * 5 + 5].contains(labels[row]) ? 1 : 0)
      }
      #expect(try scorer.score(of: templates).credits == expected)
    }
  }

  @Test("how much templates differ beyond chance is numpy's residual mean square")
  func sensitivity() throws {
    let everything = Array(0..<fixture.templateCount)
    func sensitivity(
      _ metric: MetricName, _ rows: [Int]? = nil, strata: [Int]? = nil
    ) throws -> PromptSensitivity {
      let scorer = try scorer(metric, rows)
      let scores = try scorer.scores(.adding, everything, to: [])
      return try #require(
        PromptSensitivity(
          values: scores.compactMap(\.value), credits: scores.map(\.credits), strata: strata,
          full: scorer.full))
    }
    let accuracy = try sensitivity(.accuracy)
    let singles = try #require(fixture.metrics["accuracy"]?.single)
    let mean = singles.reduce(0, +) / 9
    let variance = singles.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
    #expect(abs(accuracy.mean - mean) < 1e-12)
    #expect(abs(accuracy.deviation - variance.squareRoot()) < 1e-12)
    #expect(accuracy.lowest == singles.min() && accuracy.highest == singles.max())
    #expect(abs((accuracy.noise ?? 0) - fixture.accuracyNoise) < 1e-12)
    let excess = (variance - fixture.accuracyNoise * fixture.accuracyNoise).squareRoot()
    #expect(abs((accuracy.excess ?? 0) - excess) < 1e-12)
    #expect(abs((try sensitivity(.meanTop1Top5).noise ?? 0) - fixture.topNoise) < 1e-12)
    let rows = fixture.perClassRows
    let perClass = try sensitivity(
      .meanPerClass, rows, strata: rows.map { fixture.labels[$0] })
    #expect(abs((perClass.noise ?? 0) - fixture.perClassNoise) < 1e-12)
    #expect(
      try sensitivity(.meanPerClass, strata: fixture.labels).noise == nil,
      "of a class with one sample nothing is known")
  }

  @Test("metrics that no sample has a part in are refused")
  func refusals() throws {
    #expect(throws: EvalError.self) { try scorer(.pm10) }
    #expect(throws: EvalError.self) { try scorer(.elevenPointMAP) }
    #expect(throws: EvalError.self) { try scorer(.accuracy).score(of: []) }
  }
}
