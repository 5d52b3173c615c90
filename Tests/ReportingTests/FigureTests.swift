import Foundation
import Probes
import Reporting
import Statistics
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct FigureTests {
  /// Elements and their attributes, as an XML parser reads them.
  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [(name: String, attributes: [String: String])] = []
    var texts: [String: String] = [:]
    private var path: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      elements.append((name, attributes))
      path.append(name)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      path.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      texts[path.joined(separator: "/"), default: ""] += string
    }
  }

  private func read(_ file: FigureFile) throws -> Reader {
    let reader = Reader()
    let parser = XMLParser(data: Data(file.svg.utf8))
    parser.delegate = reader
    try #require(
      parser.parse(), "\(file.name): \(parser.parserError.map { "\($0)" } ?? "no error")")
    return reader
  }

  /// Each by its name.
  private static let figures = Dictionary(
    uniqueKeysWithValues: (FigureFixture.all() + [FigureFile(FigureFixture.hostile())]).map {
      ($0.name, $0)
    })

  @Test(
    "figures of probes and their numbers are the committed ones",
    arguments: FigureFixture.all().map(\.name))
  func goldens(name: String) throws {
    let file = try #require(Self.figures[name])
    try ReportTests().expectGolden(file.svg, "figures/\(file.name).svg")
    try ReportTests().expectGolden(file.csv, "figures/\(file.name).csv")
  }

  @Test(
    "a figure is well-formed, has a title and a description that name it, and unique ids",
    arguments: figures.keys.sorted())
  func wellFormed(name: String) throws {
    let file = try #require(Self.figures[name])
    let reader = try read(file)
    let root = try #require(reader.elements.first)
    #expect(root.name == "svg" && root.attributes["role"] == "img")
    #expect(root.attributes["xmlns"] == "http://www.w3.org/2000/svg")
    let ids = reader.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    let named = try #require(root.attributes["aria-labelledby"]).split(separator: " ")
    #expect(named.count == 2 && named.allSatisfy { ids.contains(String($0)) })
    #expect(reader.texts["svg/title"]?.isEmpty == false)
    #expect(reader.texts["svg/desc"]?.isEmpty == false)
    #expect(ids.allSatisfy { $0.wholeMatch(of: /[a-z][a-z0-9-]*/) != nil })
    let numbers = reader.elements.flatMap { element in
      ["x", "y", "d", "width", "height", "transform"].compactMap { element.attributes[$0] }
    }
    #expect(!numbers.contains { $0.contains("nan") || $0.contains("inf") || $0.contains("e+") })
  }

  @Test("names of files and texts may hold anything")
  func hostile() throws {
    let file = FigureFile(FigureFixture.hostile())
    #expect(file.name == "odd-name")
    let reader = try read(file)
    #expect(reader.texts["svg/desc"] == "]]> & <script>alert('x')</script>")
    #expect(reader.texts["svg/title"] == "a < b & c > \"d\"    — é 猫")
    #expect(!reader.elements.contains { $0.name == "script" })
    #expect(FigureFile.name("ViT-B/32") == "vit-b-32")
    #expect(FigureFile.name("…") == "figure-" && FigureFile.name("7") == "figure-7")
  }

  @Test("figures whose names come out the same get numbers")
  func uniqueNames() {
    let figures = ["a/b", "a b", "a-b-2", "A_B"].map {
      Figure(
        name: $0, title: "t", description: "d", x: Axis("", name: "x"), y: Axis("", name: "y"))
    }
    #expect(FigureFile.make(figures).map(\.name) == ["a-b", "a-b-2", "a-b-2-2", "a-b-3"])
  }

  @Test("texts lie within the paper, and labels of points do not cover each other")
  func labels() throws {
    for file in FigureFixture.all() {
      let reader = try read(file)
      let size = try #require(reader.elements.first?.attributes["viewBox"]).split(separator: " ")
      let (width, height) = (try #require(Double(size[2])), try #require(Double(size[3])))
      for element in reader.elements where element.name == "text" {
        let x = try #require(element.attributes["x"].flatMap(Double.init))
        let y = try #require(element.attributes["y"].flatMap(Double.init))
        #expect((0...width).contains(x) && (0...height).contains(y), "\(file.name)")
      }
    }
    // Labels of a scatter plot: 11 pixels, in the middle of their boxes, letters at least 5 pixels wide.
    let scatter = try read(FigureFile(FigureFixture.correlation().figure))
    let centres = scatter.elements.filter {
      $0.attributes["font-size"] == "11" && $0.attributes["text-anchor"] == "middle"
    }.compactMap { element -> (Double, Double)? in
      guard let x = element.attributes["x"].flatMap(Double.init),
        let y = element.attributes["y"].flatMap(Double.init)
      else { return nil }
      return (x, y)
    }
    #expect(centres.count == 27)
    for (index, a) in centres.enumerated() {
      for b in centres[..<index] {
        #expect(abs(a.0 - b.0) > 20 || abs(a.1 - b.1) > 9, "\(a) \(b)")
      }
    }
  }

  @Test("beside a figure lie the numbers plotted, unrounded")
  func numbers() {
    let lines = FigureFile(FigureFixture.fewShot().figure).csv.split(separator: "\r\n")
    #expect(
      lines.first == "mark,series,label,shots,shots.lower,shots.upper,score,score.lower,score.upper"
    )
    #expect(lines.contains("point,ViT-B/32,,4.0,,,0.588,0.578,0.598"))
    #expect(lines.contains("point,ViT-B/32,,0.0,,,0.578,,"))
    #expect(lines.contains("point,BiT-M (published),,16.0,,,0.629,,"))
    let bars = FigureFile(FigureFixture.dataEfficiency().figure).csv.split(separator: "\r\n")
    #expect(bars.contains("bar,at least,> 50,50.0,,,OxfordPets,,"))
    #expect(bars.contains("comparison,,,48.0,,,OxfordPets,,"))
    #expect(bars.contains("rule,,mean 40,40.126,,,,,"))
    // What no scale has a place for is still told.
    let odd = FigureFile(FigureFixture.hostile()).csv.split(separator: "\r\n")
    #expect(odd.first?.contains("\"x,\"\"1\"\"\"") == true)
    #expect(odd.contains("point,s & <1>,,0.0,,,0.5,,"))
  }

  @Test(
    "marks stand where their values belong: doublings of shots one step apart, 0 a step before 1")
  func places() throws {
    let svg = FigureFile(FigureFixture.fewShot().figure).svg
    // The markers of ViT-B/32 tell their values to a pointer.
    let places = svg.matches(
      of: /translate\(([0-9.]+) ([0-9.]+)\)"[^>]*><title>ViT-B\/32, (?:zero-shot|(\d+) per class)/
    ).map { (shots: $0.3.flatMap { Int($0) } ?? 0, x: Double($0.1) ?? -1, y: Double($0.2) ?? -1) }
      .sorted { $0.shots < $1.shots }
    #expect(places.map(\.shots) == [0, 1, 2, 4, 8, 16])
    let steps = zip(places, places.dropFirst()).map { $1.x - $0.x }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < 0.02 } && steps[0] > 50)
    // 0.41, 0.5 and 0.65 on a linear axis, upwards.
    let (a, b, c) = (places[1].y, places[2].y, places[4].y)
    #expect(a > b && abs((a - b) / (a - c) - 0.09 / 0.24) < 0.001)
  }

  /// Tick labels of the x axis: the texts right below the plot, from left to right.
  private func tickLabels(_ axis: Axis, _ values: [Double]) throws -> [String] {
    var figure = Figure(
      name: "ticks", title: "t", description: "d", x: axis, y: Axis("", name: "y"))
    figure.series = [
      Series("", colour: 0, marker: .circle, points: values.map { .init($0, 1) })
    ]
    let svg = FigureFile(figure).svg
    let texts = svg.matches(
      of: /<text class="quiet" x="([0-9.]+)" y="([0-9.]+)" text-anchor="middle"[^>]*>([^<]*)</
    ).map { (x: Double($0.1) ?? -1, label: String($0.3)) }
    #expect(texts.map(\.x) == texts.map(\.x).sorted())
    return texts.map(\.label)
  }

  @Test("ticks are round numbers on every scale")
  func ticks() throws {
    func axis(_ scale: Axis.Scale, _ unit: Axis.Unit = .number) -> Axis {
      Axis("", name: "x", scale: scale, unit: unit)
    }
    #expect(
      try tickLabels(axis(.linear), [0, 184]) == [
        "0", "25", "50", "75", "100", "125", "150", "175", "200",
      ])
    #expect(
      try tickLabels(axis(.linear, .percent), [0.62, 0.67])
        == ["62", "63", "64", "65", "66", "67"])
    #expect(try tickLabels(axis(.linear), [-0.3, 0.3]).contains("0.0"))
    #expect(try tickLabels(axis(.linear), [5, 5]).contains("5.00"))
    #expect(
      try tickLabels(axis(.log10), [1e-6, 1e6])
        == ["10⁻⁶", "10⁻⁴", "0.01", "1", "100", "10⁴", "10⁶"])
    #expect(try tickLabels(axis(.log10), [1, 20]) == ["1", "2", "5", "10", "20"])
    #expect(try tickLabels(axis(.log2), [1, 16]) == ["1", "2", "4", "8", "16"])
    #expect(try tickLabels(axis(.log2WithZero), [0, 1, 16]) == ["0", "1", "2", "4", "8", "16"])
    #expect(try tickLabels(axis(.log2WithZero), [1, 16]) == ["1", "2", "4", "8", "16"])
    let logit = try tickLabels(axis(.logit, .percent), [0.02, 0.99])
    #expect(logit.contains("1") == false && logit.first == "2")
    #expect(Set(logit).isSuperset(of: ["10", "50", "90", "99"]))
    #expect(try tickLabels(axis(.linear), []) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
  }

  @Test("a line of names at the ends keeps them apart, in the order of the lines")
  func namesAtEnds() throws {
    var figure = Figure(
      name: "ends", title: "t", description: "d", x: Axis("", name: "x"), y: Axis("", name: "y"))
    figure.series = (0..<8).map { index in
      Series(
        "line \(index)", colour: index, line: .solid,
        points: [.init(0, 0), .init(1, 1 + Double(index % 4) / 1000)])
    }
    let svg = FigureFile(figure).svg
    let names = svg.matches(of: /<text class="ink" x="[0-9.]+" y="([0-9.]+)"[^>]*>line (\d)</).map {
      (y: Double($0.1) ?? -1, index: Int($0.2) ?? -1)
    }
    #expect(names.count == 8)
    let sorted = names.sorted { $0.y < $1.y }
    #expect(sorted.map { $0.index % 4 } == [3, 3, 2, 2, 1, 1, 0, 0])
    for (a, b) in zip(sorted, sorted.dropFirst()) { #expect(b.y - a.y > 14.9) }
  }

  @Test("Figure 8 of the paper: r = 0.82, slope 1.28, between 0.93 and 1.79")
  func correlation() throws {
    let regression = try #require(FigureFixture.correlation().regression)
    // NumPy's corrcoef and polyfit.
    #expect(abs(regression.r - 0.8214959634467239) < 1e-12)
    #expect(abs(regression.slope - 1.28128204) < 1e-8)
    #expect(abs(regression.intercept + 0.40983859) < 1e-8)
    let interval = try #require(regression.slopeInterval)
    #expect(abs(interval.lower - 0.93) < 0.03 && abs(interval.upper - 1.79) < 0.03)
    #expect(try #require(regression.pValue) < 1e-6)
    #expect(ZeroShotCorrelation.Regression([.init("A", probe: 0.5, zeroShot: 0.4)]) == nil)
  }

  @Test("answers of data efficiency keep what they say, in figures too")
  func answers() throws {
    let answers = [
      DataEfficiency.Answer(shots: 6.04, kind: .interpolated, bound: 1, fallsBelowAgain: false),
      .init(shots: 0.9, kind: .extrapolated, bound: 1, fallsBelowAgain: false),
      .init(shots: nil, kind: .notReached, bound: 184, fallsBelowAgain: false),
      .init(shots: nil, kind: .below, bound: 1, fallsBelowAgain: true),
    ]
    #expect(
      answers.map(ShotsNeeded.init)
        == [.shots(6.04), .extrapolated(0.9), .moreThan(184), .fewerThan(1)])
    let chart = DataEfficiencyChart(
      model: "m",
      datasets: zip("abcd", answers).map { .init(String($0), needed: ShotsNeeded($1)) },
      summary: DataEfficiency.summary(answers))
    #expect(chart.figure.bars.map(\.label) == ["> 184", "6.0", "< 1", "0.9*"])
    #expect(chart.figure.bars.map(\.isOpen) == [true, false, false, false])
    // The one below 1 may be above or below 0.9, so that the middle is not known.
    #expect(chart.median == nil && chart.figure.rules.count == 1)
    #expect(chart.mean.map { abs($0 - 3.47) < 1e-9 } == true)
  }

  @Test("the rounds of a search are known from its values; a sweep has none")
  func rounds() {
    let search = FigureFixture.search()
    let figure = search.figure
    #expect(
      figure.series.map(\.name) == [
        "fits", "coarse grid", "round 1", "round 2", "round 3", "round 4", "chosen",
      ])
    #expect(figure.series[1].points.count == 7)
    #expect(figure.series[2...5].allSatisfy { $0.points.count == 2 })
    #expect(FigureFixture.search(edge: true).figure.series.last?.marker == .warning)
  }
}

