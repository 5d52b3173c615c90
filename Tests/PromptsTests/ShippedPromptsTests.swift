import Core
import Foundation
import TestSupport
import Testing

import Prompts

/// The files under Prompts/.
@Suite struct ShippedPromptsTests {
  private let library: PromptLibrary

  init() throws {
    library = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
  }

  @Test func everyFileReads() throws {
    let all = try library.list().map {
      "\($0.set.reference) \($0.set.classes.count)/\($0.set.templates.count)"
    }
    #expect(
      all == [
        "CIFAR10/openai-2021 10/18", "CIFAR100/openai-2021 100/18",
        "Caltech101/openai-2021 102/34", "DemoAnimals/demo 6/3", "DemoCounts/demo 8/4",
        "DemoDigits/demo 10/3", "DemoNet/demo 200/12", "DemoNet/words 200/0",
        "DemoPairs/demo 30/12",
        "DemoScenes/demo 12/12", "DemoTextures/demo 12/4", "DemoWords/demo 2/1",
        "EuroSAT/openai-2021 10/3", "FER2013/openai-2021 7/6",
        "GTSRB/openai-2021 43/3", "ImageNet/openai-2021 1000/80", "ImageNet/subset7 0/7",
        "ImageNet-Vid-Robust/own-names 30/1",
        "MNIST/openai-2021 10/1", "ObjectNet/own-names 113/1", "OxfordPets/openai-2021 37/1",
        "PACS/folder-names 7/0",
        "VOC2007/openai-2021 20/1", "YTBB-Robust/own-names 23/1", "generic/bare 0/1",
        "generic/photo-of 0/1",
        "generic/single 0/1",
      ])
  }

  /// Hashes stand in result rows; they change with the prompts' version only. By Python: sha256 of
  /// json.dumps({id: names}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).
  @Test(
    arguments: [
      ("CIFAR10/openai-2021", "74a0788aaa991afa", "eaa4ecd7ea1825ac"),
      ("CIFAR100/openai-2021", "e218055f6165aeb5", "eaa4ecd7ea1825ac"),
      ("Caltech101/openai-2021", "f43c87b9494a68f5", "ee27b71d1f848cb2"),
      ("EuroSAT/openai-2021", "f340e07f53264650", "bdb0d0ac4034d5e3"),
      ("FER2013/openai-2021", "3a2d716f559eec7d", "6fe753c21444b2c0"),
      ("GTSRB/openai-2021", "20b0c22cad321db6", "3cfbb4164e1e0cb0"),
      ("ImageNet/openai-2021", "fb189e94e7f22762", "340b0f8be156586e"),
      ("ImageNet/subset7", nil, "df089e453f7dbf62"),
      ("MNIST/openai-2021", "80fed2730e0b50c5", "9caf1cc414dcf777"),
      ("OxfordPets/openai-2021", "941840a7b20bb7cc", "1d46030a0d577a80"),
      ("PACS/folder-names", "af4a00ea104ac7c7", nil),
      ("VOC2007/openai-2021", "027f1bfde5cc9be7", "3849a0dee9e53fa0"),
      ("generic/bare", nil, "06d303a9b27b9a13"),
      ("generic/photo-of", nil, "fd59782a371dfc6f"),
      ("generic/single", nil, "3849a0dee9e53fa0"),
    ] as [(String, String?, String?)])
  func hashesAreStable(reference: String, classes: String?, templates: String?) throws {
    let set = try library.resolve(reference, dataset: "generic")
    #expect(set.version == 1)
    #expect(set.classNamesHash.map { String($0.hex.prefix(16)) } == classes)
    #expect(set.templatesHash.map { String($0.hex.prefix(16)) } == templates)
  }

  @Test func ImageNetHasTwoPairsOfEqualNames() throws {
    let set = try library.find(dataset: "ImageNet", set: "openai-2021")
    #expect(set.duplicateNames.map(\.name) == ["missile", "sunglasses"])
    #expect(
      set.duplicateNames.map(\.ids) == [["n03773504", "n04008634"], ["n04355933", "n04356056"]])
    for entry in try library.list() where !["ImageNet", "DemoNet"].contains(entry.set.dataset) {
      #expect(entry.set.duplicateNames.isEmpty)
    }
  }

  @Test func namesStandBesideTheRightIDs() throws {
    func names(_ dataset: String, _ id: String) throws -> [String]? {
      try library.find(dataset: dataset, set: "openai-2021").classes.first { $0.id == id }?.names
    }
    #expect(try names("ImageNet", "n01440764") == ["tench"])
    #expect(try names("ImageNet", "n15075141") == ["toilet paper"])
    #expect(try names("Caltech101", "BACKGROUND_Google") == ["background"])
    #expect(try names("Caltech101", "Faces") == ["off-center face"])
    #expect(try names("Caltech101", "Faces_easy") == ["centered face"])
    #expect(try names("Caltech101", "crocodile_head") == ["head of a  crocodile"])
    #expect(try names("Caltech101", "cougar_face") == ["face of a cougar cat"])
    #expect(try names("EuroSAT", "HerbaceousVegetation") == ["brushland or shrubland"])
    #expect(try names("FER2013", "surprise") == ["surprised", "shocked", "spooked"])
    #expect(try names("OxfordPets", "american_pit_bull_terrier") == ["american pit bull terrier"])
    #expect(try names("CIFAR100", "aquarium_fish") == ["aquarium fish"])
    #expect(try names("GTSRB", "00014") == ["stop"])
    let emotions = try library.find(dataset: "FER2013", set: "openai-2021").classes
    #expect(emotions.flatMap(\.names).count == 12)
  }

  /// The prompts that clip-mini's reference text features were made with.
  @Test(arguments: ["caltech101", "cifar10", "gtsrb", "mnist", "pacs"])
  func referenceTextsComeOutIdentical(file: String) throws {
    struct Reference: Decodable {
      var classes: [String]
      var templates: [String]
    }
    guard let url = TestPaths.shared("models/clip-mini/reference/text_\(file).json") else { return }
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    let (names, templates) =
      switch file {
      case "pacs": ("PACS/folder-names", "ImageNet/openai-2021")
      case "caltech101": ("Caltech101/openai-2021", "Caltech101/openai-2021")
      default: ("\(file.uppercased())/openai-2021", "\(file.uppercased())/openai-2021")
      }
    let classes = try library.resolve(names, dataset: "generic").classes
    #expect(classes.flatMap(\.names).sorted() == reference.classes.sorted())
    #expect(try library.resolve(templates, dataset: "generic").templates == reference.templates)
  }

  @Test func referenceTemplatesOfImageNetAreTheSubset() throws {
    struct Reference: Decodable { var templates: [String] }
    guard let url = TestPaths.shared("models/clip-mini/reference/text_imagenet.json") else {
      return
    }
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    #expect(try library.find(dataset: "ImageNet", set: "subset7").templates == reference.templates)
  }

  @Test func foldersOfCaltech101JoinByID() throws {
    guard let url = TestPaths.shared("data/caltech101/101_ObjectCategories") else { return }
    let folders = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    let set = try library.find(dataset: "Caltech101", set: "openai-2021")
    let join = try ClassJoin.join(classes: folders.map { ($0, $0) }, with: set)
    #expect(join.names.count == 102)
    #expect(join.unusedIDs.isEmpty)
  }
}
