import Core
import Foundation
import Imaging
import TestSupport
import Testing

import Datasets

/// A dataset of records that needs no disk: splits with their samples' ids and classes.
private struct Imagined: DatasetAdapter {
  var info: DatasetInfo
  var classes: [DatasetClass]
  var content: [String: [(id: String, label: Int)]]
  var groupOf: (@Sendable (String) -> String)?

  init(
    _ id: String, splits: [String: [(id: String, classID: String)]],
    groupOf: (@Sendable (String) -> String)? = nil, expected: [String: Int] = [:],
    other: Int? = nil
  ) {
    let ids = Set(splits.values.joined().map(\.classID)).sorted()
    classes = ids.map { DatasetClass(id: $0, name: $0) }
    content = splits.mapValues { $0.map { ($0.id, ids.firstIndex(of: $0.classID) ?? -1) } }
    self.groupOf = groupOf
    info = EuroSAT().info
    (info.id, info.aliases, info.classCount) = (id, [], ids.count)
    info.splits = splits.keys.sorted().map { name in
      SplitInfo(
        name: name,
        variants: [SplitVariant("official", count: expected[name] ?? splits[name]?.count ?? 0)]
          + [other].compactMap(\.self).map { SplitVariant("other", count: $0) })
    }
    info.defaultSplit = splits.keys.sorted()[0]
  }

  func index(root: URL, split: String) throws -> DatasetIndex {
    let image = RasterImage(mode: .l, width: 1, height: 1, pixels: [0])
    let split = try info.split(named: split)
    let rows = content[split.name] ?? []
    let samples = rows.map { row in
      DatasetSample(id: row.id, label: row.label, source: .raster(image), byteCount: 1)
    }
    let variant = split.variants.first { $0.count == rows.count }
    var index = DatasetIndex(
      dataset: info.id, layout: "imagined", split: split.name, classes: classes, samples: samples,
      variant: variant?.name, expectedCount: variant?.count ?? split.expectedCount,
      ignoredFiles: [], fingerprint: SHA256.hash(split.name))
    if let groupOf {
      index.groups = SampleGroups(unit: "drives", keys: samples.map { groupOf($0.id) })
    }
    return index
  }
}

@Suite struct PresetSplitsTests {
  private static let library = TestPaths.project.appending(path: "Splits")
  private let nowhere = TestPaths.project

  private struct Choice: Decodable, Sendable, CustomTestStringConvertible {
    var dataset: String
    var split: String
    var count: Int
    var sha256: String
    var first: [String]
    var testDescription: String { "\(dataset) \(split)" }
  }
  /// By Tools/make-split-fixtures.py.
  private static let choices: [Choice] = {
    let url = fixtures.appending(path: "splits/choices.json")
    return (try? JSONDecoder().decode([Choice].self, from: Data(contentsOf: url))) ?? []
  }()

