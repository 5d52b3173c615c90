import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Natural shifts of ImageNet, in the layouts that Tools/make-robust-dataset-fixtures.py writes.
@Suite struct RobustnessDatasetTests {
  private func expected<Value: Decodable>(_ folder: String) throws -> Value {
    let file = fixtures.appending(path: "\(folder)/expected.json")
    return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
  }

  private func index(_ dataset: String, _ root: URL) throws -> DatasetIndex {
    let adapter = try DatasetRegistry.adapter(named: dataset)
    return try adapter.index(root: root, split: adapter.info.defaultSplit)
  }

  @Test("folders are class numbers, however they sort")
  func imageNetV2() throws {
    let root = fixtures.appending(path: "imagenetv2")
    let labels: [String: Int] = try expected("imagenetv2")
    let index = try index("ImageNetV2", root)
    #expect(index.classes.count == 1000 && index.samples.count == labels.count)
    for sample in index.samples { #expect(sample.label == labels[sample.id], "\(sample.id)") }
    #expect(index.layout == "numbered-folders" && index.isPartial)
    #expect(index.expectedCount == 10_000)
    #expect(index.ignoredFiles == ["imagenetv2-matched-frequency-format-val/Thumbs.db"])
    // The folder itself as the data root: the same ids.
    let itself = root.appending(path: "imagenetv2-matched-frequency-format-val")
    #expect(try self.index("imagenet-v2", itself).fingerprint == index.fingerprint)
    // CoOp's folder around the archive's; the third set under its two names.
    #expect(try self.index("ImageNetV2-threshold0.7", root).samples.map(\.label) == [7])
    #expect(try self.index("ImageNetV2-topimages", root).samples.map(\.label) == [9])
    #expect(throws: EvalError.self) {
      try self.index("ImageNetV2-topimages", root.appending(path: "imagenetv2"))
    }
  }

  @Test(arguments: ["ImageNet-A", "ImageNet-R", "ImageNet-Sketch"])
  func wordNetFolders(dataset: String) throws {
    let root = fixtures.appending(path: "imagenet-shifts")
    let all: [String: [String: String]] = try expected("imagenet-shifts")
    let labels = try #require(all[dataset])
    let index = try index(dataset, root)
    #expect(index.classes.count == (dataset == "ImageNet-Sketch" ? 1000 : 200))
    #expect(Set(index.samples.map(\.id)) == Set(labels.keys))
    for sample in index.samples {
      #expect(index.classes[sample.label].id == labels[sample.id])
    }
    #expect(index.ignoredFiles == ["README.txt", "__MACOSX/"])
    #expect(index.isPartial && index.notes.contains { $0.contains("class folders are absent") })
    let report = try DatasetDoctor.examine(
      DatasetRegistry.adapter(named: dataset), root: root, split: nil)
    #expect(report.exitCode == 0)
    #expect(report.splits.first?.emptyClasses.count == index.classes.count - 2)
  }

  @Test("the class subsets are those of the reference")
  func subsets() throws {
    guard let file = TestPaths.shared("reference/robustness_metadata.json") else { return }
    struct Metadata: Decodable {
      struct Setting: Decodable {
        var class_sublist: [Int]?
        var objectnet_label_to_folder: [String: String]?
      }
      var settings: [String: Setting]
    }
    let settings = try JSONDecoder().decode(Metadata.self, from: Data(contentsOf: file)).settings
    let imageNet = try Scene(images: ["train/n01440764/a.jpg"])
    let ids = try ImageNet().index(root: imageNet.root, split: "train").classes.map(\.id)
    for (dataset, key) in [("ImageNet-A", "imagenet-a"), ("ImageNet-R", "imagenet-r")] {
      let classes = try self.index(dataset, fixtures.appending(path: "imagenet-shifts")).classes
      #expect(classes.map(\.id) == settings[key]?.class_sublist?.map { ids[$0] })
    }
    let objects = try index("ObjectNet", fixtures.appending(path: "objectnet")).classes
    let folders = try #require(settings["objectnet"]?.objectnet_label_to_folder)
    #expect(Dictionary(uniqueKeysWithValues: objects.map { ($0.name, $0.id) }) == folders)
  }

