import Core
import Datasets
import Foundation
import TestSupport
import Testing

/// Containers with something wrong, and what the doctor and the adapters say of it.
@Suite struct ContainerFaultTests {
  private static let jpeg = (try? Data(contentsOf: fixtures.appending(path: "tiny.jpg"))) ?? Data()

  /// A tar of plain files.
  private static func tar(_ members: [(name: String, data: Data)]) -> Data {
    var tar = Data()
    for (name, data) in members {
      var header = Data(count: 512)
      func put(_ text: String, at offset: Int) {
        header.replaceSubrange(offset..<offset + text.utf8.count, with: Data(text.utf8))
      }
      put(name, at: 0)
      put("0000644\0", at: 100)
      let digits = String(data.count, radix: 8)
      put(String(repeating: "0", count: 11 - digits.count) + digits, at: 124)
      put("        ", at: 148)
      put("0", at: 156)
      let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
      put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
      tar += header + data + Data(count: (512 - data.count % 512) % 512)
    }
    return tar + Data(count: 1024)
  }

  private static func text(_ text: String) -> Data { Data(text.utf8) }

  private func shardScene(
    _ members: [(name: String, data: Data)], texts: [String: String] = [:]
  ) throws -> Scene {
    let scene = try Scene(texts: ["classnames.txt": "cat\ndog\n"].merging(texts) { $1 })
    try scene.write(Self.tar(members), to: "test/0.tar")
    return scene
  }

  private func failure(
    _ adapter: any DatasetAdapter, _ scene: Scene, split: String = "test"
  ) throws -> DoctorReport.Failure {
    let report = try DatasetDoctor.examine(adapter, root: scene.root, split: split)
    #expect(report.exitCode != 0)
    return try #require(report.failures.first)
  }

  // MARK: Shards

  @Test func membersMayLieInAnyOrder() throws {
    let scene = try shardScene([
      ("b.cls", Self.text("1")), ("a.jpg", Self.jpeg), ("b.jpg", Self.jpeg),
      ("a.cls", Self.text(" 0\n")),
    ])
    let index = try WebDatasetFolder().index(root: scene.root, split: "test")
    #expect(index.samples.map(\.id) == ["test/0.tar#a.jpg", "test/0.tar#b.jpg"])
    #expect(index.samples.map(\.label) == [0, 1])
  }

  @Test(arguments: [
    ("", "expected a member `a.cls` with its class"), ("2", "expected a class number, found `2`"),
    ("-1", "expected a class number, found `-1`"), ("cat", "expected a class number, found `cat`"),
  ]) func labelsThatAreNone(label: String, message: String) throws {
    let members = label.isEmpty ? [] : [("a.cls", Self.text(label))]
    let scene = try shardScene([("a.jpg", Self.jpeg)] + members)
    let failure = try failure(WebDatasetFolder(), scene)
    #expect(failure.kind == "malformed" && failure.message.contains(message))
    #expect(failure.message.contains("test/0.tar"))
  }

