import Core
import Datasets
import Foundation
import TestSupport
import Testing

/// VOC2007's layout (Tools/make-dataset-fixtures.py), and sets of one's own in it.
@Suite struct VOCTests {
  private let main = "ImageSets/Main"

  private func own(
    test: String = "a\nb\nc\n", _ lists: [String: String], images: [String] = ["a.jpg", "b.jpg"]
  ) throws -> Scene {
    var texts = ["\(main)/test.txt": test]
    for (name, text) in lists { texts["\(main)/\(name).txt"] = text }
    return try Scene(images: images.map { "JPEGImages/\($0)" }, texts: texts)
  }

  @Test(arguments: ["voc", "voc/VOCdevkit", "voc/VOCdevkit/VOC2007"])
  func officialLayout(folder: String) throws {
    let index = try VOC.voc2007.index(root: fixtures.appending(path: folder), split: "test")
    #expect(index.dataset == "VOC2007" && index.layout == "voc" && index.split == "test")
    #expect(index.classes.count == 20 && index.classes[10].id == "diningtable")
    // Bytewise by id, not in the order of the list, and the labels with them.
    #expect(
      index.samples.map(\.id)
        == ["000001", "000002", "000004", "000012", "000045", "009963"].map {
          "JPEGImages/\($0).jpg"
        })
    #expect(index.samples.allSatisfy { $0.label == DatasetSample.noLabel })
    #expect(index.samples.map { $0.byteCount == nil } == [false, false, false, false, true, false])
    #expect(
      index.samples.indices.map { index.classText(of: $0).replacing("\0", with: " ") }
        == ["+dog +person", "+train", "+car ?person", "", "?chair +person +sofa", "+cat +chair"])
    #expect(index.multiLabels?.count == 6)
    let person = try #require(index.classes.firstIndex { $0.id == "person" })
    #expect(index.perClassCounts[person] == 2)
    #expect(index.isPartial && index.expectedCount == 4952)
    #expect(index.notes.map { $0.prefix(18) } == ["2 labels are diffi"])
    #expect(index.ignoredFiles == ["JPEGImages/Thumbs.db"])
  }

  @Test("fingerprints depend on the labels, also the difficult ones; limits take rows with samples")
  func fingerprints() throws {
    let lists = ["cat_test": "a 1\nb -1\nc  1\n", "dog_test": "a -1\nb  1\nc -1\n"]
    let images = ["a.jpg", "b.jpg", "c.jpg"]
    let scene = try own(lists, images: images)
    let index = try VOC(id: "mine").index(root: scene.root, split: "test")
    let lines = ["a\0+cat", "b\0+dog", "c\0+cat"].map {
      "JPEGImages/\($0.prefix(1)).jpg\0\($0.dropFirst(2))\u{0}646\n"
    }
    #expect(index.fingerprint == SHA256.hash(lines.joined()))
    #expect(!index.isPartial && index.expectedCount == nil)

    var changed = lists
    changed["dog_test"] = "a  0\nb  1\nc -1\n"
    let relabelled = try own(changed, images: images)
    let other = try VOC(id: "mine").index(root: relabelled.root, split: "test")
    #expect(other.fingerprint != index.fingerprint)
    #expect(
      other.contentFingerprint(ofSampleHashes: [nil, nil, nil])
        != index.contentFingerprint(ofSampleHashes: [nil, nil, nil]))

    let limited = index.limited(to: 2)
    #expect(limited.samples.map(\.id) == ["JPEGImages/a.jpg", "JPEGImages/b.jpg"])
    #expect(limited.multiLabels == index.multiLabels?.rows([0, 1]))
    #expect(limited.fingerprint == SHA256.hash(lines.prefix(2).joined()))
    #expect(limited.isPartial && limited.expectedCount == 3 && limited.perClassCounts == [1, 1])
  }

  @Test("classes of one's own are those that have a list of the split")
  func ownClasses() throws {
    let line = "a 1\nb -1\nc -1\n"
    let scene = try own(
      [
        "hot_dog_test": line, "dog_test": line, "dog_train": "z 1\n", "train": "z\n",
        "Zebra_test": line,
      ], images: ["a.png", "b.jpeg", "b.jpg", "notes.txt"])
    let index = try VOC(id: "mine").index(root: scene.root, split: "test")
    #expect(index.classes.map(\.id) == ["Zebra", "dog", "hot_dog"])
    #expect(index.classes[2].name == "hot dog")
    // VOC's ending first, another where that is all there is; the official name where nothing is.
    #expect(
      index.samples.map(\.id)
        == ["JPEGImages/a.png", "JPEGImages/b.jpg", "JPEGImages/c.jpg"])
    #expect(try VOC(id: "mine").splits(root: scene.root) == ["test", "train"])
    #expect(
      try VOC(id: "mine").index(root: scene.root, split: "train").classes.map(\.id) == ["dog"])
  }

  @Test(
    "what is wrong in a list is named with its line",
    arguments: [
      ("a 1\nb -1\nc 2\n", "expected an image id and 1, -1 or 0, found `c 2`", ":3"),
      ("a 1\nb\nc 1\n", "found `b`", ":2"),
      ("a 1\nb -1\nd 1\nc 1\n", "`d` is none of the images of test.txt", ":3"),
      ("a 1\nb -1\nb -1\nc 1\n", "`b` is listed twice", ":3"),
      ("a 1\nc -1\n", "no label for `b`", "cat_test.txt"),
      ("a 1\nb -1\nc 99999999999999999999\n", "found `c 9999", ":3"),
    ])
  func brokenLists(list: String, message: String, place: String) throws {
    let scene = try own(["cat_test": list])
    let error = #expect(throws: EvalError.self) {
      try VOC(id: "mine").index(root: scene.root, split: "test")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasSuffix(place) == true, "\(String(describing: error))")
  }

  @Test func brokenSplits() throws {
    for (text, message) in [
      ("a\nb\na\n", "`a` stands in line 1 too"), ("a 1\n", "expected one image id"),
      ("\n", "holds no images"),
    ] {
      let scene = try own(test: text, ["cat_test": "a 1\nb 1\n"])
      let error = #expect(throws: EvalError.self) {
        try VOC(id: "mine").index(root: scene.root, split: "test")
      }
      #expect(error?.kind == .malformedData && error?.message.contains(message) == true)
    }
    let bare = try own([:])
    let noClasses = #expect(throws: EvalError.self) {
      try VOC(id: "mine").index(root: bare.root, split: "test")
    }
    #expect(noClasses?.kind == .notFound && noClasses?.message.contains("_test.txt") == true)
    let noImages = try own(["cat_test": "a 1\nb 1\nc 1\n"], images: [])
    let error = #expect(throws: EvalError.self) {
      try VOC(id: "mine").index(root: noImages.root, split: "test")
    }
    #expect(error?.kind == .notFound && error?.subject?.hasSuffix("JPEGImages") == true)
    let absent = #expect(throws: EvalError.self) {
      try VOC(id: "mine").index(root: bare.root, split: "val")
    }
    #expect(
      absent?.kind == .notFound
        && absent?.message.contains("VOCdevkit/VOC2007/ImageSets/Main/val.txt") == true)
  }

  @Test func theTwentyClassesOfVOC2007MustAllBeThere() throws {
    let scene = try own(test: "000001\n", ["aeroplane_test": "000001 -1\n"], images: ["000001.jpg"])
    let error = #expect(throws: EvalError.self) {
      try VOC.voc2007.index(root: scene.root, split: "test")
    }
    #expect(error?.kind == .notFound && error?.subject?.hasSuffix("bicycle_test.txt") == true)
    // VOC2012 has the same classes.
    let classes = try VOC.voc2007.index(
      root: fixtures.appending(path: "voc"), split: "test"
    ).classes.map { ("\($0.id)_test", "2008_000001 -1\n") }
    let later = try own(
      test: "2008_000001\n", Dictionary(uniqueKeysWithValues: classes))
    let year = #expect(throws: EvalError.self) {
      try VOC.voc2007.index(root: later.root, split: "test")
    }
    #expect(year?.kind == .malformedData && year?.remedy?.contains("VOC2012") == true)
  }

  @Test func doctorCountsWhatEachClassShows() throws {
    let report = try DatasetDoctor.examine(
      VOC.voc2007, root: fixtures.appending(path: "voc"), split: nil)
    let split = try #require(report.splits.first)
    #expect(report.splits.count == 1 && split.split == "test" && split.samples == 6)
    #expect(split.classes == 20 && split.smallestClass == 0 && split.largestClass == 2)
    #expect(split.missing == ["JPEGImages/000045.jpg"] && split.partial)
    #expect(!split.emptyClasses.contains("sofa") && split.emptyClasses.contains("bus"))
    #expect(report.failures.map(\.split) == ["train", "val", "trainval"])
    #expect(report.exitCode == 66)
  }

  @Test func factsOfTable9() throws {
    let info = try DatasetRegistry.adapter(named: "voc2007").info
    #expect(info.id == "VOC2007" && info.metric == "11-point-mAP" && info.classCount == 20)
    #expect(info.task == .multiLabel && info.chance == nil && info.defaultSplit == "test")
    let own = info.splits.filter { !$0.name.contains("/") }
    #expect(own.map(\.expectedCount) == [2501, 2510, 5011, 4952])
    #expect(2501 + 2510 == 5011)
  }

  /// A split is recognised by its number of images, whatever number of labels they have.
  @Test func variantByImages() throws {
    let ids = (0..<4952).map { String(format: "%06d", $0) }
    var texts = ["\(main)/test.txt": ids.joined(separator: "\n")]
    let text = ids.map { "\($0)  1" }.joined(separator: "\n")
    for owner in try VOC.voc2007.index(root: fixtures.appending(path: "voc"), split: "test").classes
    {
      texts["\(main)/\(owner.id)_test.txt"] = text
    }
    let scene = try Scene(images: ["JPEGImages/000000.jpg"], texts: texts)
    let index = try VOC.voc2007.index(root: scene.root, split: "test")
    #expect(index.variant == "official" && !index.isPartial)
    #expect(index.perClassCounts == [Int](repeating: 4952, count: 20))
  }
}
