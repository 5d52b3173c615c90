import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Fixtures: Tools/make-pair-fixtures.py.
@Suite struct IIIT5KTests {
  private let root = fixtures.appending(path: "iiit5k")

  @Test("classes are the words of all lists; each image has its own")
  func largeLexicon() throws {
    let index = try IIIT5K().index(root: root, split: "test")
    #expect(index.layout == "iiit5k")
    #expect(
      index.classes.map(\.id) == [
        "9TH", "APPLE", "PARKING", "PRIVATE", "SALUTES", "ZEBRA", "parking",
      ])
    #expect(index.samples.map(\.id) == ["test/1002_1.png", "test/1002_2.png", "test/999_3.png"])
    // The second list spells the truth in small letters, which is the class then; the third lacks it.
    #expect(index.samples.map { index.classes[$0.label].id } == ["PRIVATE", "parking", "SALUTES"])
    let candidates = try #require(index.candidates)
    let words = (0..<3).map { candidates.row($0).map { index.classes[Int($0)].id } }
    #expect(
      words == [
        ["APPLE", "PARKING", "PRIVATE", "ZEBRA"], ["9TH", "APPLE", "ZEBRA", "parking"],
        ["9TH", "ZEBRA"],
      ])
    #expect(candidates.chance(choices: 1) == (0.25 + 0.25 + 0.5) / 3)
    #expect(
      index.notes == [
        "3 lists do not have 1000 different words",
        "1 image shows a word that is not in the image's list: no answer can be right",
      ])
    #expect(index.isPartial && index.expectedCount == 3000)
    #expect(index.limited(to: 1).candidates?.count == 1)
    #expect(try ImageDecoder.decode(index.samples[0].source).width == 8)
  }

  @Test func smallLexicon() throws {
    let adapter = try IIIT5K().configured(["lexicon": "50"])
    let index = try adapter.index(root: root.appending(path: "IIIT5K"), split: "test")
    #expect(
      index.candidates.map { Array($0.row(2)).map { index.classes[Int($0)].id } } == [
        "9TH", "SALUTES",
      ])
    #expect(index.notes.count == 1)
    #expect(throws: EvalError.self) { try IIIT5K().configured(["lexicon": "100"]) }
    // Uncompressed.
    let train = try IIIT5K().index(root: root, split: "train")
    #expect(train.samples.map { train.classes[$0.label].id } == ["YOU", "ME"])
    #expect(train.expectedCount == 2000)
  }

  @Test("the doctor names a missing image, an extra one and a damaged list")
  func doctor() throws {
    let mat = "iiit5k/IIIT5K/testdata.mat"
    let scene = try Scene(
      texts: ["IIIT5K/test/1002_2.png": ""],
      copies: [
        "IIIT5K/testdata.mat": mat, "IIIT5K/test/1002_1.png": "tiny.png",
        "IIIT5K/test/7_7.png": "tiny.png",
      ])
    let report = try DatasetDoctor.examine(IIIT5K(), root: scene.root, split: "test")
    let split = try #require(report.splits.first)
    #expect(split.missing == ["test/999_3.png"] && split.empty == ["test/1002_2.png"])
    #expect(split.ignored == ["test/7_7.png"] && split.emptyClasses.isEmpty)
    let whole = try Data(contentsOf: fixtures.appending(path: mat))
    for cut in [0, 100, 130, whole.count / 2, whole.count - 1] {
      try scene.write(whole.prefix(cut), to: "IIIT5K/testdata.mat")
      let error = #expect(throws: EvalError.self) {
        try IIIT5K().index(root: scene.root, split: "test")
      }
      #expect(error?.kind == .malformedData && error?.subject?.contains("testdata.mat") == true)
    }
    // Another struct of that name.
    try scene.write(
      Data(contentsOf: fixtures.appending(path: "iiit5k/IIIT5K/traindata.mat")),
      to: "IIIT5K/testdata.mat")
    #expect(throws: EvalError.self) { try IIIT5K().index(root: scene.root, split: "test") }
    #expect(try DatasetDoctor.examine(IIIT5K(), root: scene.root, split: "train").exitCode == 66)
  }
}