  @Test func shardFaults() throws {
    let orphan = try shardScene([("a.cls", Self.text("0"))])
    #expect(
      try failure(WebDatasetFolder(), orphan).message.contains(
        "`a.cls` has no image (.jpg, .png or .webp) with the key `a`"))
    let twice = try shardScene([
      ("a.jpg", Self.jpeg), ("a.png", Self.jpeg), ("a.cls", Self.text("0")),
    ])
    #expect(
      try failure(WebDatasetFolder(), twice).message.contains("a second image with the key `a`"))
    let captions = try shardScene([("a.jpg", Self.jpeg), ("a.txt", Self.text("A cat."))])
    #expect(
      try failure(WebDatasetFolder(), captions).message.contains("layout `captions`"))
    let kind = try shardScene(
      [("a.jpg", Self.jpeg), ("a.txt", Self.text("A cat."))],
      texts: ["dataset_type.txt": "retrieval\n"])
    #expect(
      try failure(WebDatasetFolder(), kind).message.contains("the shards are for captions"))
  }

  @Test func damagedImagesInShards() throws {
    let scene = try shardScene(
      [
        ("a.jpg", Self.text("no image, but longer than its first bytes")),
        ("a.cls", Self.text("0")), ("b.jpg", Data()), ("b.cls", Self.text("1")),
        ("c.png", Self.jpeg), ("c.cls", Self.text("1")), ("readme.md", Self.text("x")),
      ], texts: ["test/nshards.txt": "3", "test/sizes.json": #"{"0.tar": 4, "1.tar": 4}"#])
    let report = try DatasetDoctor.examine(WebDatasetFolder(), root: scene.root, split: "test")
    let split = try #require(report.splits.first)
    #expect(split.unrecognised == ["test/0.tar#a.jpg"])
    #expect(split.empty == ["test/0.tar#b.jpg"])
    #expect(split.misnamed == ["test/0.tar#c.png"])
    #expect(split.ignored == ["test/0.tar#readme.md"])
    #expect(
      split.notes == [
        "nshards.txt says 3 shards, found 1; absent: 1.tar, 2.tar",
        "sizes.json says 4 samples in 0.tar, found 3",
        "sizes.json says 4 samples in 1.tar, found no such shard",
      ])
  }

  @Test func shardsWithoutNamesAreRefused() throws {
    let scene = try Scene()
    try scene.write(
      Self.tar([("a.jpg", Self.jpeg), ("a.cls", Self.text("0"))]), to: "wds_mnist/test/0.tar")
    let failure = try failure(DatasetRegistry.adapter(named: "MNIST"), scene)
    #expect(failure.message.contains("expected classnames.txt"))
  }

  /// A container that lacks the split says which ones it has.
  @Test func otherSplits() throws {
    let scene = try Scene(copies: [
      "wds_vtab-cifar10/classnames.txt": "containers/wds_vtab-cifar10/classnames.txt",
      "wds_vtab-cifar10/test/0.tar": "containers/wds_vtab-cifar10/test/0.tar",
    ])
    let failure = try failure(DatasetRegistry.adapter(named: "CIFAR10"), scene, split: "train")
    #expect(failure.kind == "not found")
    #expect(failure.message.contains("wds_vtab-cifar10 has the splits test."))
  }

  // MARK: ImageNet's own archives

  /// The train archive is a tar of a tar for each class.
  @Test func imageNetTrainArchive() throws {
    let scene = try Scene()
    let other = Data("other".utf8)
    let inner = [
      ("n01443537.tar", Self.tar([("n01443537_2.JPEG", Self.jpeg), ("n01443537_10.JPEG", other)])),
      ("n01440764.tar", Self.tar([("n01440764_1.JPEG", Self.jpeg)])),
    ]
    try scene.write(Self.tar(inner), to: "imagenet/ILSVRC2012_img_train.tar")
    let index = try ImageNet().index(root: scene.root, split: "train")
    #expect(
      index.samples.map(\.id) == [
        "ILSVRC2012_img_train.tar#n01440764.tar#n01440764_1.JPEG",
        "ILSVRC2012_img_train.tar#n01443537.tar#n01443537_10.JPEG",
        "ILSVRC2012_img_train.tar#n01443537.tar#n01443537_2.JPEG",
      ])
    #expect(index.samples.map(\.label) == [0, 1, 1])
    let bytes = try index.samples.map { try $0.source.withBytes { Data($0) } }
    #expect(bytes == [Self.jpeg, other, Self.jpeg])
    // One that is cut short says where.
    let cut = try Scene()
    try cut.write(Self.tar(inner).dropLast(2048), to: "imagenet/ILSVRC2012_img_train.tar")
    #expect(try failure(ImageNet(), cut, split: "train").message.contains("img_train.tar, byte"))
  }

  /// The validation archive is flat; its labels lie beside it.
  @Test func imageNetValArchive() throws {
    let scene = try Scene(texts: [
      "imagenet/LOC_val_solution.csv":
        "ImageId,PredictionString\nILSVRC2012_val_00000002,n01443537 1 2 3 4\n"
        + "ILSVRC2012_val_00000001,n01440764 1 2 3 4\nILSVRC2012_val_00000003,n01440764 1 2 3 4\n"
    ])
    try scene.write(
      Self.tar([
        ("ILSVRC2012_val_00000001.JPEG", Self.jpeg), ("ILSVRC2012_val_00000002.JPEG", Self.jpeg),
      ]), to: "imagenet/ILSVRC2012_img_val.tar")
    let report = try DatasetDoctor.examine(ImageNet(), root: scene.root, split: "val")
    let split = try #require(report.splits.first)
    #expect(split.layout == "tar-kaggle-cls-loc" && split.samples == 3)
    #expect(split.missing == ["ILSVRC2012_img_val.tar#ILSVRC2012_val_00000003.JPEG"])
    #expect(split.unrecognised.isEmpty)
    let index = try ImageNet().index(root: scene.root, split: "val")
    #expect(index.samples.map(\.label) == [0, 1, 0])
    // Without labels it says what to put where.
    try FileManager.default.removeItem(
      at: scene.root.appending(path: "imagenet/LOC_val_solution.csv"))
    #expect(
      try failure(ImageNet(), scene, split: "val").message.contains("Put ILSVRC2012_devkit_t12"))
  }

  // MARK: ELEVATER

  private func zipScene(
    list: String, labels: String = "cat\ndog\n", damage: (inout Data) -> Void = { _ in }
  ) throws -> Scene {
    let scene = try Scene(texts: ["test.txt": list, "labelmap.txt": labels])
    var zip = try Data(
      contentsOf: fixtures.appending(
        path: "containers/classification/eurosat_clip_20210930/test.zip"))
    damage(&zip)
    try scene.write(zip, to: "test.zip")
    return scene
  }

  /// A path that the zip lacks counts, and is missing.
  @Test func missingMember() throws {
    let scene = try zipScene(list: "test.zip@test/1.png 0\ntest.zip@test/none.png 1\n")
    let report = try DatasetDoctor.examine(ElevaterFolder(), root: scene.root, split: "test")
    let split = try #require(report.splits.first)
    #expect(split.samples == 2 && split.missing == ["test.zip@test/none.png"])
    #expect(report.exitCode == 66)
  }

  @Test(arguments: [
    ("test.zip@test/1.png 2", "there is no class 2: labelmap.txt has 2, which count from 0"),
    ("test.zip@test/1.png", "expected `<archive>.zip@<path> <class number>"),
    ("test.zip@test/1.png x", "expected `<archive>.zip@<path> <class number>"),
    ("test.zip@test/1.png -1", "expected `<archive>.zip@<path> <class number>"),
    ("test.zip@test/1.png 0,1", "expected one class, found 2"),
    ("test.zip@test/1.png 0\ntest.zip@test/1.png 1", "`test.zip@test/1.png` is listed twice"),
    ("train.zip@1.png 0", "`train.zip` is not there, which the list names"),
  ]) func lists(list: String, message: String) throws {
    let failure = try failure(ElevaterFolder(), zipScene(list: list))
    #expect(failure.message.contains(message))
    #expect(failure.message.contains("test.txt:\(list.contains("\n") ? 2 : 1)"))
  }

  /// A bit that flips in a stored or a deflated member shows in its checksum; a cut zip has no directory.
  @Test func damagedZips() throws {
    let list = "test.zip@test/1.png 0\ntest.zip@test/4.png 1\n"
    let names = ["test/1.png", "test/4.png"]
    let scene = try zipScene(list: list) { zip in
      for name in names {
        guard let range = zip.firstRange(of: Data(name.utf8)) else { continue }
        zip[range.upperBound + 60] ^= 1
      }
    }
    let report = try DatasetDoctor.examine(ElevaterFolder(), root: scene.root, split: "test")
    let split = try #require(report.splits.first)
    #expect(split.unrecognised == names.map { "test.zip@\($0)" })
    let cut = try zipScene(list: list) { $0 = $0.dropLast(100) }
    #expect(try failure(ElevaterFolder(), cut).message.contains("zip directory"))
  }

  /// The zip unpacked beside its list is read in its place.
  @Test func unpackedZip() throws {
    let scene = try Scene(
      images: ["test/a.jpg"],
      texts: ["test.txt": "test.zip@a.jpg 1\ntest.zip@b.jpg 0\n", "labelmap.txt": "cat\ndog"])
    let index = try ElevaterFolder().index(root: scene.root, split: "test")
    #expect(index.samples.map { $0.byteCount != nil } == [true, false])
    #expect(index.notes == ["test.zip is absent; its images are read from test/"])
  }

  @Test("an empty line among the class names would shift the labels behind it")
  func emptyClassName() throws {
    let members = [("a.jpg", Self.jpeg), ("a.cls", Self.text("1"))]
    let scene = try shardScene(members, texts: ["classnames.txt": "cat\n\ndog\n"])
    let failure = try failure(WebDatasetFolder(), scene)
    #expect(failure.kind == "malformed" && failure.message.contains("classnames.txt:2"))
    #expect(failure.message.contains("expected a class name, found an empty line"))
    // At the end there is nothing to shift.
    let ended = try shardScene(members, texts: ["classnames.txt": "cat\ndog\n\n"])
    #expect(try WebDatasetFolder().index(root: ended.root, split: "test").samples[0].label == 1)
    let elevater = try Scene(
      images: ["a.jpg"], texts: ["labelmap.txt": "\ncat\n", "test.txt": "a.jpg 0\n"])
    let other = try self.failure(ElevaterFolder(), elevater)
    #expect(other.message.contains("labelmap.txt:1"))
  }

  @Test func resourceForksAreNoShards() throws {
    let scene = try shardScene([("a.jpg", Self.jpeg), ("a.cls", Self.text("1"))])
    try scene.write(Data([0, 5, 0x16, 7]), to: "test/._0.tar")
    #expect(try WebDatasetFolder().index(root: scene.root, split: "test").samples.count == 1)
  }

  @Test(
    "the default preset of a container that somebody split says which splits and presets there are")
  func presetOfWhatIsNotThere() throws {
    let names = [
      "AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial", "Pasture",
      "PermanentCrop", "Residential", "River", "SeaLake",
    ]
    let scene = try Scene(texts: ["wds_vtab-eurosat/classnames.txt": names.joined(separator: "\n")])
    let shard = Self.tar([("a.jpg", Self.jpeg), ("a.cls", Self.text("1"))])
    for split in ["train", "test"] {
      try scene.write(shard, to: "wds_vtab-eurosat/\(split)/0.tar")
    }
    let library = try SplitLibrary(root: TestPaths.project.appending(path: "Splits"))
    let adapter = try PresetSplits(
      WithContainers(EuroSAT()), presets: library.presets(of: "EuroSAT"))
    let error = #expect(throws: EvalError.self) {
      try adapter.index(root: scene.root, split: adapter.info.defaultSplit)
    }
    #expect(error?.kind == .notFound)
    #expect(error?.message.contains("wds_vtab-eurosat has the splits test, train") == true)
    #expect(
      error?.remedy
        == "openai/test cannot be made of this copy: name one of its splits, test, train, or the preset that it was made for, of elevater, vtab."
    )
    #expect(try adapter.index(root: scene.root, split: "vtab").samples.count == 1)
  }
}
