import Core
import Datasets
import Foundation
import TestSupport
import Testing

/// Image files whose labels lie in files of a form of their own; fixtures by Python (Tools/make-record-dataset-fixtures.py).
@Suite struct ListedRecordDatasetTests {
  private func adapter(_ name: String) throws -> any DatasetAdapter {
    try DatasetRegistry.adapter(named: name)
  }

  // MARK: Hateful Memes

  @Test func hatefulMemes() throws {
    let root = fixtures.appending(path: "hateful-memes")
    try ExpectedSamples("hateful-memes").check(HatefulMemes(), root: root, sorted: true)
    let dev = try HatefulMemes().index(root: root, split: "dev")
    #expect(dev.split == "dev" && dev.samples.map(\.label) == [0, 1])
    #expect(dev.notes == ["read from dev_seen.jsonl"] && dev.expectedCount == 500)
    let hidden = indexError(HatefulMemes(), root, "test_seen")
    #expect(hidden?.kind == .notFound && hidden?.subject?.hasSuffix("test_seen.jsonl:1") == true)
    #expect(hidden?.message.contains("published without labels") == true)
    #expect(HatefulMemes().info.metric == "ROC-AUC" && HatefulMemes().info.chance == 0.5)
  }

  @Test func hatefulMemesFaults() throws {
    let scene = try Scene(copyOf: "hateful-memes")
    try scene.remove("img/04936.png")  // the first of dev_seen
    let report = try DatasetDoctor.examine(HatefulMemes(), root: scene.root, split: "dev_seen")
    #expect(report.splits.first?.missing == ["img/04936.png"] && report.exitCode == 66)
    try scene.edit("train.jsonl", "\"label\": 1", "\"label\": 2")
    let label = indexError(HatefulMemes(), scene.root, "train")
    #expect(label?.message == "expected a label 0 or 1, found 2")
    #expect(label?.subject?.hasSuffix("train.jsonl:1") == true)
    try scene.edit("train.jsonl", "{\"id\"", "\"id\"")
    #expect(indexError(HatefulMemes(), scene.root, "train")?.kind == .malformedData)
    // MMF's folders.
    let mmf = try Scene(copyOf: "hateful-memes")
    try mmf.move("dev_seen.jsonl", to: "hateful_memes/defaults/annotations/dev_seen.jsonl")
    try mmf.move("img", to: "hateful_memes/defaults/images/img")
    let index = try HatefulMemes().index(root: mmf.root, split: "dev")
    #expect(index.samples.allSatisfy { $0.byteCount != nil } && index.samples.count == 2)
  }

  // MARK: KITTI

  /// The generator draws with NumPy, and takes the distances from VTAB's rule.
  @Test func kitti() throws {
    let root = fixtures.appending(path: "kitti")
    try ExpectedSamples("kitti").check(KITTI(), root: root)
    let test = try KITTI().index(root: root, split: "test")
    #expect(test.adjustment == ImageAdjustment(squashes: true))
    let groups = try #require(test.groups)
    #expect(groups.unit == "drives" && Set(groups.numbers).count == 1)
    #expect(Set(try #require(KITTI().index(root: root, split: "all").groups).numbers).count == 12)
    let variants = KITTI().info.splits.map(\.expectedCount)
    #expect(variants == [6347, 423, 6770, 711, 7481])
  }

