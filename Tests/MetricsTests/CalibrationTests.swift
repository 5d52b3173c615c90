import Foundation
import Metrics
import TestSupport
import Testing

/// Against NumPy (Tools/make-calibration-fixtures.py).
struct CalibrationTests {
  struct Case: Decodable, Sendable {
    struct Bins: Decodable, Sendable {
      struct Bin: Decodable, Sendable {
        var count: Int
        var confidence: Double?
        var accuracy: Double?
      }
      var error: Double
      var bins: [Bin]
    }
    var name: String
    var confidence: [Float]
    var right: [Bool]
    var meanConfidence: Double
    var accuracy: Double
    var equalWidth: Bins
    var equalMass: Bins
  }

  static let cases = Result {
    try JSONDecoder().decode(
      [Case].self,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "Metrics/calibration.json")))
  }

  private func isClose(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) < 1e-12
  }

  @Test("calibration errors and bins of equal width and equal mass are NumPy's")
  func numpy() throws {
    let cases = try Self.cases.get()
    #expect(cases.count == 5)
    for expected in cases {
      let found = try #require(
        Calibration(confidence: expected.confidence, isRight: expected.right), "\(expected.name)")
      #expect(found.count == expected.right.count)
      #expect(isClose(found.meanConfidence, expected.meanConfidence))
      #expect(isClose(found.accuracy, expected.accuracy))
      #expect(isClose(found.equalWidthError, expected.equalWidth.error), "\(expected.name)")
      #expect(isClose(found.equalMassError, expected.equalMass.error), "\(expected.name)")
      for (bins, wanted) in [
        (found.equalWidth, expected.equalWidth.bins), (found.equalMass, expected.equalMass.bins),
      ] {
        #expect(bins.map(\.count) == wanted.map(\.count), "\(expected.name)")
        for (bin, wanted) in zip(bins, wanted) {
          #expect(isClose(bin.confidence, wanted.confidence), "\(expected.name)")
          #expect(isClose(bin.accuracy, wanted.accuracy), "\(expected.name)")
        }
      }
    }
  }

  @Test("what is no probability has no calibration")
  func refuses() {
    #expect(Calibration(confidence: [], isRight: []) == nil)
    #expect(Calibration(confidence: [0.5], isRight: []) == nil)
    for value in [Float.nan, -0.1, 1.1, .infinity] {
      #expect(Calibration(confidence: [0.5, value], isRight: [true, false]) == nil)
    }
  }
}

struct ConfusionTests {
  @Test("pairs by number of samples, then by class; samples without a label are none")
  func pairs() {
    let found = Confusion.pairs(
      labels: [0, 0, 0, 1, 1, 2, 2, -1, 2], predictions: [1, 1, 0, 0, 0, 2, 1, 1, 0])
    #expect(
      found == [
        Confusion(label: 0, prediction: 1, count: 2), Confusion(label: 1, prediction: 0, count: 2),
        Confusion(label: 2, prediction: 0, count: 1), Confusion(label: 2, prediction: 1, count: 1),
      ])
  }

  @Test(
    "typical errors: the most certain of each pair, then second ones, in steps that rounding does not move"
  )
  func errors() {
    let labels = [0, 0, 1, 1, 2, 0, -1]
    let predictions = [1, 1, 0, 1, 0, 1, 3]
    let certainty: [Float] = [0.5, 0.900_000_1, 0.3, 1, .nan, 0.9, 1]
    func choose(_ limit: Int) -> [Int] {
      TypicalErrors.choose(
        labels: labels, predictions: predictions, certainty: certainty, limit: limit)
    }
    // 1 and 5 are equally certain but for rounding: the earlier comes first. 3 is right, 6 has no label.
    #expect(choose(10) == [1, 2, 4, 5, 0])
    #expect(choose(4) == [1, 2, 4, 5])
    #expect(choose(2) == [1, 2])
    #expect(choose(0) == [])
  }
}