  @Test("a class that is not of the 200 is a fault; a folder of others is no copy")
  func foreignClasses() throws {
    let scene = try Scene(images: ["imagenet-a/n01498041/a.jpg", "imagenet-a/n01440764/a.jpg"])
    let report = try DatasetDoctor.examine(
      ImageNetShift.adversarial, root: scene.root, split: nil)
    #expect(report.exitCode == 65)
    #expect(report.failures.first?.message.contains("n01440764") == true)
    // The same folder named as the data root itself.
    let itself = try DatasetDoctor.examine(
      ImageNetShift.adversarial, root: scene.root.appending(path: "imagenet-a"), split: nil)
    #expect(itself.exitCode == 65)
    // ImageNet's own folders are no ImageNet-A.
    let other = try Scene(images: ["n01498041/a.jpg", "n01440764/a.jpg"])
    let none = try DatasetDoctor.examine(
      ImageNetShift.adversarial, root: other.root, split: nil)
    #expect(none.exitCode == 66)
  }

  @Test func objectNet() throws {
    struct Class: Decodable, Equatable { var id, name: String }
    let root = fixtures.appending(path: "objectnet")
    let wanted: [String: Class] = try expected("objectnet")
    let index = try index("ObjectNet", root)
    let found = index.samples.map { sample in
      let owner = index.classes[sample.label]
      return (sample.id, Class(id: owner.id, name: owner.name))
    }
    #expect(Dictionary(uniqueKeysWithValues: found) == wanted)
    #expect(index.classes.count == 113 && index.isPartial && index.expectedCount == 18_574)
    #expect(index.ignoredFiles == [])
    #expect(index.notes.contains("1 folders are of classes that ImageNet does not have"))
    #expect(index.adjustment == ImageAdjustment(croppedBorder: 2))
    // The folder that holds images/ as the data root.
    let itself = try self.index("ObjectNet", root.appending(path: "objectnet-1.0"))
    #expect(itself.fingerprint == index.fingerprint)
  }

  @Test("the option says how wide a border is cut off")
  func objectNetCrop() throws {
    let root = fixtures.appending(path: "objectnet")
    for (choice, border) in [("2", 2), ("1", 1), ("0", 0)] {
      let index = try ObjectNet().configured(["crop": choice]).index(root: root, split: "test")
      #expect(index.adjustment.croppedBorder == border)
      // What is left of the red border.
      var recipe = PreprocessRecipe(order: .openai, resize: .none, crop: .none)
      recipe = index.adjustment.applied(to: recipe, size: 8)
      let source = try #require(index.samples.first?.source)
      let pixels = try Preprocessor(recipe).pixels(of: ImageDecoder.decode(source))
      #expect(pixels.width == 10 - 2 * border && pixels.height == 9 - 2 * border)
      #expect((pixels.pixels.prefix(3) == [255, 0, 0]) == (border == 0))
    }
    #expect(throws: EvalError.self) { try ObjectNet().configured(["crop": "3"]) }
    #expect(throws: EvalError.self) { try ObjectNet().configured(["border": "1"]) }
    #expect(try ObjectNet().effectiveOptions([:]) == ["crop": "2"])
    #expect(DatasetOption.text(["crop": "1", "a": "b"]) == "a=b crop=1")
  }

