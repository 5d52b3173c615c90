import Core
import Prompts
import TestSupport
import Testing

import Datasets

/// The whole class list of each dataset against the prompts that come with the program, without a disk.
@Suite struct PaperClassesTests {
  private static let paper = [
    "Food101", "CIFAR10", "CIFAR100", "Birdsnap", "SUN397", "StanfordCars", "FGVCAircraft",
    "VOC2007", "DTD", "OxfordPets", "Caltech101", "Flowers102", "MNIST", "FER2013", "STL10",
    "EuroSAT", "RESISC45", "GTSRB", "KITTI", "Country211", "PCam", "UCF101", "Kinetics700",
    "CLEVRCounts", "HatefulMemes", "RenderedSST2", "ImageNet",
  ]
  private static let others = [
    "ImageNetV2", "ImageNetV2-threshold0.7", "ImageNetV2-topimages", "ImageNet-A", "ImageNet-R",
    "ImageNet-Sketch", "CIFAR10.1", "SVHN", "ObjectNet", "ImageNet-Vid-Robust", "YTBB-Robust",
    "PACS-photo",
  ]

  private let library: PromptLibrary

  init() throws {
    library = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
  }

  private func classes(_ dataset: String) throws -> [DatasetClass] {
    let adapter = try DatasetRegistry.adapter(named: dataset)
    let classes = try #require(adapter.canonicalClasses, "\(dataset)")
    #expect(Set(classes.map(\.id)).count == classes.count, "\(dataset)")
    // Caltech-101's background is a class of some copies.
    let known = dataset == "Caltech101" ? 102 : adapter.info.classCount
    #expect(classes.count == known, "\(dataset)")
    return classes
  }

  /// No class is without names, and none of the set's is another dataset's.
  private func check(_ set: PromptSet, _ dataset: String, mayBeSubset: Bool = false) throws {
    let classes = try classes(dataset)
    let join = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) }, with: set, dataset: dataset)
    #expect(join.names.count == classes.count && join.names.allSatisfy { !$0.isEmpty })
    #expect(mayBeSubset || join.unusedIDs.isEmpty, "\(set.reference): \(join.unusedIDs)")
  }

  @Test(arguments: paper) func everyPaperDatasetJoins(_ dataset: String) throws {
    try check(library.find(dataset: dataset, set: "openai-2021"), dataset)
  }

  /// Every other set of the same datasets that names classes: LAION's, Figure 21's, ….
  @Test(arguments: paper + others) func otherSetsJoin(_ dataset: String) throws {
    for (_, set) in try library.list()
    where set.dataset == dataset && !set.classes.isEmpty && set.name != "openai-2021" {
      try check(set, dataset)
    }
  }

  @Test(
    arguments: zip(
      others.prefix(8), [1000, 1000, 1000, 200, 200, 1000, 10, 10]))
  func othersJoin(_ dataset: String, _ count: Int) throws {
    let set = try library.resolve(
      dataset == "SVHN" ? "laion" : "openai-2021", dataset: dataset)
    #expect(try classes(dataset).count == count)
    try check(set, dataset, mayBeSubset: count == 200)
  }

  /// Containers of every dataset with classes can be joined by name; only where the disk says what the classes are is there no list.
  @Test func onlyTheDisksOwnClassesAreUnknown() throws {
    let without = DatasetRegistry.all.filter {
      !$0.info.splits.isEmpty && $0.canonicalClasses == nil
    }.map(\.info.id)
    #expect(
      without.sorted() == [
        "COCOCaptions", "Flickr30k", "IIIT5K", "SVHNFull", "SugarCrepe", "Winoground",
      ])
    for id in ["FairFace-race", "FairFace-age", "UTKFace-gender", "UTKFace-race"] {
      #expect(try !classes(id).isEmpty)
    }
    // Another level of the aircraft has other classes.
    let families = try DatasetRegistry.adapter(named: "FGVCAircraft").configured([
      "level": "family"
    ])
    #expect(families.canonicalClasses == nil)
  }
}