  private static let eurosat = [
    ("AnnualCrop", 3000), ("Forest", 3000), ("HerbaceousVegetation", 3000), ("Highway", 2500),
    ("Industrial", 2500), ("Pasture", 2000), ("PermanentCrop", 2500), ("Residential", 3000),
    ("River", 2500), ("SeaLake", 3000),
  ]
  private static let resisc45 = [
    "airplane", "airport", "baseball_diamond", "basketball_court", "beach", "bridge", "chaparral",
    "church", "circular_farmland", "cloud", "commercial_area", "dense_residential", "desert",
    "forest", "freeway", "golf_course", "ground_track_field", "harbor", "industrial_area",
    "intersection", "island", "lake", "meadow", "medium_residential", "mobile_home_park",
    "mountain", "overpass", "palace", "parking_lot", "railway", "railway_station",
    "rectangular_farmland", "river", "roundabout", "runway", "sea_ice", "ship", "snowberg",
    "sparse_residential", "stadium", "storage_tank", "tennis_court", "terrace",
    "thermal_power_station", "wetland",
  ]

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  fileprivate static func imagined(_ dataset: String) -> Imagined {
    switch dataset {
    case "EuroSAT":
      let samples = eurosat.flatMap { name, count in
        (1...count).map { ("2750/\(name)/\(name)_\($0).jpg", name) }
      }
      return Imagined(dataset, splits: ["all": samples])
    case "RESISC45":
      let samples = resisc45.flatMap { name in
        (1...700).map { ("NWPU-RESISC45/\(name)/\(name)_\(padded($0, 3)).jpg", name) }
      }
      return Imagined(dataset, splits: ["all": samples])
    default:
      // Classes are numbers of objects, which no id tells.
      func samples(_ split: String, _ count: Int) -> [(id: String, classID: String)] {
        (0..<count).map { ("images/\(split)/CLEVR_\(split)_\(padded($0, 6)).png", "\(3 + $0 % 8)") }
      }
      return Imagined(
        dataset, splits: ["train": samples("train", 70_000), "val": samples("val", 15_000)])
    }
  }

  private func preset(_ yaml: String) throws -> SplitPreset {
    try SplitPreset(yaml: yaml, file: "p.yaml")
  }

  private func small(_ parts: String, dataset: String = "Small") -> String {
    "dataset: \(dataset)\npreset: mine\nversion: 1\nsource: a test\nparts: \(parts)\n"
  }

  /// The ids of the chosen samples are those that Python chooses.
  @Test(arguments: choices) private func choicesAreThoseOfAnotherProgram(_ wanted: Choice) throws {
    let library = try SplitLibrary(root: Self.library)
    let adapter = try PresetSplits(
      Self.imagined(wanted.dataset),
      presets: library.presets(of: wanted.dataset).filter { $0.name == "openai" })
    let index = try adapter.index(root: nowhere, split: wanted.split)
    #expect(index.split == wanted.split && index.samples.count == wanted.count)
    #expect(index.variant == "openai" && index.expectedCount == wanted.count)
    let form = try #require(library.presets(of: wanted.dataset).first { $0.name == "openai" }).ids
    let ids = try index.canonicalIDs(form)
    #expect(CanonicalID.hash(ids).hex == wanted.sha256)
    #expect(Array(ids.sorted().prefix(5)) == wanted.first)
  }

  @Test func fixturesAreRead() { #expect(Self.choices.count == 6) }

  @Test func canonicalIDs() {
    func id(_ id: String, _ form: CanonicalID.Form = .classAndStem) -> String {
      CanonicalID.of(id, classID: "c", form: form)
    }
    #expect(id("2750/River/River_1.jpg") == "c/River_1")
    #expect(id("2750/River/River_1.jpg", .stem) == "River_1")
    #expect(
      id("data_batch_1.bin#17") == "c/data_batch_1#17"
        && id("data_batch_1#17") == "c/data_batch_1#17")
    #expect(id("a.b.png") == "c/a.b" && id(".hidden") == "c/.hidden" && id("x#y.jpg") == "c/x#y")
    #expect(CanonicalID.of("x.jpg", classID: nil, form: .classAndStem) == "x")
  }

