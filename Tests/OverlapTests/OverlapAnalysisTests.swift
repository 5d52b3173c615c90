import Core
import Foundation
import Overlap
import Statistics
import TestSupport
import Testing

struct OverlapAnalysisTests {
  struct Row: Decodable {
    var threshold: Double
    var overlap: OverlapPart
    var clean: OverlapPart
    var all: OverlapPart
    var change: Double?
    var difference: Double?
    var interval99_5: [Double]?
    var pValue: Double?
    var changeInterval: [Double]?
  }

  struct Case: Decodable {
    var name: String
    /// Similarity, and 1 where right.
    var samples: [[Double?]]
    var resamples: Int
    var rows: [Row]
  }

  private func run(
    _ samples: [(similarity: Double?, isRight: Bool)], at thresholds: [Double],
    lowestScore: Double? = nil
  ) throws -> [OverlapRow] {
    try OverlapAnalysis.run(
      dataset: "set",
      samples: samples.enumerated().map {
        OverlapSample(id: "\($0)", isRight: $1.isRight, similarity: $1.similarity)
      }, thresholds: thresholds, lowestScore: lowestScore, resamples: 200
    ).rows
  }

  @Test("every number agrees with SciPy and NumPy, at the edges too")
  func agreesWithSciPy() throws {
    let file = TestPaths.fixtures.appending(path: "overlap-analysis.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count >= 11)
    for expected in cases {
      let analysis = try OverlapAnalysis.run(
        dataset: expected.name,
        samples: expected.samples.enumerated().map {
          OverlapSample(id: "\($0)", isRight: $1[1] == 1, similarity: $1[0])
        }, thresholds: expected.rows.map(\.threshold), lowestScore: -2,
        resamples: expected.resamples)
      #expect(analysis.rows.count == expected.rows.count)
      for (row, reference) in zip(analysis.rows, expected.rows) {
        let what = "\(expected.name) at \(reference.threshold)"
        #expect(row.threshold == reference.threshold)
        #expect(row.all == reference.all, "\(what)")
        #expect(row.overlap == reference.overlap, "\(what)")
        #expect(row.clean == reference.clean, "\(what)")
        agree(row.change, reference.change, what)
        agree(row.difference, reference.difference, what)
        agree(row.pValue, reference.pValue, what)
        agree(row.overlapInterval99_5?.lower, reference.interval99_5?.first, what)
        agree(row.overlapInterval99_5?.upper, reference.interval99_5?.last, what)
        agree(row.changeInterval95?.lower, reference.changeInterval?.first, what)
        agree(row.changeInterval95?.upper, reference.changeInterval?.last, what)
        #expect((row.changeInterval95 == nil) == (row.changeIntervalMethod == nil))
        // What is added to Clean is contamination times how much Overlap is better.
        if let change = row.change, let difference = row.difference {
          #expect(abs(change - row.contamination * difference) < 1e-12, "\(what)")
        }
      }
    }
  }

  private func agree(_ found: Double?, _ reference: Double?, _ what: String) {
    guard let found, let reference else {
      #expect(
        found == nil && reference == nil,
        "\(what): \(String(describing: found)), expected \(String(describing: reference))")
      return
    }
    #expect(abs(found - reference) <= 1e-10 * max(abs(reference), 1e-4), "\(what)")
  }

