import Core
import Experiments
import Foundation
import TestSupport
import Testing

/// Answers are invented; expected values are numpy's (Tools/make-pair-fixtures.py).
@Suite struct HumanExperimentTests {
  private struct Case: Decodable {
    struct Expected: Decodable {
      var accuracy: Double
      var accuracyOnGuesses: Double
      var majority: Double
      var majorityCount: Int
      var majorityOnGuesses: Double
      var majorityOnGuessesCount: Int
      var guesses: Int
    }
    struct Row: Decodable {
      var participant: String
      var image: Int
      var shots: Int
      var answer: String?
    }
    var classes: [String]
    var truth: [String]
    var expected: [String: Expected]
    var rows: [Row]
  }

  private let record = EvaluationProtocol(dataset: "OxfordPets", model: "human")

  @Test("the four columns of Table 2 for each number of shots")
  func columns() throws {
    let data = try JSONDecoder().decode(
      Case.self, from: Data(contentsOf: TestPaths.fixtures.appending(path: "Pairs/humans.json")))
    let label = Dictionary(uniqueKeysWithValues: data.classes.enumerated().map { ($1, $0) })
    let experiment = try HumanExperiment(
      data.rows.map {
        HumanResponse(
          participant: $0.participant, sample: $0.image, shots: $0.shots,
          answer: $0.answer.flatMap { label[$0] })
      }, labels: data.truth.compactMap { label[$0] }, classCount: 4)
    let rows = try experiment.rows(in: record, isPartial: false)
    #expect(rows.count == 12)
    for shots in 0...2 {
      let expected = try #require(data.expected["\(shots)"])
      let own = Array(rows[(4 * shots)..<(4 * shots + 4)])
      #expect(own.allSatisfy { $0.model == "human, \(shots)-shot" && $0.chance == 0.25 })
      let values = [
        expected.accuracy, expected.majority, expected.accuracyOnGuesses,
        expected.majorityOnGuesses,
      ]
      for (row, value) in zip(own, values) {
        #expect(abs((row.value ?? -1) - value) < 1e-12, "\(row.metric), \(shots) shots")
        // Where all are right, resamples show no spread.
        #expect(value == 1 ? row.interval95 == nil : row.interval95?.contains(value) == true)
        #expect(!row.partial)
      }
      #expect(
        own.map(\.n) == [
          200, expected.majorityCount, expected.guesses, expected.majorityOnGuessesCount,
        ])
      #expect(own[0].nExpected == 200)
    }
    #expect(
      rows[1].protocol.metric
        == "mean-per-class/majority-vote people=5 dont-know=wrong ties=left-out")
  }

  @Test("by hand: ties have no vote, and a class that is left with nothing is told")
  func byHand() throws {
    func said(_ who: String, _ image: Int, _ answer: Int?) -> HumanResponse {
      HumanResponse(participant: who, sample: image, shots: 0, answer: answer)
    }
    // Image 0 (class 0): right, right, unknown. Image 1 (class 1): 0, 1, unknown. Image 2 (class 1): unknown ×3.
    let experiment = try HumanExperiment(
      [
        said("a", 0, 0), said("b", 0, 0), said("c", 0, nil), said("a", 1, 0), said("b", 1, 1),
        said("c", 1, nil), said("a", 2, nil), said("b", 2, nil), said("c", 2, nil),
      ], labels: [0, 1, 1], classCount: 2)
    let rows = try experiment.rows(in: record, isPartial: false)
    // All: class 0 2/3, class 1 1/6. Votes: image 0 right, image 1 tied, image 2 unknown. Guesses: 2/2 and 1/2; votes of
    // guesses: image 0 right, the others have none.
    let expected = [(2.0 / 3 + 1.0 / 6) / 2, 0.5, 0.75, 1]
    for (row, value) in zip(rows, expected) { #expect(abs((row.value ?? -1) - value) < 1e-12) }
    #expect(rows.map(\.n) == [9, 2, 4, 1])
    #expect(rows.map(\.emptyClasses) == [0, 0, 0, 1])
  }

  @Test func faults() throws {
    let stray = HumanResponse(participant: "a", sample: 3, shots: 0, answer: 0)
    #expect(throws: EvalError.self) { try HumanExperiment([stray], labels: [0], classCount: 1) }
    let none = try HumanExperiment([], labels: [0], classCount: 1)
    #expect(throws: EvalError.self) { try none.rows(in: record, isPartial: false) }
    let one = HumanResponse(participant: "a", sample: 0, shots: 1, answer: 0)
    let rows = try HumanExperiment([one], labels: [0, 0], classCount: 1)
      .rows(in: record, isPartial: false)
    // One person, one of two images.
    #expect(rows[0].partial && rows[0].nExpected == 2 && rows[0].n == 1)
  }
}