  /// Everything that belongs to a sample goes with it, and the rest is what is left.
  @Test func partsOfASmallDataset() throws {
    let samples = (0..<40).map { (id: "x\($0).png", classID: $0 % 4 == 0 ? "a" : "b") }
    let adapter = try PresetSplits(
      Imagined("Small", splits: ["all": samples], groupOf: { String($0.dropLast(4).suffix(1)) }),
      presets: [
        preset(
          small(
            "{train: {choose: {from: all, perClass: 4, seed: 3}, count: 8}, test: {choose: {from: all, after: [train]}}}"
          ))
      ])
    let train = try adapter.index(root: nowhere, split: "mine/train")
    #expect(train.perClassCounts == [4, 4] && train.variant == "mine" && !train.isPartial)
    let whole = try adapter.index(root: nowhere, split: "all")
    let position = Dictionary(uniqueKeysWithValues: whole.samples.enumerated().map { ($1.id, $0) })
    let rows = train.samples.compactMap { position[$0.id] }
    #expect(rows == rows.sorted() && train.groups == whole.groups?.rows(rows))
    let test = try adapter.index(root: nowhere, split: "MINE")
    #expect(test.split == "mine/test" && test.samples.count == 32 && test.variant == "mine")
    #expect(Set(test.samples.map(\.id)).isDisjoint(with: train.samples.map(\.id)))
    #expect(test.fingerprint != train.fingerprint && test.fingerprint != whole.fingerprint)
    #expect(adapter.info.split("mine")?.name == "mine/test")
    #expect(adapter.info.defaultSplit == "all")
    #expect(try adapter.splits(root: nowhere) == ["all"])
  }

