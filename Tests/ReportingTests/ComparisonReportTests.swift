import Experiments
import Metrics
import Reporting
import Testing

/// A comparison as the terminal and `comparison.md` have it. Its numbers are counted by hand.
struct ComparisonReportTests {
  /// Five samples of each of two classes. A is right on three and one of them, B on five and two.
  private func comparison() throws -> RunComparison {
    func side(_ predictions: [Int]) -> RecordedSamples {
      var samples = RecordedSamples(ids: (0..<10).map { "s\($0)" })
      samples.predictions.labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
      samples.predictions.prediction = predictions
      samples.predictions.top5 = predictions.flatMap { [$0, 1 - $0, -1, -1, -1] }
      samples.predictions.scores = [Float](repeating: 0, count: 50)
      samples.classes = ["n1", "n2"]
      samples.classNames = ["n1": "kit|fox"]
      return samples
    }
    let task = try TaskComparison(
      .init(experiment: "zero-shot", dataset: "toys", options: nil, split: "test"),
      [side([0, 0, 0, 1, 1, 1, 0, 0, 0, 0])], [side([0, 0, 0, 0, 0, 1, 1, 0, 0, 0])], seeds: [],
      wanted: [.init(metric: "accuracy", isMain: true, first: 0.4, second: 0.7)], unit: nil,
      resamples: 1000, threads: 1)
    return RunComparison(
      first: "A-run", second: "B-run", axes: ["model"], alpha: 0.05, tasks: [task], onlyFirst: [],
      onlySecond: [], failed: [], notes: [])
  }

  @Test("the terminal calls classes by name and id")
  func text() throws {
    let text = ComparisonText(try comparison(), classes: 1, samples: 1)
    #expect(text.heading == ["A  A-run", "B  B-run", "compared: model"])
    // No sample is right in A alone, three in B alone: p = 2 / 2³.
    let line = try #require(text.metrics.last)
    #expect(
      Array(line.prefix(7)) == ["zero-shot", "toys", "accuracy", "10", "40.0", "70.0", "+30.00"])
    #expect(Array(line[8...10]) == ["0.2500", "0.2500", "0.2500"])
    #expect(text.sections.count == 2)
    #expect(text.sections[0].title == "toys (zero-shot): 2 of 2 classes differ")
    #expect(
      text.sections[0].rows.map { Array($0.prefix(5)) } == [
        ["  kit|fox (n1)", "n 5", "60.0", "100.0", "+40.00"]
      ])
    #expect(text.sections[1].rows == [["  gained", "s3", "kit|fox (n1)", "n2", "kit|fox (n1)"]])
  }

  @Test("comparison.md says the same")
  func markdown() throws {
    let text = ComparisonTables(try comparison(), classes: 2, samples: 9).markdown(figure: nil)
    #expect(text.hasPrefix("# B-run against A-run\n"))
    #expect(text.contains("| zero-shot | toys | accuracy | 10 | 40.0 | 70.0 | +30.00 |"))
    #expect(text.contains("| kit\\|fox (n1) | 5 | 60.0 | 100.0 | +40.00 |"))
    #expect(text.contains("| n2 | 5 | 20.0 | 40.0 | +20.00 |"))
    #expect(text.contains("| s6 | gained | n2 | kit\\|fox (n1) | n2 |"))
    #expect(
      text.contains("B alone is right on 3, A alone on 0; 0 others are answered differently."))
  }
}