  @Test func drawsAsNumPyDoes() throws {
    struct Draw: Decodable {
      var count: Int
      var permutations: [[Int]]
      init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        count = try values.decode(Int.self)
        permutations = [try values.decode([Int].self), try values.decode([Int].self)]
      }
    }
    let url = fixtures.appending(path: "kitti/numpy-permutations.json")
    let draws = try JSONDecoder().decode([Draw].self, from: Data(contentsOf: url))
    #expect(draws.map(\.count) == [1, 2, 12, 138, 1000])
    for draw in draws {
      var random = LegacyRandom(seed: 123)
      for expected in draw.permutations {
        #expect(Array(random.permutation(draw.count).prefix(20)) == expected)
      }
    }
  }

  @Test func kittiFaults() throws {
    let scene = try Scene(copyOf: "kitti")
    try scene.move("devkit/mapping", to: "mapping")
    let moved = try KITTI().index(root: scene.root, split: "test")
    try scene.move("mapping/train_rand.txt", to: "elsewhere.txt")
    let mapping = indexError(KITTI(), scene.root, "test")
    #expect(mapping?.kind == .notFound)
    #expect(mapping?.remedy?.contains("avg-kitti/devkit_object.zip") == true)
    let all = try KITTI().index(root: scene.root, split: "all")
    #expect(all.samples.count == 40 && all.groups == nil && all.adjustment.squashes)

    try scene.move("elsewhere.txt", to: "mapping/train_rand.txt")
    let sample = try #require(moved.samples.first)
    try scene.remove(sample.id)
    let report = try DatasetDoctor.examine(KITTI(), root: scene.root, split: "test")
    #expect(report.splits.first?.missing == [sample.id] && report.exitCode == 66)
    let label = "training/label_2/" + sample.id.suffix(10).dropLast(4) + ".txt"
    try scene.write(Data("Car 0.0 0 1 0 0 9 9 2 1 4 1 1.7 near 0.1\n".utf8), to: label)
    let malformed = indexError(KITTI(), scene.root, "test")
    #expect(
      malformed?.kind == .malformedData && malformed?.subject?.hasSuffix(label + ":1") == true)
    try scene.remove(label)
    #expect(indexError(KITTI(), scene.root, "test")?.kind == .notFound)
    try scene.write(Data("1,2,999".utf8), to: "mapping/train_rand.txt")
    let rand = indexError(KITTI(), scene.root, "train")
    #expect(rand?.subject?.hasSuffix("train_rand.txt, entry 3") == true)
  }

  // MARK: CLEVR

  @Test func clevr() throws {
    let root = fixtures.appending(path: "clevr")
    try ExpectedSamples("clevr").check(CLEVRCounts(), root: root)
    try ExpectedSamples("clevr", file: "torchvision.json")
      .check(CLEVRCounts(), root: root.appending(path: "CLEVR_v1.0"), byIndex: true)
    let test = indexError(CLEVRCounts(), root, "test")
    #expect(test?.kind == .notFound && test?.message.contains("not published") == true)
    let val = try CLEVRCounts().index(root: root, split: "val")
    #expect(val.classes.map(\.id) == (3...10).map(String.init) && val.expectedCount == 15_000)
  }

  @Test func clevrFaults() throws {
    let scene = try Scene(copyOf: "clevr")
    let scenes = "CLEVR_v1.0/scenes/CLEVR_val_scenes.json"
    let whole = try scene.bytes(scenes)
    for end in [0, 1, whole.count / 3, whole.count / 2, whole.count - 1] {
      try scene.write(whole.prefix(end), to: scenes)
      let cut = indexError(CLEVRCounts(), scene.root, "val")
      #expect(cut?.kind == .malformedData && cut?.subject?.contains("byte") == true)
    }
    for text in [
      #"{"scenes": [{"image_filename": "a.png", "objects": [1, 2]}]}"#,
      #"{"scenes": [{"image_filename": "a.png"}]}"#, #"{"scenes": {"a": 1}}"#, #"{"info": [}]}"#,
      #"{"info": "# + String(repeating: "[", count: 100_000),
      #"{"scenes": [{"image_filename": "a\u0062"}]}"#,
      #"{"info": 1}"#,
      #"{"scenes": [{"image_filename": "a.png", "objects": [1, 2, 3]}]}]"#,
    ] {
      try scene.write(Data(text.utf8), to: scenes)
      #expect(indexError(CLEVRCounts(), scene.root, "val")?.kind == .malformedData)
    }
    try scene.write(whole, to: scenes)
    try scene.remove("CLEVR_v1.0/images/val/CLEVR_val_000000.png")
    try scene.write(Data("x".utf8), to: "CLEVR_v1.0/images/val/CLEVR_val_000009.png")
    let report = try DatasetDoctor.examine(CLEVRCounts(), root: scene.root, split: "val")
    let split = try #require(report.splits.first)
    #expect(split.missing == ["images/val/CLEVR_val_000000.png"])
    #expect(split.ignored == ["images/val/CLEVR_val_000009.png"])
  }

  // MARK: FairFace and UTKFace

  @Test(arguments: ["race", "gender", "age"]) func fairFace(attribute: String) throws {
    let adapter = try adapter("FairFace-\(attribute)")
    let root = fixtures.appending(path: "fairface")
    let expected = try ExpectedSamples("fairface")
    for split in ["train", "val"] {
      let index = try adapter.index(root: root, split: split)
      let found = try index.samples.map {
        ExpectedSamples.Entry(
          id: $0.id, owner: index.classes[$0.label].id, pixels: try rgbHash($0.source))
      }
      let entries = expected.splits["\(attribute)-\(split)"]
      // The bytewise order has val/10.jpg before val/2.jpg.
      #expect(found == entries)
    }
    let counts = ["race": 7, "gender": 2, "age": 9]
    #expect(adapter.info.classCount == counts[attribute])
  }

  @Test func fairFaceMargins() throws {
    let scene = try Scene(copyOf: "fairface")
    let race = try adapter("FairFace-race")
    try scene.move("val", to: "fairface-img-margin125-trainval/val")
    let index = try race.index(root: scene.root, split: "val")
    #expect(index.notes == ["images of fairface-img-margin125-trainval"])
    #expect(index.samples.count == 3 && index.samples.allSatisfy { $0.byteCount != nil })
    #expect(throws: EvalError.self) {
      try race.configured(["margin": "025"]).index(root: scene.root, split: "val")
    }
    try FileManager.default.createDirectory(
      at: scene.root.appending(path: "margin025/val"), withIntermediateDirectories: true)
    #expect(indexError(race, scene.root, "val")?.remedy?.contains("option margin") == true)
    let chosen = try race.configured(["margin": "125"]).index(root: scene.root, split: "val")
    #expect(chosen.samples.count == 3)
    // A spreadsheet's ages.
    try scene.edit("fairface_label_val.csv", ",3-9,", ",9-Mar,")
    let age = indexError(
      try adapter("FairFace-age").configured(["margin": "125"]), scene.root, "val")
    #expect(age?.message.contains("found `9-Mar`") == true && age?.remedy != nil)
    #expect(age?.subject?.hasSuffix("fairface_label_val.csv:2") == true)
  }

  @Test(arguments: ["race", "gender", "age"]) func utkFace(attribute: String) throws {
    let adapter = try adapter("UTKFace-\(attribute)")
    let index = try adapter.index(root: fixtures.appending(path: "utkface"), split: "all")
    let found = try index.samples.map {
      ExpectedSamples.Entry(
        id: $0.id, owner: index.classes[$0.label].id, pixels: try rgbHash($0.source))
    }
    #expect(found == (try ExpectedSamples("utkface").splits[attribute]))
    let unlabelled = [
      "39_1_20170116174525125.jpg.chip.jpg", "61_1_20170109142408075.jpg.chip.jpg", "face.jpg",
    ]
    #expect(index.ignoredFiles == unlabelled)
    #expect(index.notes.first?.hasPrefix("3 images are left out") == true)
    #expect(index.notes.first?.contains(unlabelled.joined(separator: ", ")) == true)
  }

  // MARK: SVHN's numbers

  @Test func svhnFull() throws {
    let root = fixtures.appending(path: "svhn-full")
    try ExpectedSamples("svhn-full").check(SVHNFull(), root: root, sorted: true)
    let test = try SVHNFull().index(root: root, split: "test")
    #expect(test.classes.count == 2000 && test.classes[200].id == "200" && test.notes.isEmpty)
    #expect(test.ignoredFiles == ["test/see_bboxes.m"] && test.expectedCount == 13_068)
  }

  @Test func svhnFullFaults() throws {
    let scene = try Scene(copyOf: "svhn-full")
    let path = "test/digitStruct.mat"
    let whole = try scene.bytes(path)
    try scene.write(whole.prefix(whole.count - 100), to: path)
    let short = indexError(SVHNFull(), scene.root, "test")
    #expect(short?.kind == .malformedData)
    #expect(short?.message.contains("truncated file") == true)
    try scene.write(try Data(contentsOf: fixtures.appending(path: "svhn/test_32x32.mat")), to: path)
    #expect(indexError(SVHNFull(), scene.root, "test")?.kind == .malformedData)
    for position in stride(from: 520, to: whole.count, by: 61) {
      var damaged = whole
      damaged[position] ^= 0xff
      try scene.write(damaged, to: path)
      do { _ = try SVHNFull().index(root: scene.root, split: "test") } catch let error as EvalError
      {
        #expect(error.kind == .malformedData, "\(error)")
      }
    }
    try scene.write(whole, to: path)
    try scene.remove("test/2.png")
    let report = try DatasetDoctor.examine(SVHNFull(), root: scene.root, split: "test")
    #expect(report.splits.first?.missing == ["test/2.png"] && report.exitCode == 66)
  }

  // MARK: aYahoo and SUN

  @Test func aYahooFromAList() throws {
    let index = try adapter("aYahoo").index(
      root: fixtures.appending(path: "ayahoo"), split: "test")
    #expect(index.classes.map(\.id) == ["bag", "building", "carriage", "jetski"])
    #expect(index.samples.map(\.label) == [0, 1, 3])
    #expect(index.notes.first?.contains("4 classes; the paper's task has 12") == true)
    // The attribute archive's own list: boxes after the class, one line an object.
    let scene = try Scene(
      images: ["ayahoo_test_images/bag_1.jpg", "ayahoo_test_images/wolf_7.jpg"],
      texts: [
        "attribute_data/ayahoo_test.txt":
          "bag_1.jpg bag 10 20 30 40 0 1\nwolf_7.jpg wolf 1 2 3 4 1 1\nbag_1.jpg bag 5 6 7 8 0 0\n"
      ])
    let own = try adapter("aYahoo").index(root: scene.root, split: "test")
    #expect(own.samples.map(\.id) == ["bag_1.jpg", "wolf_7.jpg"])
    #expect(own.samples.allSatisfy { $0.byteCount != nil } && own.notes.count == 2)
    try scene.edit("attribute_data/ayahoo_test.txt", "bag_1.jpg bag 5", "bag_1.jpg mug 5")
    let twice = indexError(try adapter("aYahoo"), scene.root, "test")
    #expect(twice?.subject?.hasSuffix("ayahoo_test.txt:3") == true)
  }

  @Test func sunFromFolders() throws {
    let scene = try Scene(copyOf: "ayahoo/folders")
    for name in ["zoo", "abbey", "attic"] { try scene.move(name, to: "sun723/test/\(name)") }
    let index = try adapter("SUN").index(root: scene.root, split: "test")
    #expect(index.classes.map(\.id) == ["abbey", "attic", "zoo"])
    #expect(index.samples.map(\.label) == [0, 1, 2])
    try scene.write(Data("zoo\nabbey\nairport\n".utf8), to: "sun723/classes.txt")
    let listed = try adapter("SUN").index(root: scene.root, split: "test")
    #expect(listed.classes.map(\.id) == ["zoo", "abbey", "airport"])
    #expect(listed.ignoredFiles == ["test/attic/"])
    #expect(listed.notes.first?.contains("no folder: airport") == true)
    // Other datasets' folders are not taken for classes.
    #expect(indexError(try adapter("SUN"), fixtures, "test")?.kind == .notFound)
  }
}
