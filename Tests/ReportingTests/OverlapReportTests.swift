import Core
import Foundation
import Overlap
import ReferenceFiles
import Reporting
import Statistics
import TestSupport
import Testing

/// Five made-up datasets: significant after Bonferroni, alone, not, clean, and all of it overlapping.
enum OverlapFixture {
  static func analysis(
    _ dataset: String, overlap: (count: Int, right: Int), clean: (count: Int, right: Int)
  ) throws -> OverlapAnalysis {
    func samples(_ part: (count: Int, right: Int), _ similarity: Double) -> [OverlapSample] {
      (0..<part.count).map {
        OverlapSample(
          id: "\(similarity)/\($0)", isRight: $0 < part.right, similarity: similarity)
      }
    }
    return try OverlapAnalysis.run(
      dataset: dataset, samples: samples(overlap, 0.97) + samples(clean, 0.25),
      thresholds: [0.9, 0.2], resamples: 200)
  }

  static func analyses() throws -> [OverlapAnalysis] {
    [
      try analysis("CIFAR100", overlap: (46, 40), clean: (954, 580)),
      try analysis("Bird|snap", overlap: (122, 72), clean: (878, 440)),
      try analysis("Sketch", overlap: (30, 12), clean: (970, 570)),
      try analysis("MNIST", overlap: (0, 0), clean: (500, 490)),
      try analysis("Copies", overlap: (20, 15), clean: (0, 0)),
    ]
  }

  static func summary() throws -> OverlapSummary {
    OverlapSummary(
      try analyses().map { analysis in (analysis.dataset, try #require(analysis.rows.first)) })
  }
}

@Suite struct OverlapReportTests {
  @Test("a row a dataset, what is not known as a dash, what they have in common below")
  func markdown() throws {
    let text = OverlapTables.markdown(try OverlapFixture.summary())
    let lines = text.split(separator: "\n").map(String.init)
    let cells = lines.prefix(7).map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(Set(lines.prefix(7).map { $0.replacing("\\|", with: "").count { $0 == "|" } }) == [16])
    // 40 of 46, 580 of 954, 620 of 1000.
    #expect(
      Array(cells[2].prefix(7)) == ["CIFAR100", "0.9", "1000", "46", "4.6", "62.0", "60.8"])
    #expect(Array(cells[2][8...9]) == ["71.1–95.8", "+26.2"] || cells[2][9] == "+26.2")
    #expect(cells[2][10] == "+1.20")
    #expect(lines[3].hasPrefix("| Bird\\|snap |"))
    #expect(
      lines[5]
        == "| MNIST | 0.9 | 500 | 0 | 0.0 | 98.0 | 98.0 | – | – | – | 0.00 | – | – | – | – |")
    #expect(Array(cells[6].prefix(8)).suffix(3) == ["75.0", "–", "75.0"])
    #expect(Array(cells[6].suffix(6)) == ["–", "–", "–", "–", "–", "–"])
    #expect(
      text.contains(
        "Contamination: median 4.6 %, mean 24.0 % over 5 datasets, 1 without overlap. Bonferroni and Holm adjust the p-values of 3 tests."
      ))
  }

  @Test("the CSV holds every number unrounded, and is read again")
  func csv() throws {
    let summary = try OverlapFixture.summary()
    let lines = OverlapTables.csv(summary).split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(lines.count == 6)
    #expect(Set(lines.map(\.count)) == [24])
    let columns = try #require(lines.first)
    for (line, entry) in zip(lines.dropFirst(), summary.entries) {
      func cell(_ name: String) -> Double? {
        columns.firstIndex(of: name).flatMap { Double(line[$0]) }
      }
      #expect(line[0] == entry.dataset)
      #expect(cell("allMinusClean") == entry.row.change)
      #expect(cell("overlapMinusClean") == entry.row.difference)
      #expect(cell("p") == entry.row.pValue)
      #expect(cell("pHolm") == entry.holm)
      #expect(cell("overlap.interval99_5.upper") == entry.row.overlapInterval99_5?.upper)
    }
    let all = OverlapTables.csv(try OverlapFixture.analyses()).split(separator: "\r\n")
    #expect(all.count == 11)
  }

  @Test("one dataset has a row a threshold")
  func thresholds() throws {
    let analysis = try #require(try OverlapFixture.analyses().first)
    let lines = OverlapTables.markdown(analysis).split(separator: "\n")
    #expect(lines.count == 6 && lines[0] == "## CIFAR100")
    #expect(lines[3].hasPrefix("| 0.9 | 1000 | 46 | 4.6 |"))
    #expect(lines[4].hasPrefix("| 0.2 | 1000 | 1000 | 100.0 |"))
  }

