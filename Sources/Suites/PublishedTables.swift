import Core
import ReferenceFiles
import Reporting

/// What figures show of the paper's own numbers, from `Reports/reference`.
struct PublishedTables {
  /// Linear probes: 66 models on 27 datasets.
  var probes: [PublishedScores]
  var probeSource: String
  /// Zero-shot: the paper's nine models.
  var zeroShot: [PublishedScores]
  var zeroShotSource: String
  var prompting: [PromptingFigure.Curve]
  var promptingSource: String
  /// Over the paper's 36 datasets.
  var scaling: [ScalePoint]
  var scalingSource: String
  var fewShot: [FewShotCurve]
  var fewShotSource: String
  /// Examples of each class that a probe of the paper's best model needs to equal zero-shot, by dataset.
  var efficiency: [String: Double]
  var efficiencySource: String

  /// As they come with the program.
  static func shipped() throws(EvalError) -> PublishedTables {
    let probes = try PublishedFigures.scores(ReferenceTable("table-10.csv"))
    let zeroShot = try PublishedFigures.scores(ReferenceTable("table-11.csv"))
    let prompting = try PublishedFigures.prompting(ReferenceTable("figure-4.csv"))
    let scaling = try PublishedFigures.scaling(ReferenceTable("figure-9.csv"))
    let fewShot = try PublishedFigures.fewShot(ReferenceTable("figure-6.csv"))
    let efficiency = try PublishedFigures.dataEfficiency(ReferenceTable("figure-7.csv"))
    return PublishedTables(
      probes: probes.models, probeSource: probes.source, zeroShot: zeroShot.models,
      zeroShotSource: zeroShot.source, prompting: prompting.curves,
      promptingSource: prompting.source, scaling: scaling.points, scalingSource: scaling.source,
      fewShot: fewShot.curves, fewShotSource: fewShot.source, efficiency: efficiency.shots,
      efficiencySource: efficiency.source)
  }

  /// The paper's CLIP models among the probes.
  var clipProbes: [PublishedScores] { probes.filter { $0.family.hasPrefix("CLIP-") } }
  /// Those of others. The language model that the paper's authors trained on CLIP's images is neither.
  var otherProbes: [PublishedScores] {
    probes.filter { !$0.family.hasPrefix("CLIP-") && $0.family != "LM" }
  }

  /// The model of Figures 6 and 7.
  private static let best = "ViT-L/14@336px"

  /// With the paper's Figure 6, where the datasets are those that it may be of.
  func added(to comparison: FewShotComparison) -> FewShotComparison {
    guard Set(comparison.datasets.compactMap(PaperDatasets.ownName)) == PaperDatasets.fewShot else {
      return comparison
    }
    var comparison = comparison
    comparison.published = fewShot
    comparison.publishedSource = "\(fewShotSource), over 20 datasets that the paper does not list"
    return comparison
  }

  /// With the paper's Figure 7, where it is of this model.
  /// - Parameter name: what the model's run calls it, where the chart has another name.
  func added(to chart: DataEfficiencyChart, of name: String? = nil) -> DataEfficiencyChart {
    guard (name ?? chart.model) == Self.best else { return chart }
    var chart = chart
    for place in chart.datasets.indices {
      chart.datasets[place].published = PaperDatasets.ownName(chart.datasets[place].name)
        .flatMap { efficiency[$0] }
    }
    chart.publishedSource = efficiencySource
    return chart
  }

  func probe(_ family: String, _ model: String) -> PublishedScores? {
    probes.first { $0.family == family && $0.model == model }
  }
}

/// Lists of datasets that the paper averages over.
enum PaperDatasets {
  /// The twelve of Kornblith et al. 2019: Figures 10 and 12, left.
  static let kornblith = [
    "Food101", "CIFAR10", "CIFAR100", "Birdsnap", "SUN397", "StanfordCars", "FGVCAircraft",
    "VOC2007", "DTD", "OxfordPets", "Caltech101", "Flowers102",
  ]
  static let imageNet = "ImageNet"
  /// The 36 of its zero-shot figures, as far as Figure 21 tells: `Suites/paper/figure-4.yaml`.
  static let zeroShot: Set = [
    "Food101", "CIFAR10", "CIFAR100", "Birdsnap", "SUN397", "StanfordCars", "FGVCAircraft",
    "VOC2007", "DTD", "OxfordPets", "Caltech101", "Flowers102", "MNIST", "FER2013", "EuroSAT",
    "RESISC45", "GTSRB", "Country211", "PCam", "UCF101", "Kinetics700", "CLEVRCounts",
    "HatefulMemes", "RenderedSST2", "ImageNet", "YTBB-Robust", "ImageNet-A", "ImageNet-R",
    "ImageNetV2", "SUN", "aYahoo", "ObjectNet", "SVHNFull", "ImageNet-Vid-Robust",
    "ImageNet-Sketch",
  ]
  /// The 20 of Figure 6, which the paper does not list, as `Suites/paper/figure-6.yaml` has them.
  static let fewShot: Set = [
    "Food101", "CIFAR10", "CIFAR100", "SUN397", "StanfordCars", "FGVCAircraft", "DTD",
    "OxfordPets", "Caltech101", "MNIST", "FER2013", "STL10", "GTSRB", "KITTI", "Country211",
    "PCam", "UCF101", "HatefulMemes", "RenderedSST2", "ImageNet",
  ]

  /// A dataset without the options that the paper has; nil with others, which make it another dataset.
  static func ownName(_ name: String) -> String? {
    let words = name.split(separator: " ").map(String.init)
    let known: Set = ["level=variant", "partition=1", "frames=middle"]
    return words.dropFirst().allSatisfy(known.contains) ? words.first : nil
  }
}