  @Test func objectNetFaults() throws {
    let folders = ["alarm_clock", "band_aid", "full_sized_towel"]
    let scene = try Scene(
      images: folders.map { "objectnet/images/\($0)/a.png" },
      texts: ["objectnet/images/band_aid/b.png": ""])
    let report = try DatasetDoctor.examine(ObjectNet(), root: scene.root, split: nil)
    let split = try #require(report.splits.first)
    #expect(split.empty == ["images/band_aid/b.png"] && split.partial)
    #expect(split.emptyClasses.count == 110)
    #expect(split.notes.contains { $0.hasPrefix("110 of 113 class folders are absent") })
    #expect(split.notes.contains { $0.contains("no mappings/") })
    func mapped(_ mapping: String) throws -> DoctorReport {
      try scene.write(
        Data(mapping.utf8), to: "objectnet/mappings/folder_to_objectnet_label.json")
      return try DatasetDoctor.examine(ObjectNet(), root: scene.root, split: nil)
    }
    let lacking = try mapped(#"{"band_aid": "Band Aid"}"#)
    #expect(lacking.exitCode == 65)
    #expect(lacking.failures.first?.message.contains("alarm_clock") == true)
    #expect(try mapped("[1]").failures.first?.message.contains("JSON object") == true)
  }

  @Test("frames come in sets, and what is missing is told")
  func vidRobust() throws {
    let root = fixtures.appending(path: "video-sets")
    let index = try index("ImageNet-Vid-Robust", root)
    #expect(index.samples.count == 22_179 && index.variant == "official" && !index.isPartial)
    let sets = try #require(index.frameSets)
    #expect(sets.sizes.count == 1109 && sets.isAnchor.count { $0 } == 1109)
    #expect(Set(try #require(index.groups).numbers).count == 1109)
    #expect(index.groups?.unit == "anchors")
    let anchor = "val/ILSVRC2015_val_00000001/000207.JPEG"
    let at = try #require(index.samples.firstIndex { $0.id == anchor })
    #expect(sets.isAnchor[at] && sets.sizes[sets.numbers[at]] == 21)
    let row = try #require(index.multiLabels).row(at)
    #expect(zip(row, index.classes).filter { $0.0 == .positive }.map(\.1.id) == ["turtle"])
    #expect(index.ignoredFiles == ["val/ILSVRC2015_val_00000001/000300.JPEG"])
    #expect(index.notes.first?.hasPrefix("1108 of 1109 video folders are absent") == true)
    let report = try DatasetDoctor.examine(ImageNetVidRobust(), root: root, split: nil)
    #expect(report.exitCode == 66)
    // One frame of the video that is there, and all of the others.
    let missing = try #require(report.splits.first).missing
    #expect(missing.contains("val/ILSVRC2015_val_00000001/000217.JPEG"))
    #expect(missing.count == 22_179 - 20)
    // Whole sets are kept.
    let limited = index.limited(to: 100)
    #expect(limited.samples.count <= 100 && limited.isPartial)
    let kept = try #require(limited.frameSets)
    #expect(kept.expectedCount == 1109 && kept.sizes.reduce(0, +) == limited.samples.count)
  }

  @Test("the sets are those of the reference")
  func vidReference() throws {
    guard let folder = TestPaths.shared("reference/video-robustness") else { return }
    func read<Value: Decodable>(_ name: String) throws -> Value {
      try JSONDecoder().decode(
        Value.self, from: Data(contentsOf: folder.appending(path: name)))
    }
    let sets: [String: [String]] = try read("imagenet-vid-robust__pmsets.json")
    let labels: [String: [Int]] = try read("imagenet-vid-robust__labels.json")
    let index = try index("ImageNet-Vid-Robust", fixtures.appending(path: "video-sets"))
    let frames = try #require(index.frameSets)
    let matrix = try #require(index.multiLabels)
    var found: [Int: (anchor: String, others: Set<String>)] = [:]
    for (sample, number) in index.samples.indices.map({ ($0, frames.numbers[$0]) }) {
      let id = index.samples[sample].id
      if frames.isAnchor[sample] {
        found[number, default: ("", [])].anchor = id
      } else {
        found[number, default: ("", [])].others.insert(id)
      }
      let allowed = matrix.row(sample).enumerated().filter { $0.element == .positive }
      #expect(Set(allowed.map(\.offset)) == Set(labels[id] ?? []), "\(id)")
    }
    #expect(
      Dictionary(uniqueKeysWithValues: found.values.map { ($0.anchor, $0.others) })
        == sets.mapValues { Set($0) })
  }

