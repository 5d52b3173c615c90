import Core
import Foundation
import Probes
import Statistics
import TestSupport
import Testing

struct DataEfficiencyTests {
  private func curve(_ values: [Double]) -> [DataEfficiency.Point] {
    zip([1, 2, 4, 8, 16, 32].map(Double.init), values).map {
      DataEfficiency.Point(shots: $0, accuracy: $1)
    }
  }

  private func close(_ found: Double?, _ expected: Double) -> Bool {
    found.map { abs($0 - expected) <= 1e-12 * expected } ?? false
  }

  @Test("a crossing between two points lies where log₂ of shots is linear")
  func interpolates() throws {
    // Half of the gain from 4 to 8 is at √32, a quarter of that from 1 to 2 at 2^¼.
    let points = curve([40, 50, 60, 70, 80])
    let half = try DataEfficiency.shots(toReach: 65, curve: points)
    #expect(close(half.shots, 32.0.squareRoot()))
    #expect(half.kind == .interpolated)
    #expect(!half.fallsBelowAgain)
    #expect(close(try DataEfficiency.shots(toReach: 42.5, curve: points).shots, pow(2, 0.25)))
    // In any order.
    #expect(
      try DataEfficiency.shots(toReach: 65, curve: points.reversed()) == half)
  }

  @Test("the whole training set is the last point, at samples ÷ classes")
  func wholeSet() throws {
    // From 16 to 1024 are six doublings; a third of the gain is two of them.
    let full = DataEfficiency.Point(shots: 1024, accuracy: 95)
    let answer = try DataEfficiency.shots(
      toReach: 85, curve: curve([40, 50, 60, 70, 80]), full: full)
    #expect(close(answer.shots, 64))
    // With 10 samples a class, the 16-shot point is that set too and is left out.
    let small = try DataEfficiency.shots(
      toReach: 75, curve: curve([40, 50, 60, 70, 99]),
      full: DataEfficiency.Point(shots: 10, accuracy: 80))
    #expect(close(small.shots, exp2(3 + 0.5 * (log2(10) - 3))))
  }

  @Test("a measured point that equals zero-shot is the answer itself, the first of several")
  func ties() throws {
    let points = curve([40, 60, 60, 60, 80])
    #expect(try DataEfficiency.shots(toReach: 60, curve: points).shots == 2)
    #expect(try DataEfficiency.shots(toReach: 40, curve: points).shots == 1)
    #expect(try DataEfficiency.shots(toReach: 40, curve: points).kind == .interpolated)
    #expect(try DataEfficiency.shots(toReach: 80, curve: points).shots == 16)
    // Past a flat stretch.
    #expect(close(try DataEfficiency.shots(toReach: 70, curve: points).shots, 128.0.squareRoot()))
  }

  @Test("a curve that never reaches has no value, and says beyond which point")
  func neverReaches() throws {
    let answer = try DataEfficiency.shots(
      toReach: 90, curve: curve([40, 50, 60, 70, 80]),
      full: DataEfficiency.Point(shots: 184.5, accuracy: 89.9))
    #expect(answer.shots == nil)
    #expect(answer.kind == .notReached)
    #expect(answer.text == "> 184.5")
    #expect(try DataEfficiency.shots(toReach: 90, curve: curve([1, 2])).text == "> 2")
  }

  @Test("a curve that starts above is extended downwards, as 0.9 shots")
  func startsAbove() throws {
    // 0.152 of the gain of the first doubling below the first point: 2^−0.152 = 0.9000.
    let answer = try DataEfficiency.shots(toReach: 60 - 1.52, curve: curve([60, 70, 80]))
    #expect(close(answer.shots, exp2(-0.152)))
    #expect(answer.kind == .extrapolated)
    #expect(answer.text == "0.9*")
    // Where the first two points fall or stay there is no such line.
    let falling = try DataEfficiency.shots(toReach: 50, curve: curve([60, 55, 80]))
    #expect(falling.shots == nil)
    #expect(falling.kind == .below)
    #expect(falling.text == "< 1")
    #expect(try DataEfficiency.shots(toReach: 50, curve: curve([60])).kind == .below)
  }

  @Test("a curve that is not monotone counts where it is first reached going up")
  func notMonotone() throws {
    let answer = try DataEfficiency.shots(toReach: 60, curve: curve([40, 65, 50, 70, 55]))
    #expect(close(answer.shots, exp2(0.8)))
    #expect(answer.fallsBelowAgain)
    let dip = try DataEfficiency.shots(toReach: 60, curve: curve([50, 40, 45, 70, 75]))
    #expect(close(dip.shots, exp2(2 + 0.6)))
    #expect(!dip.fallsBelowAgain)
  }

  @Test("hostile curves")
  func hostile() {
    for points in [
      [], curve([.nan, 1]), [.init(shots: 0, accuracy: 1)], [.init(shots: -1, accuracy: 1)],
      [.init(shots: .infinity, accuracy: 1)],
      [.init(shots: 1, accuracy: 1), .init(shots: 1, accuracy: 2)],
    ] as [[DataEfficiency.Point]] {
      #expect(throws: EvalError.self) { try DataEfficiency.shots(toReach: 5, curve: points) }
    }
    #expect(throws: EvalError.self) {
      try DataEfficiency.shots(toReach: .nan, curve: curve([1, 2]))
    }
  }

  @Test("the mean leaves out what has no value; the median is told where it is certain")
  func summary() throws {
    func answer(
      _ shots: Double?, _ kind: DataEfficiency.Kind, bound: Double = 1
    ) -> DataEfficiency.Answer {
      .init(shots: shots, kind: kind, bound: bound, fallsBelowAgain: false)
    }
    let mixed = DataEfficiency.summary([
      answer(4, .interpolated), answer(nil, .notReached, bound: 16), answer(1, .interpolated),
      answer(nil, .below), answer(10, .interpolated),
    ])
    #expect(mixed.mean == 5)
    #expect(mixed.median == 4)
    #expect(mixed.count == 5)
    #expect(mixed.withoutValue == 2)
    let unknown = DataEfficiency.summary([
      answer(4, .interpolated), answer(nil, .notReached, bound: 16),
    ])
    #expect(unknown.mean == 4)
    #expect(unknown.median == nil)
    #expect(DataEfficiency.summary([]).mean == nil)
    // The fourth of six is 93, or one of those that 40 examples do not reach.
    let between = [0.5, 12.8, 28, 93].map { answer($0, .interpolated) }
    let beyond = { answer(nil, .notReached, bound: $0) }
    #expect(DataEfficiency.summary(between + [beyond(40), beyond(40)]).median == nil)
    #expect(DataEfficiency.summary(between + [beyond(93), beyond(100)]).median == 60.5)
  }
}

