import Core
import Experiments
import Foundation
import TestSupport
import Testing

/// Against `Tools/make-comparison-fixtures.py`, which counts with numpy.
struct ComparisonTests {
  private func fixture<Value: Decodable>(_ name: String, as _: Value.Type) throws -> Value {
    try JSONDecoder().decode(
      Value.self,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "comparison/\(name).json")))
  }

  static let subject = TaskComparison.Subject(
    experiment: "zero-shot", dataset: "toys", options: nil, split: "test")

  static func compare(
    _ first: [RecordedSamples], _ second: [RecordedSamples], seeds: [Int] = [],
    metrics: [String], unit: String? = nil
  ) throws -> TaskComparison {
    try TaskComparison(
      subject, first, second, seeds: seeds,
      wanted: metrics.enumerated().map {
        .init(metric: $1, isMain: $0 == 0, first: nil, second: nil)
      }, unit: unit, resamples: 10_000, threads: 2)
  }

  private func expect(
    _ found: MetricComparison, lower: [Double], upper: [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let interval = try #require(found.interval95, sourceLocation: sourceLocation)
    #expect(
      interval.lower >= lower[0] - 1e-9 && interval.lower <= lower[1] + 1e-9
        && interval.upper >= upper[0] - 1e-9 && interval.upper <= upper[1] + 1e-9,
      "\(found.metric): \(interval), expected \(lower) and \(upper)",
      sourceLocation: sourceLocation)
  }

  // MARK: samples

  private struct Evaluation: Decodable {
    struct Side: Decodable {
      var ids: [String]
      var labels, top5, groups: [Int]

      func samples(isGrouped: Bool = false) -> RecordedSamples {
        var samples = RecordedSamples(ids: ids)
        samples.predictions.labels = labels
        samples.predictions.top5 = top5
        samples.predictions.prediction = stride(from: 0, to: top5.count, by: 5).map { top5[$0] }
        samples.predictions.scores = [Float](repeating: 0, count: top5.count)
        if isGrouped { samples.groups = groups }
        return samples
      }
    }
    struct Class: Decodable {
      var name: String
      var n: Int
      var first, second: Double
      var onlyFirst, onlySecond: Int
      var interval95: [Double]
      var pValue: Double
    }
    struct Grouped: Decodable { var lower, upper: [Double] }

    var first, second: Side
    var counts: JoinedSamples.Counts
    var accuracy: [Double]
    var fives: [Double]
    var means: [Double]
    var meanPerClassDifference: Double
    var onlyFirst, onlySecond, changed: Int
    var pValue, midP: Double
    var classes: [Class]
    var grouped: Grouped

    private enum CodingKeys: String, CodingKey {
      case first, second, counts, accuracy, meanPerClassDifference, onlyFirst, onlySecond, changed
      case pValue, midP, classes, grouped
      case fives = "accuracy@5"
      case means = "mean-top1-top5"
    }
  }

  @Test("Samples are joined by id: order, missing samples and ids that come twice change nothing")
  func evaluation() throws {
    let expected = try fixture("evaluation", as: Evaluation.self)
    let found = try Self.compare(
      [expected.first.samples()], [expected.second.samples()],
      metrics: ["accuracy", "accuracy@5", "mean-top1-top5", "mean-per-class"])
    #expect(found.samples == expected.counts)
    for (place, values) in [expected.accuracy, expected.fives, expected.means].enumerated() {
      #expect(abs(found.metrics[place].first - values[0]) < 1e-12)
      #expect(abs(found.metrics[place].second - values[1]) < 1e-12)
    }
    #expect(abs(found.metrics[3].difference - expected.meanPerClassDifference) < 1e-12)
    let accuracy = found.metrics[0]
    let test = try #require(accuracy.mcNemar)
    #expect(test.onlyFirst == expected.onlyFirst && test.onlySecond == expected.onlySecond)
    #expect(abs(test.pValue - expected.pValue) < 1e-12)
    #expect(abs(test.midP - expected.midP) < 1e-12)
    #expect(accuracy.test == "mcnemar-exact" && accuracy.pValue == test.pValue)
    #expect(accuracy.minimumDetectableEffect != nil)
    // Top-1 correctness and nothing else.
    #expect(found.metrics.dropFirst().allSatisfy { $0.mcNemar == nil })
    #expect(found.metrics.dropFirst().allSatisfy { $0.test == "paired-bootstrap" })
    let counts = try #require(found.changeCounts)
    #expect(counts.gained == expected.onlySecond && counts.lost == expected.onlyFirst)
    #expect(counts.changed == expected.changed)
    #expect(found.changes.count == expected.onlyFirst + expected.onlySecond + expected.changed)

    for wanted in expected.classes {
      let change = try #require(found.classes.first { $0.name == wanted.name })
      #expect(change.n == wanted.n)
      #expect(
        abs(change.first - wanted.first) < 1e-12 && abs(change.second - wanted.second) < 1e-12)
      #expect(change.onlyFirst == wanted.onlyFirst && change.onlySecond == wanted.onlySecond)
      let interval = try #require(change.interval95)
      #expect(abs(interval.lower - wanted.interval95[0]) < 1e-10)
      #expect(abs(interval.upper - wanted.interval95[1]) < 1e-10)
      #expect(abs((change.pValue ?? -1) - wanted.pValue) < 1e-12)
    }
    let sizes = found.classes.map { abs($0.difference) }
    #expect(sizes == sizes.sorted(by: >))

    // The other way round everything changes its sign.
    let reversed = try Self.compare(
      [expected.second.samples()], [expected.first.samples()], metrics: ["accuracy"])
    #expect(reversed.metrics[0].difference == -accuracy.difference)
    #expect(reversed.samples.onlyFirst == expected.counts.onlySecond)
  }

  @Test("Samples that hang together are drawn as groups, and have no McNemar test")
  func groups() throws {
    let expected = try fixture("evaluation", as: Evaluation.self)
    let found = try Self.compare(
      [expected.first.samples(isGrouped: true)], [expected.second.samples(isGrouped: true)],
      metrics: ["accuracy"], unit: "drives")
    let accuracy = found.metrics[0]
    #expect(accuracy.mcNemar == nil && accuracy.minimumDetectableEffect == nil)
    #expect(accuracy.test == "paired-bootstrap")
    #expect(accuracy.intervalMethod?.contains("units=drives ") == true)
    try expect(accuracy, lower: expected.grouped.lower, upper: expected.grouped.upper)
    #expect(found.classes.allSatisfy { $0.pValue == nil })
  }

  @Test("Means over seeds pair each seed with itself")
  func seeds() throws {
    let expected = try fixture("evaluation", as: Evaluation.self)
    let (a, b) = (expected.first.samples(), expected.second.samples())
    let found = try Self.compare([a, b], [b, b], seeds: [1, 7], metrics: ["accuracy"])
    let accuracy = found.metrics[0]
    let difference = expected.accuracy[1] - expected.accuracy[0]
    #expect(abs(accuracy.difference - difference / 2) < 1e-12)
    let seeds = try #require(accuracy.seeds)
    #expect(seeds.map(\.seed) == [1, 7])
    #expect(abs(seeds[0].difference - difference) < 1e-12 && seeds[1].difference == 0)
    // t of one degree of freedom at 97.5 %, by the standard error of two values.
    let reach = 12.706204736432095 * abs(difference) / 2
    let interval = try #require(accuracy.trainingInterval95)
    #expect(abs(interval.upper - (difference / 2 + reach)) < 1e-9)
    #expect(accuracy.mcNemar == nil && found.changeCounts == nil)
  }

  @Test("Nothing in common, and predictions that are not of the results, are errors")
  func errors() throws {
    let expected = try fixture("evaluation", as: Evaluation.self)
    let a = expected.first.samples()
    var other = a
    other.ids = a.ids.map { "other/\($0)" }
    #expect(throws: EvalError.self) {
      try Self.compare([a], [other], metrics: ["accuracy"])
    }
    var unique = a
    unique.ids = a.ids.indices.map { "\($0)" }
    #expect {
      try TaskComparison(
        Self.subject, [unique], [unique], seeds: [],
        wanted: [.init(metric: "accuracy", isMain: true, first: 0.123, second: nil)], unit: nil,
        resamples: 100, threads: 1)
    } throws: { error in
      (error as? EvalError)?.message.contains("its results say 0.123") == true
    }
  }

  // MARK: rankings

  @Test("Areas under ROC: DeLong's test, and the bootstrap of their difference")
  func areas() throws {
    struct Areas: Decodable {
      var isPositive: [Bool]
      var first, second, areas, lower, upper: [Double]
    }
    let expected = try fixture("roc", as: Areas.self)
    func samples(_ scores: [Double]) -> RecordedSamples {
      var samples = RecordedSamples(ids: scores.indices.map { "\($0)" })
      samples.predictions.labels = expected.isPositive.map { $0 ? 1 : 0 }
      samples.predictions.prediction = scores.map { $0 > 0 ? 1 : 0 }
      for score in scores {
        samples.predictions.top5 += (score > 0 ? [1, 0] : [0, 1]) + [-1, -1, -1]
        samples.predictions.scores += [Float(abs(score)), 0, .nan, .nan, .nan]
      }
      return samples
    }
    let found = try Self.compare(
      [samples(expected.first)], [samples(expected.second)], metrics: ["ROC-AUC"]
    ).metrics[0]
    #expect(abs(found.first - expected.areas[0]) < 1e-12)
    #expect(abs(found.second - expected.areas[1]) < 1e-12)
    try expect(found, lower: expected.lower, upper: expected.upper)
    let test = try #require(found.deLong)
    #expect(found.test == "delong" && found.pValue == test.pValue)
    let interval = try #require(test.interval95)
    // Both are of one sampling distribution.
    #expect(abs(interval.lower - expected.lower[0]) < 0.03)
    #expect(abs((interval.lower + interval.upper) / 2 - found.difference) < 1e-12)
  }

  @Test("Mean average precisions of both kinds, and the classes that changed")
  func precisions() throws {
    struct Values: Decodable {
      var values: [Double]
      var classes: [[Double]]
      var lower, upper: [Double]
    }
    struct Precisions: Decodable {
      var classCount: Int
      var labels: [Int8]
      var first, second: [Float]
      var elevenPoint, area: Values

      private enum CodingKeys: String, CodingKey {
        case classCount, labels, first, second
        case elevenPoint = "11-point-mAP"
        case area = "area-mAP"
      }
    }
    let expected = try fixture("precisions", as: Precisions.self)
    func samples(_ scores: [Float]) -> RecordedSamples {
      let count = scores.count / expected.classCount
      var samples = RecordedSamples(ids: (0..<count).map { "\($0)" })
      var labels = LabelMatrix(classCount: expected.classCount)
      for row in 0..<count {
        labels.append(
          expected.labels[row * expected.classCount..<(row + 1) * expected.classCount]
            .compactMap(LabelMatrix.Label.init))
      }
      samples.labels = labels
      samples.classScores = scores
      samples.predictions.labels = [Int](repeating: -1, count: count)
      samples.predictions.prediction = [Int](repeating: 0, count: count)
      return samples
    }
    let found = try Self.compare(
      [samples(expected.first)], [samples(expected.second)],
      metrics: ["11-point-mAP", "area-mAP"])
    for (metric, wanted) in zip(found.metrics, [expected.elevenPoint, expected.area]) {
      #expect(abs(metric.first - wanted.values[0]) < 1e-12)
      #expect(abs(metric.second - wanted.values[1]) < 1e-12)
      try expect(metric, lower: wanted.lower, upper: wanted.upper)
    }
    #expect(found.classes.count == expected.classCount)
    for (number, values) in expected.elevenPoint.classes.enumerated() {
      let change = try #require(found.classes.first { $0.name == "class \(number)" })
      #expect(abs(change.first - values[0]) < 1e-12 && abs(change.second - values[1]) < 1e-12)
      #expect(change.interval95 != nil)
    }
  }

  @Test("Sets of frames count by their anchors and as wholes; incomplete sets do not")
  func frameSets() throws {
    // Two whole sets, and one of which a frame is missing.
    let sets = try #require(
      FrameSets(
        numbers: [4, 4, 7, 7, 9], sizesOfFrames: [2, 2, 2, 2, 2],
        isAnchor: [true, false, false, true, true]))
    func samples(_ isRight: [Bool]) -> RecordedSamples {
      var samples = RecordedSamples(ids: ["a", "b", "c", "d", "e"])
      samples.isRight = isRight
      samples.frameSets = sets
      samples.predictions.labels = [-1, -1, -1, -1, -1]
      samples.predictions.prediction = [0, 0, 0, 0, 0]
      return samples
    }
    let found = try Self.compare(
      [samples([true, false, true, true, false])], [samples([true, true, false, true, true])],
      metrics: ["pm-10", "pm-0", "accuracy"])
    #expect(found.metrics.map(\.n) == [2, 2, 5])
    #expect(found.metrics.map(\.first) == [0.5, 1, 0.6])
    #expect(found.metrics.map(\.second) == [0.5, 1, 0.8])
  }

  @Test("Several datasets: Holm's and Benjamini–Hochberg's p-values of each family, and the gates")
  func families() throws {
    func task(_ dataset: String, lost: Int, gained: Int) throws -> TaskComparison {
      func samples(_ right: (Int) -> Bool) -> RecordedSamples {
        var samples = RecordedSamples(ids: (0..<100).map { "\($0)" })
        samples.predictions.labels = (0..<100).map { _ in 1 }
        samples.predictions.prediction = (0..<100).map { right($0) ? 1 : 0 }
        samples.predictions.top5 = [Int](repeating: 1, count: 500)
        return samples
      }
      var subject = Self.subject
      subject.dataset = dataset
      return try TaskComparison(
        subject, [samples { $0 >= gained }],
        [samples { $0 < gained || $0 >= gained + lost }], seeds: [],
        wanted: [
          .init(metric: "accuracy", isMain: true, first: nil, second: nil),
          .init(metric: "accuracy@5", isMain: false, first: nil, second: nil),
        ], unit: nil, resamples: 100, threads: 1)
    }
    func run(_ tasks: [TaskComparison]) -> RunComparison {
      RunComparison(
        first: "A", second: "B", axes: [], alpha: 0.05, tasks: tasks, onlyFirst: [],
        onlySecond: [], failed: [], notes: [])
    }
    // Exact McNemar: 2 / 2^10, 2 / 2^6, 1.
    let comparison = run([
      try task("x", lost: 10, gained: 0), try task("y", lost: 0, gained: 6),
      try task("z", lost: 2, gained: 2),
    ])
    let mains = comparison.tasks.map { $0.metrics[0] }
    func expect(_ found: [Double?], _ wanted: [Double]) {
      #expect(found.compactMap(\.self) == wanted)
    }
    expect(mains.map(\.pValue), [2.0 / 1024, 2.0 / 64, 1])
    expect(mains.map(\.holm), [6.0 / 1024, 4.0 / 64, 1])
    expect(mains.map(\.benjaminiHochberg), [6.0 / 1024, 3.0 / 64, 1])
    #expect(comparison.tasks.allSatisfy { $0.metrics[1].holm == 1 })
    #expect(ComparisonGate.significant.findings(comparison) == ["zero-shot x accuracy"])
    #expect(ComparisonGate.worse.findings(comparison) == ["zero-shot x accuracy"])
    #expect(ComparisonGate.any.findings(comparison).contains("zero-shot z accuracy"))
    #expect(ComparisonGate.none.findings(comparison).isEmpty)
    let better = run([try task("y", lost: 0, gained: 10)])
    #expect(ComparisonGate.significant.findings(better) == ["zero-shot y accuracy"])
    #expect(ComparisonGate.worse.findings(better).isEmpty)
  }
}