  @Test("reviewers' answers decide which frames of YTBB count")
  func ytbbRobust() throws {
    struct Expected: Decodable, Equatable {
      var anchor: String
      var frames: [String]
      var labels: [String]
    }
    let root = fixtures.appending(path: "video-sets")
    let index = try index("YTBB-Robust", root)
    let sets = try #require(index.frameSets)
    let matrix = try #require(index.multiLabels)
    let found = (0..<sets.sizes.count).map { number in
      let rows = sets.numbers.indices.filter { sets.numbers[$0] == number }
      let ids = rows.filter { !sets.isAnchor[$0] }.map { index.samples[$0].id }
      let anchor = rows.filter { sets.isAnchor[$0] }.map { index.samples[$0].id }
      let labels = zip(index.classes, matrix.row(rows[0])).filter { $1 == .positive }.map(\.0.id)
      return Expected(
        anchor: anchor.joined(), frames: ids.sorted(), labels: labels.sorted())
    }
    let wanted: [Expected] = try expected("video-sets")
    #expect(found.sorted { $0.anchor < $1.anchor } == wanted.sorted { $0.anchor < $1.anchor })
    #expect(index.classes.count == 23 && index.expectedCount == nil)
    #expect(sets.expectedCount == 2030)
    // Two clips are cut from one video.
    #expect(index.groups?.unit == "videos" && index.groups?.members.count == 3)
    #expect(index.notes.contains("4 anchors; published numbers are of 2030"))
    #expect(index.notes.contains { $0.hasPrefix("1 anchors show none") })
    let report = try DatasetDoctor.examine(YTBBRobust(), root: root, split: nil)
    #expect(report.exitCode == 0)
    #expect(report.splits.first?.ignored.contains("A_weMKVolQM_82466/frame-2064.jpg") == true)
  }

  @Test func ytbbWithoutItsLabels() throws {
    let scene = try Scene(
      images: ["ytbb-robust/abc_100/frame-3.jpg"],
      texts: ["ytbb-robust_metadata/anchor_labels.json": #"{"labels": [], "annotations": []}"#])
    let report = try DatasetDoctor.examine(YTBBRobust(), root: scene.root, split: nil)
    #expect(report.exitCode == 66)
    let message = try #require(report.failures.first).message
    #expect(message.contains("no pmk_labels.json, ytbb_robustness_test_anchors_full.csv"))
    #expect(message.contains("imagenet-testbed"))
  }

  @Test(
    "malformed reviews say what is wrong where",
    arguments: [
      (
        "anchor_labels.json",
        #"{"labels": ["good"], "annotations": [{"key": "x", "labels": [0]}]}"#, "frame-<n>.jpg"
      ),
      (
        "anchor_labels.json",
        #"{"labels": ["good"], "annotations": [{"key": "a_1/frame-2.jpg", "labels": [1]}]}"#,
        "none of the 1"
      ),
      ("anchor_labels.json", "[]", "labels and annotations"),
      (
        "pmk_labels.json",
        #"{"labels": [], "annotations": [{"key": "a_1/frame-2.jpg", "labels": []}]}"#,
        "<anchor>,<frame>"
      ),
      ("ytbb_robustness_test_anchors_full.csv", "a,b\n", "columns ytid"),
      ("ytbb_robustness_test_anchors_full.csv", "ytid,time_ms,label\na,1,24\n", "0 to 23"),
      (
        "ytbb_robustness_test_anchors_full.csv", "ytid,time_ms,label\nb,1,2\n",
        "no row for the anchor"
      ),
    ])
  func malformedReviews(file: String, text: String, wanted: String) throws {
    var texts = [
      "anchor_labels.json":
        #"{"labels": ["good"], "annotations": [{"key": "a_1/frame-2.jpg", "labels": [0]}]}"#,
      "pmk_labels.json": #"{"labels": [], "annotations": []}"#,
      "ytbb_robustness_test_anchors_full.csv": "ytid,time_ms,label\na,1,2\n",
    ]
    texts[file] = text
    let scene = try Scene(
      images: ["ytbb/a_1/frame-2.jpg"],
      texts: Dictionary(uniqueKeysWithValues: texts.map { ("ytbb/metadata/\($0)", $1) }))
    let error = #expect(throws: EvalError.self) {
      try YTBBRobust().index(root: scene.root, split: "test")
    }
    #expect(error?.kind == .malformedData && error?.message.contains(wanted) == true)
    #expect(error?.subject?.contains(file) == true)
  }

  @Test func facts() throws {
    for (id, chance) in [
      ("ImageNetV2", 0.001), ("ImageNet-A", 0.005), ("ImageNet-R", 0.005),
      ("ImageNet-Sketch", 0.001), ("ObjectNet", 1.0 / 113),
    ] {
      #expect(try DatasetRegistry.adapter(named: id).info.chance == chance)
    }
    let vid = try DatasetRegistry.adapter(named: "vid-robust").info
    #expect(vid.metric == "pm-0" && vid.chance == nil && vid.classCount == 30)
  }
}
