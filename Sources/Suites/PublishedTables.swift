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

  /// As they come with the program.
  static func shipped() throws(EvalError) -> PublishedTables {
    let probes = try PublishedFigures.scores(ReferenceTable("table-10.csv"))
    let zeroShot = try PublishedFigures.scores(ReferenceTable("table-11.csv"))
    let prompting = try PublishedFigures.prompting(ReferenceTable("figure-4.csv"))
    let scaling = try PublishedFigures.scaling(ReferenceTable("figure-9.csv"))
    return PublishedTables(
      probes: probes.models, probeSource: probes.source, zeroShot: zeroShot.models,
      zeroShotSource: zeroShot.source, prompting: prompting.curves,
      promptingSource: prompting.source, scaling: scaling.points, scalingSource: scaling.source)
  }

  /// The paper's CLIP models among the probes.
  var clipProbes: [PublishedScores] { probes.filter { $0.family.hasPrefix("CLIP-") } }
  /// Those of others. The language model that the paper's authors trained on CLIP's images is neither.
  var otherProbes: [PublishedScores] {
    probes.filter { !$0.family.hasPrefix("CLIP-") && $0.family != "LM" }
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
}
