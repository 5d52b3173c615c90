import Core
import Foundation
import Metrics
import TestSupport
import Testing

/// Against scikit-learn, and a bootstrap in NumPy that repeats the samples themselves (Tools/make-metric-fixtures.py).
struct ResampledMetricTests {
  struct Case: Decodable, Sendable {
    struct Expected: Decodable, Sendable {
      var value: Double
      /// At 95 % and 99.5 %.
      var intervals: [[Double]]?
    }
    var name: String
    var classCount: Int
    var resamples: Int
    var labels: [Int]
    /// Five classes a sample.
    var ranked: [Int]?
    var scores: [Double]?
    var groups: [Int]?
    var folds: [Int]?
    var expected: [String: Expected]

    var structure: SampleStructure {
      SampleStructure(
        groups: groups.map { SampleGroups(unit: "source groups", keys: $0.map(String.init)) },
        folds: folds.map { SampleGroups(unit: "test splits", keys: $0.map(String.init)) })
    }

    func value(_ name: String) throws -> MetricValue {
      let ranked = ranked ?? []
      let first = stride(from: 0, to: ranked.count, by: 5).map { ranked[$0] }
      switch try #require(MetricName(rawValue: name)) {
      case .rocAUC:
        return try AreaUnderROC.value(
          isPositive: labels.map { $0 == 1 }, scores: scores ?? [], structure: structure,
          resamples: resamples)
      case .meanTop1Top5:
        return try Accuracy.meanOfTopOneAndFive(
          labels: labels, predictions: first, ranked: ranked, width: 5, classCount: classCount,
          structure: structure, resamples: resamples)
      case .accuracy:
        return try Accuracy.topOne(
          labels: labels, predictions: first, classCount: classCount, structure: structure,
          resamples: resamples)
      case .accuracyAt5:
        return try Accuracy.topFive(
          labels: labels, ranked: ranked, width: 5, classCount: classCount, structure: structure,
          resamples: resamples)
      case .meanPerClass:
        return try MeanPerClass.value(
          labels: labels, predictions: first, classCount: classCount, structure: structure,
          resamples: resamples)
      default: throw EvalError(.bug, "no case for \(name)")
      }
    }
  }

  let cases: [Case]

  init() throws {
    let file = TestPaths.fixtures.appending(path: "Metrics/resampled.json")
    cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }

  @Test func valuesAndIntervals() throws {
    #expect(cases.count == 11)
    for expected in cases {
      for (name, wanted) in expected.expected {
        let found = try expected.value(name)
        #expect(found.name.rawValue == name)
        #expect(abs(try #require(found.value) - wanted.value) < 1e-12, "\(expected.name) \(name)")
        #expect(found.count == expected.labels.count)
        #expect(
          (found.interval95 == nil) == (wanted.intervals == nil), "\(expected.name) \(name)")
        for (interval, limits) in zip(
          [found.interval95, found.interval99_5], wanted.intervals ?? [])
        {
          let interval = try #require(interval)
          #expect(abs(interval.lower - limits[0]) < 1e-12, "\(expected.name) \(name)")
          #expect(abs(interval.upper - limits[1]) < 1e-12, "\(expected.name) \(name)")
        }
        let seed = "resamples=200 prng=xoshiro256starstar seed=210300020"
        let unit =
          expected.groups == nil
          ? "image-bootstrap-percentile" : "cluster-bootstrap-percentile clusters=source-groups"
        #expect(
          found.intervalMethod == (wanted.intervals == nil ? nil : "\(unit) \(seed)"),
          "\(expected.name) \(name)")
      }
    }
  }

  @Test func chanceLevels() throws {
    let auc = try #require(cases.first { $0.name == "no ties" })
    #expect(try auc.value("ROC-AUC").chance == 0.5)
    let many = try #require(cases.first { $0.name == "independent" })
    // (1/12 + 5/12) / 2
    #expect(try many.value("mean-top1-top5").chance == 0.25)
    let few = try Accuracy.meanOfTopOneAndFive(
      labels: [0, 1], predictions: [0, 0], ranked: [0, 1, 2, -1, -1, 0, 1, 2, -1, -1], width: 5,
      classCount: 3)
    #expect(few.chance == (1.0 / 3 + 1) / 2 && few.value == 0.75)
  }

  @Test func areaNeedsBothClasses() throws {
    let single = try AreaUnderROC.value(isPositive: [true, true], scores: [0.1, 0.2])
    #expect(single.value == nil && single.interval95 == nil && single.intervalMethod == nil)
    #expect(try AreaUnderROC.value(isPositive: [], scores: []).value == nil)
    let folds = SampleGroups(unit: "test splits", keys: ["a", "a", "b"])
    let missing = try AreaUnderROC.value(
      isPositive: [true, false, true], scores: [1, 0, 1],
      structure: SampleStructure(folds: folds))
    #expect(missing.value == nil)
    let error = #expect(throws: EvalError.self) {
      try AreaUnderROC.value(isPositive: [true, false], scores: [1, .nan])
    }
    #expect(error?.kind == .malformedData)
  }

  /// The same samples in another order are the same outcome where every unit comes in the same order.
  @Test func areaDoesNotDependOnTheOrderOfTies() throws {
    let scores = [0.5, 0.5, 0.5, 0.2]
    let one = try AreaUnderROC.value(isPositive: [true, false, true, false], scores: scores)
    let other = try AreaUnderROC.value(isPositive: [false, true, true, false], scores: scores)
    #expect(one.value == other.value && one.value == 0.75)
  }
}
