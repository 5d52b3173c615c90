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

  /// What Tools/make-prompt-fixtures.py computed of the files with PyYAML and hashlib. Hashes stand in result rows: they
  /// change with the prompts' version only.
  private struct Expected: Decodable {
    var set: String
    var version: Int
    var classes: Int
    var names: Int
    var templates: Int
    var classNamesHash: String?
    var templatesHash: String?
  }

  @Test func everyFileReadsAndHasTheHashesItHad() throws {
    let url = TestPaths.fixtures.appending(path: "Prompts/shipped.json")
    let expected = try JSONDecoder().decode([Expected].self, from: Data(contentsOf: url))
    let shipped = try library.list().filter { !$0.set.dataset.hasPrefix("Demo") }.map(\.set)
    #expect(shipped.map(\.reference).sorted() == expected.map(\.set).sorted())
    for entry in expected {
      let set = try library.resolve(entry.set, dataset: "generic")
      #expect(set.version == entry.version, "\(entry.set)")
      #expect(set.classes.count == entry.classes, "\(entry.set)")
      #expect(set.classes.flatMap(\.names).count == entry.names, "\(entry.set)")
      #expect(set.templates.count == entry.templates, "\(entry.set)")
      #expect(set.classNamesHash?.hex == entry.classNamesHash, "\(entry.set)")
      #expect(set.templatesHash?.hex == entry.templatesHash, "\(entry.set)")
    }
    #expect(
      try library.list().filter { $0.set.dataset.hasPrefix("Demo") }.map {
        "\($0.set.reference) \($0.set.classes.count)/\($0.set.templates.count)"
      } == [
        "DemoAnimals/demo 6/3", "DemoCounts/demo 8/4", "DemoDigits/demo 10/3",
        "DemoNet/demo 200/12",
        "DemoNet/words 200/0", "DemoPairs/demo 30/12", "DemoScenes/demo 12/12",
        "DemoTextures/demo 12/4", "DemoWords/demo 2/1",
      ])
  }

  /// Of prompts.md and the notebook: classes, names where there are several, templates.
  @Test func everyDatasetOfThePaperHasItsPrompts() throws {
    let counts = [
      "Birdsnap": "500/1", "CIFAR10": "10/18", "CIFAR100": "100/18", "CLEVRCounts": "8/1",
      "Caltech101": "102/34", "Country211": "211/5", "DTD": "47/8", "EuroSAT": "10/3",
      "FER2013": "7 (12)/6", "FGVCAircraft": "100/2", "Flowers102": "102/1", "Food101": "101/1",
      "GTSRB": "43/3", "HatefulMemes": "2/1", "KITTI": "4/1", "Kinetics700": "700/28",
      "MNIST": "10/1", "OxfordPets": "37/1", "VOC2007": "20/1", "PCam": "2/1", "RESISC45": "45/18",
      "RenderedSST2": "2/1", "STL10": "10/2", "SUN397": "397/2", "StanfordCars": "196/8",
      "UCF101": "101/48", "ImageNet": "1000/80",
    ]
    #expect(counts.count == 27)
    for (dataset, count) in counts {
      let set = try library.find(dataset: dataset, set: "openai-2021")
      let names = set.classes.flatMap(\.names).count
      let several = names == set.classes.count ? "" : " (\(names))"
      #expect("\(set.classes.count)\(several)/\(set.templates.count)" == count, "\(dataset)")
    }
  }

  /// The transcription of openai/CLIP's files, in which datasets have other names and classes no ids.
  private struct Transcription: Decodable {
    struct Entry: Decodable {
      var classes: [Names]
      var templates: [String]
      var subset: [String]?

      private enum CodingKeys: String, CodingKey {
        case classes, templates
        case subset = "templates_subset7"
      }
    }
    struct Names: Decodable {
      var names: [String]
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        names = try (try? [container.decode(String.self)]) ?? container.decode([String].self)
      }
    }
    var datasets: [String: Entry]
  }

  @Test func namesAndTemplatesAreThoseOfTheSource() throws {
    guard let url = TestPaths.shared("reference/prompts.json") else { return }
    let source = try JSONDecoder().decode(Transcription.self, from: Data(contentsOf: url)).datasets
    let titles = [
      "DescribableTextures": "DTD", "FacialEmotionRecognition2013": "FER2013",
      "PascalVOC2007": "VOC2007", "PatchCamelyon": "PCam", "SST2": "RenderedSST2",
    ]
    #expect(source.count == 27)
    for (title, entry) in source {
      let set = try library.find(dataset: titles[title] ?? title, set: "openai-2021")
      #expect(set.templates == entry.templates, "\(title)")
      let shipped = set.classes.map(\.names).sorted { $0.lexicographicallyPrecedes($1) }
      #expect(
        shipped == entry.classes.map(\.names).sorted { $0.lexicographicallyPrecedes($1) },
        "\(title)")
    }
    let subset = try library.find(dataset: "ImageNet", set: "subset7").templates
    #expect(subset == source["ImageNet"]?.subset)
  }

  /// Keys of CLIP_benchmark's tables whose classes have ids here.
  @Test func namesAndTemplatesOfLAIONAreThoseOfTheSource() throws {
    struct Source: Decodable {
      var classes: [String: [String]]
      var templates: [String: [String]]
    }
    guard let url = TestPaths.shared("reference/laion_prompts.json") else { return }
    let source = try JSONDecoder().decode(Source.self, from: Data(contentsOf: url))
    let titles = [
      "CLEVRCounts": "clevr_count_all", "FGVCAircraft": "fgvc_aircraft", "Flowers102": "flowers",
      "ImageNet": "imagenet1k", "KITTI": "kitti_closest_vehicle_distance", "OxfordPets": "pets",
      "StanfordCars": "cars",
    ]
    let sets = try library.list().map(\.set).filter { $0.name == "laion" }
    #expect(sets.count == 24)
    for set in sets {
      let title = titles[set.dataset] ?? set.dataset.lowercased()
      let templates = try #require(source.templates[title], "\(title)")
      #expect(set.templates == templates.map { $0.replacing("{c}", with: "{}") })
      #expect(
        set.classes.flatMap(\.names).sorted() == (source.classes[title] ?? []).sorted(), "\(title)")
    }
  }

  @Test func ImageNetHasTwoPairsOfEqualNames() throws {
    let set = try library.find(dataset: "ImageNet", set: "openai-2021")
    #expect(set.duplicateNames.map(\.name) == ["missile", "sunglasses"])
    #expect(
      set.duplicateNames.map(\.ids) == [["n03773504", "n04008634"], ["n04355933", "n04356056"]])
    for entry in try library.list() where !["ImageNet", "DemoNet"].contains(entry.set.dataset) {
      #expect(entry.set.duplicateNames.isEmpty, "\(entry.set.reference)")
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
    #expect(try names("Flowers102", "1") == ["pink primrose"])
    #expect(try names("Flowers102", "102") == ["blackberry lily"])
    #expect(try names("SUN397", "/a/apartment_building/outdoor") == ["apartment building outdoor"])
    #expect(try names("SUN397", "/j/jail_cell") == ["jail cell"])
    #expect(try names("SUN397", "/t/theater/indoor_procenium") == ["theater indoor procenium"])
    #expect(try names("Country211", "CD") == ["DR Congo"])
    #expect(try names("Country211", "XK") == ["Kosovo"])
    #expect(try names("Country211", "NO") == ["Norway"])
    #expect(try names("FGVCAircraft", "F/A-18") == ["F/A-18"])
    #expect(try names("UCF101", "HandstandPushups") == ["Hand Stand Pushups"])
    #expect(try names("UCF101", "YoYo") == ["Yo Yo"])
    #expect(
      try names("PCam", "1") == ["lymph node containing metastatic tumor tissue"])
    #expect(try names("HatefulMemes", "1") == ["hatespeech meme"])
    #expect(try names("CLEVRCounts", "10") == ["10"])
    let emotions = try library.find(dataset: "FER2013", set: "openai-2021").classes
    #expect(emotions.flatMap(\.names).count == 12)
  }

  /// VTAB's labels are in this order, prompts.md speaks of places.
  @Test func distancesOfKITTIAreVTABs() throws {
    let classes = try library.find(dataset: "KITTI", set: "openai-2021").classes
    #expect(classes.map(\.id) == ["below_8", "below_20", "above_20", "no_vehicle"])
    #expect(classes.map(\.aliases) == [["0"], ["1"], ["2"], ["3"]])
    #expect(
      classes.flatMap(\.names) == [
        "a photo i took of a car on my left or right side.", "a photo i took with a car nearby.",
        "a photo i took with a car in the distance.", "a photo i took with no car.",
      ])
  }

  @Test func figure21HasManufacturersAndYearsFirst() throws {
    func names(_ dataset: String, _ id: String) throws -> [String]? {
      try library.find(dataset: dataset, set: "figure-21").classes.first { $0.id == id }?.names
    }
    // Printed in the figure, in lower case.
    #expect(try names("FGVCAircraft", "Boeing 717") == ["Boeing 717"])
    #expect(try names("FGVCAircraft", "MD-90") == ["McDonnell Douglas MD-90"])
    #expect(try names("FGVCAircraft", "Fokker 100") == ["Fokker 100"])
    #expect(try names("StanfordCars", "Honda Accord Coupe 2012") == ["2012 Honda Accord Coupe"])
    #expect(try names("PCam", "0") == ["healthy lymph node tissue"])
    #expect(try names("PCam", "1") == ["lymph node tumor tissue"])
    // Where the manufacturer is not that of the variant before or after it.
    #expect(try names("FGVCAircraft", "DC-10") == ["McDonnell Douglas DC-10"])
    #expect(try names("FGVCAircraft", "DC-8") == ["Douglas Aircraft Company DC-8"])
    #expect(try names("FGVCAircraft", "L-1011") == ["Lockheed Corporation L-1011"])
    #expect(try names("FGVCAircraft", "ATR-42") == ["ATR-42"])
    for dataset in ["FGVCAircraft", "StanfordCars", "PCam"] {
      let ids = try library.find(dataset: dataset, set: "openai-2021").classes.map(\.id)
      #expect(try library.find(dataset: dataset, set: "figure-21").classes.map(\.id) == ids)
    }
  }

  /// Labels as other copies of the datasets have them.
  @Test(
    arguments: [
      ("SUN397", "apartment_building/outdoor", "/a/apartment_building/outdoor"),
      ("SUN397", "apartment_building_outdoor", "/a/apartment_building/outdoor"),
      ("SUN397", "outdoor apartment_building", "/a/apartment_building/outdoor"),
      ("SUN397", "abbey", "/a/abbey"),
      ("StanfordCars", "2012 Ram C/V Cargo Van Minivan", "Ram C/V Cargo Van Minivan 2012"),
      ("StanfordCars", "Ram C-V Cargo Van Minivan 2012", "Ram C/V Cargo Van Minivan 2012"),
      ("Birdsnap", "Allen's Hummingbird", "Allens_Hummingbird"),
      ("Birdsnap", "Black-and-white Warbler", "Black_and_white_Warbler"),
      ("FGVCAircraft", "F_A-18", "F/A-18"),
      ("UCF101", "HandStandPushups", "HandstandPushups"),
      ("UCF101", "Handstand_Pushups", "HandstandPushups"),
      ("UCF101", "Apply_Eye_Makeup", "ApplyEyeMakeup"),
      ("GTSRB", "14", "00014"),
      ("Flowers102", "globe-flower", "16"), ("Flowers102", "ball moss", "93"),
      ("Flowers102", "pink-yellow dahlia?", "60"), ("Flowers102", "colts foot", "12"),
      ("Country211", "South Korea", "KR"), ("Food101", "creme brulee", "creme_brulee"),
      ("Kinetics700", "massaging_persons_head", "massaging person's head"),
      ("KITTI", "3", "no_vehicle"), ("RenderedSST2", "1", "positive"),
      ("RESISC45", "ground_track_field", "ground_track_field"),
    ])
  func otherSpellingsJoin(dataset: String, label: String, id: String) throws {
    let set = try library.find(dataset: dataset, set: "openai-2021")
    let join = try ClassJoin.join(classes: [(label, label)], with: set)
    #expect(join.positions.map { set.classes[$0].id } == [id])
  }

  /// CLIP_benchmark's copies number classes from 0 in an order of their own, which are other classes' aliases and ids here.
  @Test func numbersOfACopyDoNotBeatItsNames() throws {
    let emotions = ["angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"]
    let set = try library.find(dataset: "FER2013", set: "openai-2021")
    let join = try ClassJoin.join(
      classes: emotions.enumerated().map { ("\($0)", $1) }, with: set)
    #expect(
      join.positions.map { set.classes[$0].id }
        == ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])
    // Kaggle's numbers, without names.
    let numbers = try ClassJoin.join(classes: (0..<7).map { ("\($0)", "\($0)") }, with: set)
    #expect(
      numbers.names.map(\.first) == [
        "angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral",
      ])

    let flowers = try library.find(dataset: "Flowers102", set: "laion")
    let shifted = try ClassJoin.join(
      classes: flowers.classes.enumerated().map { ("\($0)", $1.names[0]) }, with: flowers)
    #expect(shifted.positions == Array(0..<102))
    let counts = try library.find(dataset: "CLEVRCounts", set: "laion")
    let words = ["three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    #expect(
      try ClassJoin.join(classes: words.enumerated().map { ("\($0)", $1) }, with: counts).names
        == words.map { [$0] })
    // A dataset's own number stands where its name says nothing.
    let tumors = try library.find(dataset: "PCam", set: "openai-2021")
    #expect(
      try ClassJoin.join(classes: [("1", "tumor tissue"), ("0", "no tumor")], with: tumors)
        .positions == [1, 0])
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