  @Test func splitsThatAPresetMakes() throws {
    let scene = try Scene(images: ["2750/River/River_1.jpg"])
    let adapter = try DatasetRegistry.adapter(named: "EuroSAT")
    let error = #expect(throws: EvalError.self) {
      try adapter.index(root: scene.root, split: "train")
    }
    #expect(error?.kind == .notFound)
    #expect(error?.remedy?.hasSuffix("The split openai/train is a choice from all.") == true)
    let val = #expect(throws: EvalError.self) { try adapter.index(root: scene.root, split: "val") }
    #expect(val?.remedy?.contains("openai") == false)
  }

  /// As of FER-2013's test images, of which copies have one half or both: the same number drawn from more is another choice.
  @Test func choicesFromAnotherVariant() throws {
    let samples = (0..<6).map { (id: "\($0).png", classID: "a") }
    let yaml = small("{test: {choose: {from: test, count: 2, seed: 0}, count: 2}}")
    func chosen(of count: Int) throws -> DatasetIndex {
      let dataset = Imagined(
        "Small", splits: ["test": Array(samples[..<count])], expected: ["test": 3], other: 6)
      return try PresetSplits(dataset, presets: [preset(yaml)]).index(
        root: nowhere, split: "mine/test")
    }
    let half = try chosen(of: 3)
    #expect(half.variant == "mine" && half.samples.count == 2 && half.notes.count == 1)
    let both = try chosen(of: 6)
    #expect(both.variant == nil && both.samples.count == 2 && both.isPartial)
    #expect(
      both.notes.last?.hasPrefix("chosen from 6 samples where the complete copy has 3") == true)
  }

  @Test func splitsAreJoined() throws {
    let splits = [
      "train": [(id: "1.png", classID: "a"), (id: "2.png", classID: "b")],
      "val": [(id: "3.png", classID: "a")], "test": [(id: "4.png", classID: "b")],
    ]
    let yaml = small("{train: {split: train+val, count: 3}, test: {split: test, count: 2}}")
    let adapter = try PresetSplits(
      Imagined("Small", splits: splits, groupOf: { _ in "one" }), presets: [preset(yaml)])
    let train = try adapter.index(root: nowhere, split: "mine/train")
    #expect(train.samples.map(\.id) == ["1.png", "2.png", "3.png"])
    #expect(train.variant == "mine" && train.expectedCount == 3)
    #expect(train.groups?.numbers == [0, 0, 1])
    let test = try adapter.index(root: nowhere, split: "mine")
    #expect(test.variant == nil && test.expectedCount == 2 && test.isPartial)
    #expect(test.notes == ["the split test has 1 sample (official); mine has 2"])

    let overlapping = Imagined(
      "Small", splits: splits.merging(["val": [(id: "1.png", classID: "a")]]) { $1 })
    let error = #expect(throws: EvalError.self) {
      try PresetSplits(overlapping, presets: [preset(yaml)]).index(
        root: nowhere, split: "mine/train")
    }
    #expect(error?.kind == .malformedData && error?.message.contains("1.png") == true)
  }

  /// A choice from a copy that lacks images is another choice, and says so.
  @Test func partialCopies() throws {
    let samples = (0..<9).map { (id: "x\($0).png", classID: "a") }
    let adapter = try PresetSplits(
      Imagined("Small", splits: ["all": samples], expected: ["all": 10]),
      presets: [
        preset(
          small(
            "{train: {choose: {from: all, count: 9, seed: 0}}, test: {choose: {from: all, count: 4, seed: 0, after: [train]}, count: 4}, val: {choose: {from: all, count: 4, seed: 0}, count: 4}}"
          ))
      ])
    let index = try adapter.index(root: nowhere, split: "mine/val")
    #expect(index.samples.count == 4 && index.isPartial)
    #expect(index.notes.contains { $0.contains("another choice") })
    let error = #expect(throws: EvalError.self) {
      try adapter.index(root: nowhere, split: "mine/test")
    }
    #expect(error?.kind == .notFound && error?.remedy?.contains("all") == true)
  }

  /// The counts are right and the ids are not: records of a table, say.
  @Test func otherIDsAreNotTheChoice() throws {
    let samples = Self.imagined("EuroSAT").content["all"] ?? []
    let classes = Self.imagined("EuroSAT").classes
    let records = samples.enumerated().map {
      (id: "train.parquet#\($0)", classID: classes[$1.label].id)
    }
    let library = try SplitLibrary(root: Self.library)
    let adapter = try PresetSplits(
      Imagined("EuroSAT", splits: ["all": records]),
      presets: library.presets(of: "EuroSAT").filter { $0.name == "openai" })
    let index = try adapter.index(root: nowhere, split: "openai")
    #expect(index.samples.count == 5000 && index.isPartial)
    #expect(index.notes.contains { $0.contains("expected 9b36f0c7679f") })
  }

  @Test func listsOnTheDisk() throws {
    let scene = try Scene(
      images: [
        "set/2750/River/River_1.jpg", "set/2750/Forest/Forest_1.jpg",
        "set/2750/Forest/Forest_2.jpg",
      ],
      texts: [
        "set/mine-test.txt": "test.zip@a/River/River_1.jpg 8\ntest.zip@a/Forest/Forest_2.jpg 1\n"
      ])
    let yaml = small(
      "{test: {list: {from: all, file: mine-test.txt, obtain: Ask around.}, count: 2}}",
      dataset: "EuroSAT")
    let adapter = try PresetSplits(EuroSAT(), presets: [preset(yaml)])
    let root = scene.root.appending(path: "set")
    let index = try adapter.index(root: root, split: "mine")
    #expect(index.samples.map(\.id) == ["Forest/Forest_2.jpg", "River/River_1.jpg"])
    #expect(index.samples.map(\.label) == [1, 8] && index.variant == "mine")

    for (text, line, message) in [
      ("River_9.jpg\n", 1, "has no image"), ("image\nRiver_1.jpg\nRiver_1.jpg\n", 3, "twice"),
      ("River_1.jpg\nnothing\n", 2, "expected the name"),
    ] {
      try scene.write(Data(text.utf8), to: "set/mine-test.txt")
      let error = #expect(throws: EvalError.self) {
        try adapter.index(root: root, split: "mine")
      }
      #expect(error?.subject?.hasSuffix("mine-test.txt:\(line)") == true)
      #expect(error?.message.contains(message) == true)
    }
    try FileManager.default.removeItem(at: root.appending(path: "mine-test.txt"))
    let absent = #expect(throws: EvalError.self) { try adapter.index(root: root, split: "mine") }
    #expect(absent?.kind == .notFound && absent?.remedy == "Ask around.")
  }

  @Test(
    arguments: [
      ("{train: {split: all}}", "\"test\" is missing"),
      ("{test: {split: all, choose: {from: all, seed: 1}}}", "expected one of"),
      ("{test: {choose: {from: all, count: 3}}}", "\"seed\" is missing"),
      ("{test: {choose: {from: all, count: 3, perClass: 2, seed: 1}}}", "not both"),
      ("{test: {choose: {from: all, after: [test]}}}", "cannot come after test"),
      ("{test: {choose: {from: all, after: [train]}}}", "cannot come after train"),
      (
        "{train: {choose: {from: all, after: [test]}}, test: {choose: {from: all, after: [train]}}}",
        "cannot come after"
      ),
      ("{test: {split: all, sha256: 12}}", "64 lower-case"),
      ("{test: {split: all, count: 0}}", "from 1"),
      ("{test: {split: all+all}}", "different ones"),
      ("{test: {list: {from: all, file: ../x, obtain: y}}}", "without folders"),
      ("{test: {split: all, cuont: 1}}", "unknown key"),
    ]) func badPresets(_ parts: String, _ message: String) throws
  {
    let error = #expect(throws: EvalError.self) { try preset(small(parts)) }
    #expect(error?.kind == .malformedData && error?.message.contains(message) == true)
    #expect(error?.subject?.hasPrefix("p.yaml:") == true)
  }

  @Test func presetsMustFitTheDataset() throws {
    let base = Imagined("Small", splits: ["all": [(id: "1", classID: "a")]])
    let error = #expect(throws: EvalError.self) {
      try PresetSplits(base, presets: [preset(small("{test: {split: al}}"))])
    }
    #expect(error?.remedy == "Did you mean all?")
    let named = try preset(
      small("{test: {split: all}}").replacing("preset: mine", with: "preset: all"))
    #expect(throws: EvalError.self) { try PresetSplits(base, presets: [named]) }
  }

  /// Every file that comes with the program, against the adapters it is for.
  @Test func shippedPresets() throws {
    let library = try SplitLibrary(root: Self.library)
    var defaults: [String: String] = [:]
    for dataset in library.datasets {
      let presets = try library.presets(of: dataset)
      #expect(!presets.isEmpty)
      let base = try #require(
        DatasetRegistry.all.first { $0.info.id == dataset }, "\(dataset) is no dataset")
      let adapter = try PresetSplits(base, presets: presets)
      if adapter.info.defaultSplit != base.info.defaultSplit {
        defaults[dataset] = adapter.info.defaultSplit
      }
      // What the paper prints, unless the preset says why not.
      guard let paper = base.info.paper, let openai = presets.first(where: { $0.name == "openai" })
      else { continue }
      let sizes = (openai.part(.train)?.count, openai.part(.test)?.count)
      #expect(sizes == (paper.train, paper.test) || openai.note != nil, "\(dataset)")
    }
    let chosen = ["CLEVRCounts", "Caltech101", "EuroSAT", "RESISC45"]
    #expect(defaults == Dictionary(uniqueKeysWithValues: chosen.map { ($0, "openai/test") }))
    // Every dataset of the paper's Table 9 has the paper's split.
    for adapter in DatasetRegistry.all where adapter.info.paper != nil {
      let presets = try library.presets(of: adapter.info.id)
      #expect(presets.contains { $0.name == "openai" }, "\(adapter.info.id)")
    }
  }

  @Test func registryHasThem() throws {
    let adapter = try DatasetRegistry.adapter(named: "eurosat_rgb")
    #expect(adapter.info.defaultSplit == "openai/test")
    #expect(try adapter.info.split(named: "VTAB").name == "vtab/test")
    let error = #expect(throws: EvalError.self) { try adapter.info.split(named: "opanai") }
    #expect(error?.remedy == "Did you mean openai?" || error?.remedy?.contains("openai") == true)
  }
}

extension DatasetInfo {
  fileprivate func split(_ name: String) -> SplitInfo? { try? split(named: name) }
}