/// Figures of the paper from its own published values.
struct PublishedFiguresTests {
  /// Rows of a table of `Reports/reference` as column → text. The last column, the source, has commas of its own and is left out.
  private func table(_ name: String) throws -> [[String: String]] {
    let file = TestPaths.project.appending(path: "Reports/reference/\(name)")
    let lines = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
    let header = try #require(lines.first).split(separator: ",").map(String.init).dropLast()
    return lines.dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return Dictionary(uniqueKeysWithValues: zip(header, fields))
    }
  }

  @Test("Figure 7: mean 20.8 and median 5.4 examples a class")
  func figure7() throws {
    let answers = try table("figure-7.csv").map { row in
      let shots: Double = try #require(row["shots"].flatMap(Double.init))
      return DataEfficiency.Answer(
        shots: shots, kind: .interpolated, bound: 1, fallsBelowAgain: false)
    }
    let summary = DataEfficiency.summary(answers)
    #expect(summary.count == 26)
    #expect(String(format: "%.1f", try #require(summary.mean)) == "20.8")
    #expect(abs(try #require(summary.median) - 5.4) < 1e-12)
  }

  @Test(
    "Figure 8: r and slope of zero-shot over probes of ViT-L/14@336px, with KITTI as the figure has it and as Table 11 does",
    arguments: [(33.1, 0.8215, 1.281), (nil, 0.8139, 1.321)] as [(Double?, Double, Double)])
  func figure8(kitti: Double?, r: Double, slope: Double) throws {
    let model = "ViT-L/14@336px"
    func values(_ name: String) throws -> [String: Double] {
      let own = try table(name).filter { $0["model"] == model }
      return Dictionary(
        uniqueKeysWithValues: try own.map {
          (try #require($0["dataset"]), try #require($0["value"].flatMap(Double.init)))
        })
    }
    let probes = try values("table-10.csv")
    var zeroShot = try values("table-11.csv")
    if let kitti { zeroShot["KITTI"] = kitti }
    let datasets = zeroShot.keys.sorted()
    #expect(datasets.count == 27)
    let x = try datasets.map { try #require(probes[$0]) }
    let y = try datasets.map { try #require(zeroShot[$0]) }
    let correlation = try #require(Correlation(x, y))
    #expect(abs(correlation.r - r) <= 5e-5)
    #expect(try #require(correlation.pValue) < 1e-6)
    let line = try #require(LinearFit(x, y))
    #expect(abs(line.slope - slope) <= 5e-4)
    guard kitti != nil else { return }
    // Printed: 0.93 to 1.79, of a bootstrap with other draws. Least squares gives 0.91 to 1.65.
    let bootstrap = try #require(LinearFit.bootstrapSlope(x, y))
    #expect(abs(bootstrap.lower - 0.93) < 0.02)
    #expect(abs(bootstrap.upper - 1.79) < 0.03)
    let interval = try #require(line.slopeInterval95)
    #expect(abs(interval.lower - 0.91) <= 5e-3)
    #expect(abs(interval.upper - 1.65) <= 5e-3)
  }
}
