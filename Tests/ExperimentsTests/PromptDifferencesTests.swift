import Core
import Experiments
import LinearAlgebra
import Metrics
import Statistics
import Testing

/// Each template alone against a base on the same images.
struct PromptDifferencesTests {
  private let scorers: PromptScorerTests

  init() throws { scorers = try PromptScorerTests() }

  private func differences(
    _ scorer: PromptScorer
  ) throws -> [PromptStudy.TemplateDifference?] {
    let scores = try scorer.scores(.adding, Array(0..<9), to: [])
    let own = try #require(
      PromptDifferences(scorer.samples, base: scores[0], full: scorer.full, threads: 2))
    return try own.differences(of: scores)
  }

  @Test("McNemar's exact test and Holm are those of a second implementation")
  func accuracy() throws {
    let fixture = scorers.fixture
    let single = try #require(fixture.metrics["accuracy"]?.single)
    let found = try differences(scorers.scorer(.accuracy))
    for (place, own) in found.enumerated() {
      let own = try #require(own)
      #expect(abs(own.value - (single[place] - single[0])) < 1e-12)
      #expect(abs((own.pValue ?? -1) - fixture.pValues[place]) < 1e-12)
      #expect(abs((own.holm ?? -1) - fixture.holm[place]) < 1e-12)
      #expect(own.test == "mcnemar-exact")
    }
    #expect(found[0]?.value == 0 && found[0]?.interval95 == nil && found[0]?.pValue == 1)
  }

  @Test(
    "intervals and tests are those of a comparison of two runs with the same answers",
    arguments: [MetricName.accuracy, .meanPerClass, .meanTop1Top5])
  func comparison(_ metric: MetricName) throws {
    let fixture = scorers.fixture
    let found = try differences(scorers.scorer(metric))
    func recorded(_ template: Int) throws -> RecordedSamples {
      var recorded = RecordedSamples(ids: fixture.ids)
      // In the order of the labels, as streams draw them.
      recorded.classes = fixture.nameCounts.indices.map { "class \($0)" }
      recorded.predictions = try ZeroShotClassifier(
        weights: scorers.prompts.classWeights(of: [template]), scale: fixture.scale
      ).predict(scorers.images, labels: fixture.labels, ids: fixture.ids)
      return recorded
    }
    let own = try PromptDifferences(
      scorers.scorer(metric).samples,
      base: scorers.scorer(metric).scores(.adding, [0], to: [])[0],
      full: scorers.scorer(metric).full, threads: 1)
    for template in [1, 4, 8] {
      let comparison = try TaskComparison(
        .init(experiment: "prompts", dataset: "d", options: nil, split: nil), [recorded(0)],
        [recorded(template)], seeds: [],
        wanted: [.init(metric: metric.rawValue, isMain: true, first: nil, second: nil)], unit: nil,
        resamples: Bootstrap.resampleCount, threads: 1)
      let expected = try #require(comparison.metrics.first)
      let difference = try #require(found[template])
      #expect(abs(difference.value - expected.difference) < 1e-12)
      #expect(difference.interval95 == expected.interval95)
      #expect(difference.test == expected.test && difference.pValue == expected.pValue)
      #expect(own?.methodName == expected.intervalMethod)
    }
  }

  @Test("samples that hang together are drawn together")
  func groups() throws {
    let fixture = scorers.fixture
    // Pairs of copies: as independent draws they would look like twice the knowledge.
    let rows = fixture.labels.indices.flatMap { [$0, $0] }
    let images = Matrix(
      rows: rows.count, columns: fixture.dimension,
      storage: rows.flatMap { scorers.images.row($0) })
    func width(_ structure: SampleStructure) throws -> Double {
      let samples = try PromptSamples(
        features: images, labels: .single(rows.map { fixture.labels[$0] }),
        ids: rows.indices.map { "\($0)" }, structure: structure,
        classCount: fixture.nameCounts.count, metric: .accuracy, dataset: "d")
      let scorer = PromptScorer(
        scorers.prompts, scale: fixture.scale, samples: samples, threads: 1)
      let own = try #require(try differences(scorer)[4])
      #expect(own.test == (structure == .independent ? "mcnemar-exact" : "paired-bootstrap"))
      let interval = try #require(own.interval95)
      return interval.upper - interval.lower
    }
    let grouped = try width(
      SampleStructure(groups: SampleGroups(unit: "pairs", keys: rows.map { "\($0)" })))
    let ratio = try grouped / width(.independent)
    #expect(abs(ratio - 2.0.squareRoot()) < 0.1)
  }

  @Test("of rankings there is no such difference")
  func rankings() throws {
    for scorer in [try scorers.pairScorer(), try scorers.areaScorer()] {
      let scores = try scorer.scores(.adding, [0, 1], to: [])
      #expect(
        PromptDifferences(scorer.samples, base: scores[0], full: scorer.full, threads: 1) == nil)
    }
  }
}
