import Core
import Foundation
import ReferenceFiles
import Reporting
import TestSupport
import Testing

/// The paper's figures of means and differences, from its own tables.
@Suite struct PaperFigureTests {
  private func reference(_ name: String) throws -> ReferenceTable {
    try ReferenceTable(name, in: TestPaths.project.appending(path: "Reports/reference"))
  }

  private func table(_ text: String) throws -> ReferenceTable {
    try ReferenceTable(parsing: Data(text.utf8), name: "f")
  }

  private func table10() throws -> [PublishedScores] {
    try PublishedFigures.scores(reference("table-10.csv")).models
  }

  private func table11() throws -> [PublishedScores] {
    try PublishedFigures.scores(reference("table-11.csv")).models
  }

  /// Lines of a CSV file without quotes in the columns that count.
  private func lines(_ url: URL) throws -> [[String]] {
    try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline)
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) } }
  }

  private let kornblith = [
    "Food101", "CIFAR10", "CIFAR100", "Birdsnap", "SUN397", "StanfordCars", "FGVCAircraft",
    "VOC2007", "DTD", "OxfordPets", "Caltech101", "Flowers102",
  ]

  private func rounded(_ fraction: Double, _ decimals: Double = 2) -> Double {
    let unit = pow(10, decimals)
    return (fraction * 100 * unit).rounded() / unit
  }

  @Test("means of Table 10 over 12, 26 and 27 datasets are those computed elsewhere")
  func averages() throws {
    let models = try table10()
    #expect(models.count == 66)
    let names = try #require(models.first).scores.keys.sorted()
    #expect(names.count == 27)
    let best = try #require(models.first { $0.model == "ViT-L/14@336px" })
    #expect(rounded(try #require(best.mean(kornblith))) == 89.13)
    #expect(rounded(try #require(best.mean(names))) == 85.06)
    let student = try #require(models.first { $0.model == "L2-800" })
    #expect(rounded(try #require(student.mean(kornblith))) == 86.49)
    #expect(rounded(try #require(student.mean(names))) == 80.32)
    guard
      let url = TestPaths.shared("reference/paper/fig10_fig12_averages_computed.csv")
    else { return }
    let expected = try lines(url).dropFirst()
    #expect(expected.count == 66)
    for line in expected {
      let model = try #require(
        models.first { $0.family == line[0] && $0.model == line[1] }, "\(line)")
      let own = [
        model.mean(kornblith), model.mean(names), model.mean(names.filter { $0 != "ImageNet" }),
        model.scores["ImageNet"],
      ]
      for (value, text) in zip(own, line[2...5]) {
        #expect(abs(try #require(value) * 100 - (try #require(Double(text)))) < 0.0051, "\(line)")
      }
    }
  }

  private func differences(_ own: PublishedScores, _ other: PublishedScores) -> DifferenceFigure {
    DifferenceFigure(
      name: "d", title: "t", difference: "a − b",
      datasets: own.scores.keys.sorted().compactMap { name in
        guard let a = own.scores[name], let b = other.scores[name] else { return nil }
        return .init(name, difference: a - b)
      })
  }

  @Test("Figure 5 is Table 11 less Table 10's ResNet-50, but for KITTI and UCF101")
  func figure5() throws {
    let own = try #require(try table11().first { $0.model == "ViT-L/14@336px" })
    let other = try #require(try table10().first { $0.family == "ResNet" && $0.model == "50" })
    let figure = differences(own, other)
    #expect(figure.datasets.count == 27 && figure.wins == 16)
    #expect(figure.sorted.first?.name == "StanfordCars")
    #expect(figure.sorted.last?.name == "KITTI")
    guard let url = TestPaths.shared("reference/paper/fig5_zs_minus_rn50_probe.csv") else { return }
    var odd: Set<String> = []
    for line in try lines(url).dropFirst() {
      let dataset = try #require(figure.datasets.first { $0.name == line[0] })
      let printed = try #require(Double(line[1]))
      if abs(dataset.difference * 100 - printed) > 0.1001 { odd.insert(line[0]) }
    }
    #expect(odd == ["KITTI", "UCF101"])
  }

  @Test("Figure 11 is Table 10's best CLIP less L2-800: 21 of 27 are not below")
  func figure11() throws {
    let models = try table10()
    let own = try #require(models.first { $0.model == "ViT-L/14@336px" })
    let other = try #require(models.first { $0.model == "L2-800" })
    let figure = differences(own, other)
    #expect(figure.wins == 20)
    #expect(figure.datasets.filter { $0.difference == 0 }.map(\.name) == ["STL10"])
    #expect(figure.figure.subtitle == "above 0 on 20 of 27 datasets, equal on 1")
    guard let url = TestPaths.shared("reference/paper/fig11_clip_minus_ns_l2.csv") else { return }
    let expected = try lines(url).dropFirst()
    #expect(expected.count == 27)
    for line in expected {
      let dataset = try #require(figure.datasets.first { $0.name == line[0] })
      #expect(abs(dataset.difference * 100 - (try #require(Double(line[1])))) < 0.1001, "\(line)")
    }
  }

  /// numpy's `polyfit` of log10(error) on log10(GFLOPs), of the values as read off the plot.
  @Test("the line of Figure 9")
  func figure9() throws {
    let (points, source) = try PublishedFigures.scaling(reference("figure-9.csv"))
    #expect(points.map(\.model) == ["RN50", "RN101", "RN50x4", "RN50x16", "RN50x64"])
    #expect(source == "arXiv 2103.00020 Figure 9, read off the plot")
    let fit = try #require(ScalePoint.powerLaw(points))
    #expect(abs(fit.slope - -0.10344377732853685) < 1e-12)
    #expect(abs(pow(10, fit.predicted(2)) - 0.33580086231038647) < 1e-12)
    let figure = ScalingFigure(
      name: "f", title: "t", quantity: .error, points: points, datasets: "36 datasets"
    ).figure
    #expect(figure.subtitle?.hasPrefix("ResNet: slope −0.103 (") == true)
    #expect(ScalePoint.powerLaw(Array(points.prefix(2))) == nil)
  }

  @Test("the gain of Figure 4, of the values as read off the plot")
  func figure4() throws {
    let (curves, _) = try PublishedFigures.prompting(reference("figure-4.csv"))
    let figure = PromptingFigure(curves: curves, datasets: "36 datasets")
    #expect(figure.gains.count == 5)
    #expect(abs(figure.gains.reduce(0) { $0 + $1.gain } / 5 - 0.0538) < 1e-9)
    #expect(
      figure.figure.subtitle == "templates over bare names: +5.4 points, mean of 5 models")
  }

  /// numpy's `polyfit` over the 56 models that are not the paper's own.
  @Test(
    "the lines of Figure 12, and CLIP above them",
    arguments: [(true, 0.7452735507130529, 0.0587443), (false, 0.45040651093039197, 0.0857303)])
  func figure12(isTwelve: Bool, slope: Double, above: Double) throws {
    let models = try table10()
    let names =
      isTwelve ? kornblith : try #require(models.first).scores.keys.filter { $0 != "ImageNet" }
    func points(_ isIncluded: (PublishedScores) -> Bool) -> [TransferFigure.Point] {
      models.filter(isIncluded).compactMap { model in
        guard let x = model.scores["ImageNet"], let y = model.mean(names) else { return nil }
        return .init(model: model.model, imageNet: x, transfer: y)
      }
    }
    let figure = TransferFigure(
      name: "t", datasets: "datasets", points: points { $0.model == "ViT-L/14@336px" },
      publishedOthers: points { !$0.family.hasPrefix("CLIP") && $0.family != "LM" })
    let fit = try #require(figure.fit)
    #expect(fit.count == 56 && abs(fit.slope - slope) < 1e-9)
    let own = try #require(figure.points.first)
    #expect(abs(own.transfer - fit.predicted(own.imageNet) - above) < 1e-6)
    #expect(figure.figure.subtitle?.contains("ViT-L/14@336px +\(rounded(above, 1))") == true)
  }

  @Test("scores a line each become models; a damaged table is an error with its line")
  func long() throws {
    let (models, source) = try PublishedFigures.scores(
      table(
        """
        experiment,dataset,model,metric,value,unit,condition,family,source
        linear-probe,A,50,accuracy,81.3,percent,,ResNet,s
        linear-probe,B,50,accuracy,75,percent,x=1,ResNet,s
        linear-probe,A,50,accuracy,1,percent,,BYOL,s
        """))
    #expect(models.map(\.family) == ["ResNet", "BYOL"] && source == "s")
    #expect(models[0].scores.keys.sorted() == ["A", "B"] && models[0].scores["B"] == 0.75)
    #expect(models[1].scores == ["A": 0.01])
    for (text, message) in [
      ("dataset,model,value,unit,source\nA,m,1,x,s\n", "percent or fraction, found x"),
      ("dataset,model,value,unit,source\nA,m,1,percent,s\nA,m,1,percent,s\n", "found a second"),
      ("dataset,model,unit,source\nA,m,percent,s\n", "expected a column value"),
    ] {
      let error = #expect(throws: EvalError.self) {
        try PublishedFigures.scores(table(text))
      }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }

  @Test("a mean over a missing score is none")
  func missing() throws {
    let (models, source) = try PublishedFigures.scores(
      table("dataset,model,value,unit,source\nA,m,50,percent,s 1\n"))
    #expect(models == [PublishedScores(family: "", model: "m", scores: ["A": 0.5])])
    #expect(source == "s 1")
    #expect(models[0].mean(["A"]) == 0.5 && models[0].mean(["A", "B"]) == nil)
    #expect(models[0].mean([]) == nil)
  }

  @Test("a cost of 0 has no place on a logarithmic axis")
  func noCost() {
    let error = #expect(throws: EvalError.self) {
      try PublishedFigures.scaling(
        table("model,gflops,mean-error,unit,source\nm,0,1,percent,s\n"))
    }
    #expect(error?.subject == "f:2, column gflops")
  }
}
