/// Samples of a dataset as the paper's Table 9 prints them, misprints included (Country211's 43,200 are 211 × 200 = 42,200).
package struct PaperSizes: Sendable, Codable, Equatable {
  package var train: Int
  package var test: Int

  /// By dataset id.
  package static let table9: [String: PaperSizes] = [
    "Food101": PaperSizes(train: 75_750, test: 25_250),
    "CIFAR10": PaperSizes(train: 50_000, test: 10_000),
    "CIFAR100": PaperSizes(train: 50_000, test: 10_000),
    "Birdsnap": PaperSizes(train: 42_283, test: 2149),
    "SUN397": PaperSizes(train: 19_850, test: 19_850),
    "StanfordCars": PaperSizes(train: 8144, test: 8041),
    "FGVCAircraft": PaperSizes(train: 6667, test: 3333),
    "VOC2007": PaperSizes(train: 5011, test: 4952),
    "DTD": PaperSizes(train: 3760, test: 1880),
    "OxfordPets": PaperSizes(train: 3680, test: 3669),
    "Caltech101": PaperSizes(train: 3060, test: 6085),
    "Flowers102": PaperSizes(train: 2040, test: 6149),
    "MNIST": PaperSizes(train: 60_000, test: 10_000),
    "FER2013": PaperSizes(train: 32_140, test: 3574),
    "STL10": PaperSizes(train: 1000, test: 8000),
    "EuroSAT": PaperSizes(train: 10_000, test: 5000),
    "RESISC45": PaperSizes(train: 3150, test: 25_200),
    "GTSRB": PaperSizes(train: 26_640, test: 12_630),
    "KITTI": PaperSizes(train: 6770, test: 711),
    "Country211": PaperSizes(train: 43_200, test: 21_100),
    "PCam": PaperSizes(train: 294_912, test: 32_768),
    "UCF101": PaperSizes(train: 9537, test: 1794),
    "Kinetics700": PaperSizes(train: 494_801, test: 31_669),
    "CLEVRCounts": PaperSizes(train: 2000, test: 500),
    "HatefulMemes": PaperSizes(train: 8500, test: 500),
    "RenderedSST2": PaperSizes(train: 7792, test: 1821),
    "ImageNet": PaperSizes(train: 1_281_167, test: 50_000),
  ]
}