@Suite struct PaletteTests {
  private func linear(_ hex: String) -> [Double] {
    let value = Int(hex.dropFirst(), radix: 16) ?? 0
    return [value >> 16 & 255, value >> 8 & 255, value & 255].map { channel in
      let part = Double(channel) / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
  }

  private func contrast(_ a: String, _ b: String) -> Double {
    let luminances = [a, b].map { colour in
      zip([0.2126, 0.7152, 0.0722], linear(colour)).reduce(0) { $0 + $1.0 * $1.1 } + 0.05
    }
    return (luminances.max() ?? 0) / (luminances.min() ?? 1)
  }

  private func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// CIE L*a*b* (D65) of linear RGB.
  private func lab(_ rgb: [Double]) -> [Double] {
    let xyz = product(
      [
        [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
      ], rgb.map { min(1, max(0, $0)) })
    let f = zip(xyz, [0.95047, 1, 1.08883]).map { value, white in
      value / white > 216.0 / 24389
        ? cbrt(value / white) : (24389.0 / 27 * value / white + 16) / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  /// Linear RGB as seen without one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1).
  static let vision: [(name: String, matrix: [[Double]])] = [
    ("normal", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  @Test("colours stand out from both backgrounds, text by 4.5 : 1")
  func contrasts() {
    let background = Palette.background
    for colour in Palette.series {
      #expect(contrast(colour.light, background.light) >= 3, "\(colour)")
      #expect(contrast(colour.dark, background.dark) >= 3, "\(colour)")
    }
    for colour in [Palette.text, Palette.quietText] {
      #expect(contrast(colour.light, background.light) >= 4.5)
      #expect(contrast(colour.dark, background.dark) >= 4.5)
    }
  }

  @Test("no two colours of series look alike with any kind of vision", arguments: vision)
  func colourBlindness(vision: (name: String, matrix: [[Double]])) {
    for colours in [Palette.series.map(\.light), Palette.series.map(\.dark)] {
      let seen = colours.map { lab(product(vision.matrix, linear($0))) }
      for (index, a) in seen.enumerated() {
        for b in seen[..<index] {
          let distance = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
          #expect(distance > 15, "\(vision.name): \(colours[index])")
        }
      }
    }
  }

  @Test("a band of few seeds does not stretch the plot beyond what a score can be")
  func wideBand() throws {
    func figure(_ reach: Double) -> Figure {
      FewShotComparison(
        curves: [
          FewShotCurve(
            model: "m",
            points: [1, 4].map {
              .init(
                shots: $0, value: 0.83,
                interval: Interval(lower: 0.83 - reach, upper: 0.83 + reach))
            }, zeroShot: 0.8)
        ], published: [], publishedSource: nil, datasets: ["A", "B"], seeds: 2
      ).figure
    }
    #expect(figure(0.44).y.range == 0.3...1)
    #expect(figure(0.44).remarks.joined().contains("beyond 0 and 100 is cut off"))
    #expect(figure(0.1).y.range == nil && !figure(0.1).remarks.joined().contains("cut off"))
    // The numbers stay as they are.
    #expect(FigureFile.make([figure(0.44)])[0].csv.contains("1.27"))
  }
}
