import Core
import Foundation
import Metrics
import TestSupport
import Testing

/// Against scikit-learn and a NumPy transcription of VOC2007's definition (Tools/make-multi-label-fixtures.py).
struct MeanAveragePrecisionTests {
  struct Case: Decodable, Sendable {
    var name: String
    var classCount: Int
    var labels: [Int8]
    var scores: [Float]
    /// Of each class, eleven-point and area; nil without a positive image.
    var perClass: [[Double]?]
    var means: [Double]
    var chance: Double
    var resamples: Int
    /// Of each metric, at 95 % and 99.5 %.
    var intervals: [[[Double]]]

    func matrix() throws -> LabelMatrix { try labelMatrix(labels, classCount: classCount) }
  }

  static func labelMatrix(_ labels: [Int8], classCount: Int) throws -> LabelMatrix {
    var matrix = LabelMatrix(classCount: classCount)
    for start in stride(from: 0, to: labels.count, by: classCount) {
      matrix.append(
        try labels[start..<start + classCount].map { try #require(LabelMatrix.Label(rawValue: $0)) }
      )
    }
    return matrix
  }

  let cases: [Case]

  init() throws {
    let file = TestPaths.fixtures.appending(path: "MultiLabel/average-precision.json")
    cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }

  @Test("means, chance and empty classes are the reference's")
  func values() throws {
    #expect(cases.count == 7)
    for expected in cases {
      let result = try MeanAveragePrecision.evaluate(
        scores: expected.scores, labels: expected.matrix(), resamples: 1)
      let found = [result.elevenPoint, result.area]
      #expect(found.map(\.name) == [.elevenPointMAP, .areaMAP])
      for (metric, mean) in zip(found, expected.means) {
        #expect(abs(try #require(metric.value) - mean) < 1e-12, "\(expected.name)")
        #expect(abs(try #require(metric.chance) - expected.chance) < 1e-15, "\(expected.name)")
        #expect(metric.count == expected.labels.count / expected.classCount)
      }
      #expect(
        result.emptyClasses == expected.perClass.indices.filter { expected.perClass[$0] == nil },
        "\(expected.name)")
    }
  }

  @Test("each class alone has the reference's average precision")
  func perClass() throws {
    for expected in cases {
      for (owner, value) in expected.perClass.enumerated() {
        let column = stride(from: owner, to: expected.labels.count, by: expected.classCount)
        let result = try MeanAveragePrecision.evaluate(
          scores: column.map { expected.scores[$0] },
          labels: Self.labelMatrix(column.map { expected.labels[$0] }, classCount: 1),
          resamples: 1)
        guard let value else {
          #expect(result.elevenPoint.value == nil && result.area.value == nil)
          #expect(result.elevenPoint.interval95 == nil && result.area.chance == nil)
          continue
        }
        #expect(abs(try #require(result.elevenPoint.value) - value[0]) < 1e-12)
        #expect(abs(try #require(result.area.value) - value[1]) < 1e-12)
      }
    }
  }

  @Test("bootstrap intervals are those of a plain-Python bootstrap over images")
  func intervals() throws {
    for expected in cases {
      let result = try MeanAveragePrecision.evaluate(
        scores: expected.scores, labels: expected.matrix(), resamples: expected.resamples)
      for (metric, limits) in zip([result.elevenPoint, result.area], expected.intervals) {
        guard metric.count > 1 else {
          // Every resample of one image is the image.
          #expect(metric.interval95 == nil && metric.intervalMethod == nil)
          continue
        }
        let found = [try #require(metric.interval95), try #require(metric.interval99_5)]
        for (interval, limit) in zip(found, limits) {
          #expect(abs(interval.lower - limit[0]) < 1e-12, "\(expected.name)")
          #expect(abs(interval.upper - limit[1]) < 1e-12, "\(expected.name)")
        }
        #expect(
          metric.intervalMethod
            == "image-bootstrap-percentile resamples=200 prng=xoshiro256starstar seed=210300020")
      }
    }
  }

  @Test("the order of images does not matter, not even among equal scores")
  func order() throws {
    let ties = try #require(cases.first { $0.name == "many ties" })
    let rows = stride(from: 0, to: ties.labels.count, by: ties.classCount).reversed()
    let result = try MeanAveragePrecision.evaluate(
      scores: rows.flatMap { ties.scores[$0..<$0 + ties.classCount] },
      labels: Self.labelMatrix(
        rows.flatMap { ties.labels[$0..<$0 + ties.classCount] }, classCount: ties.classCount),
      resamples: 1)
    #expect(abs(try #require(result.elevenPoint.value) - ties.means[0]) < 1e-12)
    #expect(abs(try #require(result.area.value) - ties.means[1]) < 1e-12)
  }

  @Test func aScoreThatIsNoNumberIsNamed() throws {
    let labels = try Self.labelMatrix([1, -1, -1, 1], classCount: 2)
    let error = #expect(throws: EvalError.self) {
      try MeanAveragePrecision.evaluate(scores: [1, 2, 3, .nan], labels: labels)
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains("sample 1 for class 1") == true)
  }
}