  @Test("where nothing overlaps nothing changes, and there is nothing to test")
  func noOverlap() throws {
    let row = try #require(
      try run([(0.1, true), (0.3, false), (nil, true)], at: [0.9], lowestScore: 0.05).first)
    #expect(row.contamination == 0)
    #expect(row.change == 0)
    #expect(row.all == row.clean)
    #expect(row.difference == nil && row.pValue == nil && row.overlapInterval99_5 == nil)
    #expect(row.changeInterval95 == nil && row.differenceInterval99_5 == nil)
  }

  @Test("where all overlaps there is no clean accuracy to compare with")
  func allOverlaps() throws {
    let row = try #require(try run([(0.95, true), (0.93, false)], at: [0.9]).first)
    #expect(row.contamination == 1)
    #expect(row.overlap.accuracy == 0.5)
    #expect(row.clean.accuracy == nil)
    #expect(row.change == nil && row.difference == nil && row.pValue == nil)
    #expect(row.overlapInterval99_5 != nil)
  }

  @Test("unknown is null in JSON, and what was written is read again")
  func coding() throws {
    let analysis = try OverlapAnalysis.run(
      dataset: "set", samples: [OverlapSample(id: "a", isRight: true, similarity: 1)],
      thresholds: [0.5], resamples: 10)
    let text = try CanonicalJSON.string(analysis)
    #expect(text.contains("\"pValue\":null"))
    let again = try JSONDecoder().decode(OverlapAnalysis.self, from: Data(text.utf8))
    #expect(again == analysis)
  }

  @Test("thresholds that say nothing are refused")
  func thresholds() {
    for thresholds in [[], [.nan], [0.5, 0.5], [.infinity]] as [[Double]] {
      let error = #expect(throws: EvalError.self) { try run([(0.1, true)], at: thresholds) }
      #expect(error?.kind == .usage)
    }
    let error = #expect(throws: EvalError.self) {
      try run([(0.1, true)], at: [0.9, 0.7], lowestScore: 0.8)
    }
    #expect(error?.message.contains("0.7 is below 0.8") == true)
  }

  @Test("samples that say nothing are refused")
  func samples() {
    #expect(throws: EvalError.self) { try run([], at: [0.5]) }
    #expect(throws: EvalError.self) { try run([(.nan, true)], at: [0.5]) }
    let missing = #expect(throws: EvalError.self) { try run([(nil, true)], at: [0.5]) }
    #expect(missing?.remedy?.contains("lowest score") == true)
    let twice = #expect(throws: EvalError.self) {
      try OverlapAnalysis.run(
        dataset: "set",
        samples: [
          OverlapSample(id: "a", isRight: true, similarity: 1),
          OverlapSample(id: "a", isRight: false, similarity: 0),
        ], thresholds: [0.5])
    }
    #expect(twice?.message.contains("stands twice") == true)
  }

  @Test("p-values are adjusted over the datasets that have a test")
  func summary() throws {
    let clean = (0..<40).map { (similarity: Double?(0.1), isRight: $0 % 2 == 0) }
    func overlapping(_ right: Int, of count: Int) -> [(similarity: Double?, isRight: Bool)] {
      (0..<count).map { (0.9, $0 < right) }
    }
    let rows = try [
      clean + overlapping(9, of: 10), clean, clean + overlapping(8, of: 10),
      overlapping(1, of: 2),
    ].map { try #require(try run($0, at: [0.5]).first) }
    let summary = OverlapSummary(zip(["a", "b", "c", "d"], rows).map { ($0, $1) })
    #expect(summary.tests == 2)
    #expect(summary.entries.map(\.dataset) == ["a", "b", "c", "d"])
    // P(X ≥ 9) and P(X ≥ 8) of ten fair coins.
    let (nine, eight) = (11.0 / 1024, 56.0 / 1024)
    let expected: [(Double, Double)?] = [(2 * nine, 2 * nine), nil, (2 * eight, eight), nil]
    for (entry, expected) in zip(summary.entries, expected) {
      agree(entry.bonferroni, expected?.0, entry.dataset)
      agree(entry.holm, expected?.1, entry.dataset)
    }
    #expect(summary.datasetsWithoutOverlap == 1)
    agree(summary.meanContamination, (0.2 + 0 + 0.2 + 1) / 4, "mean")
    agree(summary.medianContamination, 0.2, "median")
    let none = OverlapSummary([])
    #expect(none.meanContamination == nil && none.medianContamination == nil && none.tests == 0)
  }
}