@Suite struct CompositionDatasetTests {
  @Test("questions of all kinds about images that are there once")
  func sugarCrepe() throws {
    let root = fixtures.appending(path: "sugar-crepe")
    let index = try SugarCrepe().index(root: root, split: "test")
    #expect(index.layout == "sugar-crepe" && !index.hasClassLabels)
    #expect(index.samples.map(\.id) == ["000000085329.jpg", "000000297698.jpg"])
    #expect(index.samples.allSatisfy { $0.byteCount != nil })
    let set = try #require(index.composition)
    // By number, not in the order of the file nor of text.
    #expect(
      set.items.map(\.id) == [
        "add_att#0", "add_att#1", "add_att#2", "swap_obj#0", "swap_obj#1", "swap_obj#2",
        "swap_obj#10",
      ])
    #expect(set.items.map(\.images) == [[0], [1], [0], [1], [1], [1], [1]])
    #expect(set.kinds == ["add_att", "swap_obj"])
    #expect(set.captions[set.items[2].captions[0]] == "A dog runs.")
    #expect(set.captions[set.items[6].captions[1]] == "A spoon is left of cup 10.")
    #expect(set.expectedCount == 7511 && index.isPartial)
    #expect(
      index.notes
        == [
          "7 questions of 2 kinds", "add_att has 3 questions, expected 692",
          "add_obj.json is absent",
          "replace_att.json is absent", "replace_obj.json is absent", "replace_rel.json is absent",
          "swap_obj has 4 questions, expected 245", "swap_att.json is absent",
        ].sorted { a, b in order(a) < order(b) })
    #expect(throws: EvalError.self) { try index.requireClasses() }
    let part = index.limited(to: 1)
    #expect(part.composition?.items.map(\.id) == ["add_att#0", "add_att#2"])
    #expect(part.composition?.expectedCount == 7511)
  }

  /// The lists in the publisher's order, after the count.
  private func order(_ note: String) -> Int {
    SugarCrepe.kinds.firstIndex { note.hasPrefix($0.0) } ?? -1
  }

  @Test("images of COCO beside the data folder; faults with file and entry")
  func sugarCrepeFaults() throws {
    func scene(_ json: String) throws -> Scene {
      try Scene(
        images: ["coco/val2017/a.jpg"], texts: ["sugar-crepe/data/add_att.json": json])
    }
    let entry = #"{"0": {"filename": "a.jpg", "caption": "x y", "negative_caption": "y x"}}"#
    let good = try scene(entry)
    let index = try SugarCrepe().index(root: good.root, split: "test")
    #expect(index.samples.map(\.byteCount) == [646])
    for (json, words) in [
      (entry.replacing("y x", with: "x y"), "cannot be told apart"),
      (entry.replacing("\"x y\"", with: "\" \\n\""), "a caption is empty"),
      (entry.replacing("negative_caption", with: "negative"), "negative_caption"),
      (entry.replacing("a.jpg", with: "/etc/a.jpg"), "name of an image"),
      ("[]", "expected {\"0\""), ("{", "expected {\"0\""),
    ] {
      let bad = try scene(json)
      let error = #expect(throws: EvalError.self) {
        try SugarCrepe().index(root: bad.root, split: "test")
      }
      #expect(error?.kind == .malformedData, "\(json)")
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      #expect(error?.subject?.contains("add_att.json") == true)
    }
    let lost = try scene(entry.replacing("a.jpg", with: "b.jpg"))
    let report = try DatasetDoctor.examine(SugarCrepe(), root: lost.root, split: nil)
    #expect(report.splits.first?.missing == ["b.jpg"] && report.exitCode == 66)
    #expect(report.splits.first?.captions == 2 && report.splits.first?.classes == 0)
    let note = report.splits.first?.notes.last ?? ""
    #expect(note.hasPrefix("1 of 1 images are not in") && note.hasSuffix("they are COCO's val2017"))
  }

  @Test func winogroundParquet() throws {
    let root = fixtures.appending(path: "winoground")
    let index = try Winoground().index(root: root, split: "test")
    #expect(index.layout == "parquet")
    #expect(
      index.samples.map(\.id) == [
        "data/test-00000-of-00001.parquet#0/image_0", "data/test-00000-of-00001.parquet#0/image_1",
        "data/test-00000-of-00001.parquet#1/image_0", "data/test-00000-of-00001.parquet#1/image_1",
      ])
    let set = try #require(index.composition)
    #expect(set.items.map(\.images) == [[0, 1], [2, 3]])
    #expect(
      set.items[1].captions.map { set.captions[$0] } == [
        "a person sits and a dog stands", "a person stands and a dog sits",
      ])
    #expect(set.expectedCount == 400 && index.isPartial)
    // Picture n has red 20·n.
    let reds = try index.samples.map { try ImageDecoder.decode($0.source).pixels[0] }
    #expect(reds == [0, 20, 40, 60])
    let report = try DatasetDoctor.examine(Winoground(), root: root, split: nil)
    #expect(report.exitCode == 0 && report.splits.first?.unrecognised == [])
    // One image of a question is no question.
    #expect(index.limited(to: 1).composition?.items.isEmpty == true)
  }

  @Test func winogroundLines() throws {
    let line =
      #"{"id": 0, "image_0": "ex_0_img_0", "image_1": "ex_0_img_1", "caption_0": "a b", "caption_1": "b a", "tag": "x"}"#
    let scene = try Scene(
      texts: ["winoground/data/examples.jsonl": line + "\r\n"],
      copies: [
        "winoground/data/images/ex_0_img_0.png": "tiny.png",
        "winoground/data/images/ex_0_img_1.jpg": "tiny.jpg",
      ])
    let index = try Winoground().index(root: scene.root, split: "test")
    #expect(index.layout == "examples.jsonl")
    #expect(index.samples.map(\.id) == ["images/ex_0_img_0.png", "images/ex_0_img_1.jpg"])
    #expect(index.samples.allSatisfy { $0.byteCount != nil })
    for (text, words) in [
      (line + "\n" + line, "examples.jsonl:2: `images/ex_0_img_0.png` is listed twice"),
      ("\n" + line.replacing("caption_1", with: "caption"), "examples.jsonl:2: expected"),
      (line.replacing("b a", with: "a b"), "examples.jsonl:1: both captions"),
    ] {
      try scene.write(Data(text.utf8), to: "winoground/data/examples.jsonl")
      let error = #expect(throws: EvalError.self) {
        try Winoground().index(root: scene.root, split: "test")
      }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
    #expect(try DatasetRegistry.adapter(named: "sugar-crepe").info.task == .composition)
  }
}
