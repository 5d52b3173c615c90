import Core
import Foundation
import ReferenceFiles
import Reporting
import Robustness
import Statistics
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct RobustnessReportTests {
  @Test("figures of robustness and their numbers are the committed ones")
  func goldens() throws {
    let files = try RobustnessFixture.all()
    #expect(
      files.map(\.name) == [
        "figure-13", "paired-shifts-resnet-101-zero-shot-clip", "figure-14", "figure-15",
        "imagenetv2-logit-scale", "imagenetv2-probit-scale", "adapt-to-imagenet-clip",
        "adapt-to-class-shift-clip",
      ])
    for file in files {
      #expect(XMLParser(data: Data(file.svg.utf8)).parse(), "\(file.name)")
      let drawn = file.svg.matches(of: /\s(?:x|y|d|transform|width|height)="([^"]*)"/).map(\.1)
      #expect(!drawn.contains { $0.contains("nan") || $0.contains("inf") }, "\(file.name)")
      try ReportTests().expectGolden(file.svg, "figures/\(file.name).svg")
      try ReportTests().expectGolden(file.csv, "figures/\(file.name).csv")
    }
  }

  @Test("tables of robustness are the committed ones")
  func tables() throws {
    let tables = RobustnessTables(try RobustnessFixture.own().entries)
    try ReportTests().expectGolden(
      tables.effective.joined(separator: "\n"), "robustness.md")
    try ReportTests().expectGolden(tables.effectiveCSV, "robustness.csv")
  }

  @Test("Table 16 again, its means and a model without one")
  func table16() throws {
    let table = try ShippedBaselines.table16.table(in: RobustnessFixture.folder)
    var entries: [RobustnessTables.Entry] = []
    var bases: [String: Double] = [:]
    for row in table.rows {
      let values = try #require(table.accuracies(of: row.model))
      let base = try #require(values["imagenet"])
      bases[row.model] = base
      for shift in NaturalShift.all {
        entries.append(
          RobustnessTables.Entry(
            shift: shift.title,
            point: RobustnessPoint(
              model: row.model, family: row.type, base: base,
              shift: try #require(values[shift.setting]))))
      }
    }
    let whole = RobustnessTables(entries, bases: bases)
    #expect(whole.accuracies.count == 1)
    let text = whole.accuracies[0]
    #expect(
      text.contains(
        "| Zero-Shot CLIP | zero-shot | 76.2 | 70.1 | 77.2 | 88.9 | 72.3 | 60.2 | "), "\(text)")
    #expect(text.hasSuffix(" | 79.0 |\n"))
    #expect(text.contains("| 72.6 |"))
    #expect(
      whole.baseAccuracies.contains(
        "| Zero-Shot CLIP | zero-shot |" + String(repeating: " 76.2 |", count: 8)))
    let lines = whole.accuraciesCSV.split(separator: "\r\n")
    #expect(lines.count == 5 && lines[0].hasPrefix("model,family,base,ImageNetV2,"))
    #expect(lines[4].contains(",0.7897"))

    let first = try #require(entries.first)
    let partial = RobustnessTables(
      Array(entries.dropFirst()), shifts: NaturalShift.all.map(\.title))
    #expect(
      partial.accuracies[1].contains("none where one is missing: \(first.point.model) (ImageNetV2)")
    )
    #expect(partial.accuracies[0].contains("| NS EfficientNet-L2 | more-data | – |"))
    #expect(partial.accuraciesCSV.contains("NS EfficientNet-L2,more-data,,0.849"))
  }

  @Test(
    "tables without numbers of samples say which interval it is; models without a line have none")
  func unknown() throws {
    let fit = try RobustnessFixture.cloud().fit
    let point = RobustnessPoint(model: "a|b", family: "zero-shot", base: 0.99, shift: 0.8)
    let tables = RobustnessTables([
      .init(shift: "mean", point: point, robustness: EffectiveRobustness(point, fit: fit)),
      .init(shift: "other", point: point),
    ])
    let text = tables.effective.joined()
    #expect(text.contains("a\\|b") && text.contains("the line's interval alone"))
    #expect(text.contains("*") && text.contains("| – | – | – |"))
    #expect(!text.contains("Relative robustness"))
    let lines = tables.effectiveCSV.split(separator: "\r\n")
    #expect(lines[2].contains("other,0.99,,0.8,,,"))
  }

  @Test("points at the ends of a scale: moved with their number of samples, else told")
  func edges() throws {
    let points = [
      RobustnessPoint(
        model: "all right", family: "own", base: 1, shift: 0.9, baseCount: 100, shiftCount: 100),
      RobustnessPoint(model: "unknown", family: "own", base: 1, shift: 0.9),
      RobustnessPoint(model: "usual", family: "own", base: 0.8, shift: 0.7),
    ]
    let figure = RobustnessFigure(
      title: "Edges", baselines: [], fit: nil, points: points
    ).figure
    let placed = try #require(figure.series.first?.points)
    #expect(abs(placed[0].x - 100.5 / 101) < 1e-12)
    #expect(figure.remarks[0].contains("Not shown: 1 at 0 or 100 %"))
    // Its bar's upper end is 1, drawn to the edge.
    #expect(placed[0].xInterval?.upper == 1)
    let csv = FigureFile(figure).csv
    #expect(csv.contains("point,own,unknown,1.0,,,0.9,,"))
    #expect(XMLParser(data: Data(FigureFile(figure).svg.utf8)).parse())
    let linear = RobustnessFigure(
      title: "Edges", baselines: [], fit: nil, points: points, scale: .linear
    ).figure
    #expect(!linear.remarks[0].contains("Not shown") && linear.series[0].points[0].x == 1)
  }

  @Test("the fit's line and band stand in the figure's numbers as the fit has them")
  func numbers() throws {
    let own = try RobustnessFixture.own()
    let figure = own.figure.figure
    let line = try #require(figure.series.first { $0.line != nil && $0.uncertainty == .band })
    #expect(line.points.count == 101)
    for point in line.points {
      #expect(own.figure.fit?.predicted(base: point.x) == point.y)
      #expect(own.figure.fit?.band(base: point.x) == point.yInterval)
    }
    let mine = figure.series.flatMap(\.points).filter { $0.label != nil }
    #expect(mine.map(\.label) == ["ViT-B/32", "ViT-B/32 probe"])
    #expect(
      mine[0].yInterval
        == ClopperPearson.interval(successes: 562, trials: 1000, confidence: 0.95))
    // A line on another scale is not drawn.
    var other = own.figure
    other.scale = .linear
    #expect(!other.figure.series.contains { $0.uncertainty == .band })
  }

  @Test(
    "a damaged table of Figure 14 is an error",
    arguments: [
      ("dataset\n", "f", "adaptToImageNet"),
      (
        "dataset,adaptToImageNet,adaptToClassShift,unit,source\nA,1,2,metres,s\n",
        "f:2, column unit", "percent or fraction"
      ),
      (
        "dataset,adaptToImageNet,adaptToClassShift,unit,source\nA,x,2,percent,s\n",
        "f:2, column adaptToImageNet", "found x"
      ),
    ])
  func damaged(text: String, subject: String, message: String) {
    let error = #expect(throws: EvalError.self) {
      try PublishedFigures.adaptation(ReferenceTable(parsing: Data(text.utf8), name: "f"))
    }
    #expect(error?.subject == subject && error?.message.contains(message) == true)
  }
}