  @Test("the figure marks what is significant, and says what it does not show")
  func figure() throws {
    let summary = try OverlapFixture.summary()
    let panels = OverlapFigure(model: "RN50x64", summary).figures
    #expect(panels.map(\.name) == ["overlap-difference-rn50x64", "overlap-change-rn50x64"])
    for panel in panels {
      #expect(
        panel.series.map { $0.points.map(\.label) } == [["Sketch"], ["Bird|snap"], ["CIFAR100"]])
      #expect(panel.remarks.contains("1 without overlap are not shown."))
      #expect(panel.remarks.contains("1 of which all overlaps are not shown."))
      let file = FigureFile(panel)
      #expect(file.csv.contains("CIFAR100"))
      #expect(file.svg.contains("p &lt; 0.05 after Bonferroni"))
    }
    let first = try #require(panels.first?.series.last?.points.first)
    #expect(abs(first.y - (40.0 / 46 - 580.0 / 954)) < 1e-12)
    let interval = try #require(first.yInterval)
    #expect(interval.lower > 0 && interval.upper < 1 - 580.0 / 954)
  }
}

/// What the paper's Figure 17, read off the plot, lets one recompute.
@Suite struct PublishedOverlapTests {
  private func published() throws -> [PublishedOverlap] {
    let folder = TestPaths.project.appending(path: "Reports/reference")
    return try PublishedFigures.overlap(ReferenceTable("figure-17.csv", in: folder)).datasets
  }

  /// Test samples of Table 9 and zero-shot accuracy of RN50x64 in Table 11; Kinetics700's is the mean of top 1 and top 5.
  private static let evaluations: [String: (samples: Double, accuracy: Double)] = [
    "CIFAR100": (10_000, 0.613), "SUN397": (19_850, 0.669), "Birdsnap": (2149, 0.489),
    "FER2013": (3574, 0.610), "StanfordCars": (8041, 0.760), "Country211": (21_100, 0.296),
    "Kinetics700": (31_669, 0.568),
  ]

  @Test(
    "All − Clean is contamination times Overlap − Clean on all nine datasets, as far as a plot can be read"
  )
  func identity() throws {
    let datasets = try published()
    #expect(datasets.count == 9)
    for dataset in datasets {
      #expect(
        abs(dataset.contamination * dataset.difference - dataset.change) < 0.0001,
        "\(dataset.dataset)")
    }
  }

  @Test(
    "the text's counts: 7 datasets gain more than 0.1 %, 6 tests are significant, Country211 gains 0.2 % at 21.5 %"
  )
  func counts() throws {
    let datasets = try published()
    #expect(datasets.count { $0.change > 0.001 } == 7)
    #expect(datasets.count { $0.pValue != .above } == 6)
    let largest = try #require(datasets.max { $0.change < $1.change })
    #expect(largest.dataset == "Birdsnap")
    let country = try #require(datasets.first { $0.dataset == "Country211" })
    #expect(country.contamination == 0.215)
    #expect(abs(country.change - 0.002) < 0.0005)
    // The nine named are the larger shares: their sum is three fifths of what a mean of 3.2 % over 35 datasets asks for.
    let share = datasets.reduce(0) { $0 + $1.contamination } / 35
    #expect(abs(share - 0.0194) < 0.0001)
  }

  @Test(
    "the test's p-values come out in the class that the plot shows, and two are significant after Bonferroni over 35"
  )
  func pValues() throws {
    var pValues: [Double] = []
    for dataset in try published() {
      guard let (samples, accuracy) = Self.evaluations[dataset.dataset] else { continue }
      let clean = accuracy - dataset.change
      let overlap = Int((samples * dataset.contamination).rounded())
      let right = Int((Double(overlap) * (clean + dataset.difference)).rounded())
      let p = try #require(
        BinomialTest.pValue(
          successes: right, trials: overlap, probability: clean, alternative: .greater))
      let expected: PublishedOverlap.PValue =
        p < 0.001 ? .belowThousandth : p < 0.05 ? .belowTwentieth : .above
      #expect(expected == dataset.pValue, "\(dataset.dataset): \(p)")
      pValues.append(p)
    }
    #expect(pValues.count == 7)
    let adjusted = try #require(AdjustedPValues.adjust(pValues, by: .bonferroni, tests: 35))
    #expect(adjusted.count { $0 < 0.05 } == 2)
  }

  @Test("a p-value that is none of the legend's is an error with its line")
  func damaged() {
    let error = #expect(throws: EvalError.self) {
      try PublishedFigures.overlap(
        ReferenceTable(
          parsing: Data("dataset,contamination,change,difference,p,source\nA,1,2,3,0.04,s\n".utf8),
          name: "f"))
    }
    #expect(error?.subject == "f:2, column p")
  }
}
