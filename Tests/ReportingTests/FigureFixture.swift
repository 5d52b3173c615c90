import Reporting
import Statistics

/// The figures of probes, on made-up searches and on the paper's own numbers.
enum FigureFixture {
  /// The fifteen fits of the paper's search with its peak at 10^0.375, and a smooth score.
  static func search(edge: Bool = false) -> SearchCurve {
    let steps: [(index: Int, round: Int)] =
      [0, 16, 32, 48, 64, 80, 96].map { ($0, 0) } + [(40, 1), (56, 1), (44, 2), (52, 2)]
      + [(50, 3), (54, 3), (51, 4), (53, 4)]
    let points = steps.sorted { $0.index < $1.index }.map { step in
      let exponent = Double(step.index) / 8 - 6
      let distance = (exponent - (edge ? 6 : 0.375)) / 6
      return SearchCurve.Point(
        C: power(exponent), score: 0.871 - (edge ? 0.1 : 0.4) * distance * distance,
        round: step.round)
    }
    return SearchCurve(
      dataset: "Food101", model: "ViT-B/32", metric: "accuracy",
      selection: "the validation split val", points: points, best: power(edge ? 6 : 0.375),
      isAtEdge: edge)
  }

  /// 10^(j/8) as decimals, so that the fixture does not depend on a mathematical library.
  private static func power(_ exponent: Double) -> Double {
    let eighths = [
      1, 1.333521432163324, 1.7782794100389228, 2.371373705661655, 3.1622776601683795,
      4.216965034285822, 5.623413251903491, 7.498942093324559,
    ]
    let steps = Int((exponent * 8).rounded()) + 48
    return Double("\(eighths[steps % 8])e\(steps / 8 - 6)") ?? .nan
  }

  static func fewShot() -> FewShotComparison {
    func curve(_ model: String, _ values: [Double], _ reach: Double, zeroShot: Double?)
      -> FewShotCurve
    {
      FewShotCurve(
        model: model,
        points: zip([1, 2, 4, 8, 16], values).map { shots, value in
          .init(
            shots: shots, value: value,
            interval: Interval(
              lower: value - reach / Double(shots), upper: value + reach / Double(shots)))
        }, zeroShot: zeroShot)
    }
    return FewShotComparison(
      curves: [
        curve("ViT-B/32", [0.41, 0.5, 0.588, 0.65, 0.696], 0.04, zeroShot: 0.578),
        curve("ViT-L/14@336px", [0.46, 0.57, 0.654, 0.7, 0.741], 0.03, zeroShot: 0.651),
        curve("RN50", [0.402, 0.492, 0.58, 0.645, 0.69], 0.04, zeroShot: 0.553),
      ],
      published: [
        FewShotCurve(
          model: "BiT-M",
          points: [.init(shots: 1, value: 0.397), .init(shots: 16, value: 0.629)])
      ], publishedSource: "arXiv 2103.00020 Figure 6, read off the plot",
      datasets: (1...20).map { "Dataset\($0)" }, seeds: 10)
  }

  static func dataEfficiency() -> DataEfficiencyChart {
    DataEfficiencyChart(
      model: "ViT-L/14@336px",
      datasets: [
        .init("Flowers102", needed: .fewerThan(1), zeroShot: 0.783, published: 0.9),
        .init("EuroSAT", needed: .extrapolated(0.9), zeroShot: 0.596, published: 0.9),
        .init("FER2013", needed: .shots(176.4), zeroShot: 0.577, published: 184),
        .init("ImageNet", needed: .shots(16), zeroShot: 0.762, published: 16),
        .init("OxfordPets", needed: .moreThan(50), zeroShot: 0.935, published: 48),
        .init("MNIST", needed: .shots(4.83), zeroShot: 0.883, published: 4.8),
        .init("DemoWords", needed: .shots(2.5), zeroShot: 0.5),
      ], mean: 40.126, median: 4.83, publishedSource: "arXiv 2103.00020 Figure 7")
  }

  /// Tables 10 and 11 of ViT-L/14@336px; KITTI as in the paper's own figure.
  static let paper: [(name: String, probe: Double, zeroShot: Double)] = [
    ("Food101", 0.959, 0.938), ("CIFAR10", 0.979, 0.957), ("CIFAR100", 0.874, 0.775),
    ("Birdsnap", 0.799, 0.495), ("SUN397", 0.822, 0.684), ("StanfordCars", 0.915, 0.788),
    ("FGVCAircraft", 0.716, 0.372), ("VOC2007", 0.899, 0.843), ("DTD", 0.830, 0.557),
    ("OxfordPets", 0.951, 0.935), ("Caltech101", 0.960, 0.928), ("Flowers102", 0.992, 0.783),
    ("MNIST", 0.992, 0.883), ("FER2013", 0.729, 0.577), ("STL10", 0.997, 0.994),
    ("EuroSAT", 0.981, 0.596), ("RESISC45", 0.949, 0.717), ("GTSRB", 0.924, 0.523),
    ("KITTI", 0.692, 0.331), ("Country211", 0.464, 0.349), ("PCam", 0.856, 0.630),
    ("UCF101", 0.920, 0.769), ("Kinetics700", 0.730, 0.613), ("CLEVRCounts", 0.603, 0.248),
    ("HatefulMemes", 0.773, 0.633), ("RenderedSST2", 0.805, 0.679), ("ImageNet", 0.854, 0.762),
  ]

  static func correlation() -> ZeroShotCorrelation {
    let datasets = paper.map {
      ZeroShotCorrelation.Dataset($0.name, probe: $0.probe, zeroShot: $0.zeroShot)
    }
    return ZeroShotCorrelation(
      model: "ViT-L/14@336px", datasets: datasets, regression: .init(datasets))
  }

  /// Names that need escaping, values that the scales have no place for, marks of every kind.
  static func hostile() -> Figure {
    var figure = Figure(
      name: "../<Odd> & \"Name\"", title: "a < b & c > \"d\" \u{0}\u{FFFE} — é 猫",
      description: "]]> & <script>alert('x')</script>",
      x: Axis("log & x", name: "x,\"1\"", scale: .log10),
      y: Axis("<y>", name: "y", scale: .logit, unit: .percent))
    var series = Series(
      "s & <1>", colour: 7, line: .dotted, marker: .warning,
      points: [
        .init(0, 0.5), .init(1, 0.5, xInterval: Interval(lower: 0, upper: 2), label: "<l>"),
        .init(10, .nan), .init(100, 0.75, yInterval: Interval(lower: 0.5, upper: 1)),
        .init(1000, 1), .init(.infinity, 0.5),
      ])
    series.isHollow = true
    var band = series
    band.uncertainty = .band
    figure.series = [series, band]
    figure.rules = [
      Rule(.x(-1), label: "no place"), Rule(.x(30), label: "<x>"), Rule(.y(0.6), label: "&"),
      Rule(.line(intercept: 0.5, slope: 0.001), label: "line"),
    ]
    figure.remarks = ["<remark> & more"]
    return figure
  }

  static func all() -> [FigureFile] {
    FigureFile.make([
      search().figure, search(edge: true).figure, fewShot().figure, dataEfficiency().figure,
      correlation().figure,
    ])
  }
}
