import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Fixtures by Tools/make-container-fixtures.py, which says what each sample is and has for bytes.
@Suite struct ContainerTests {
  static let folder = fixtures.appending(path: "containers")

  /// Sample id, what it shows (one name or several), SHA-256 of the image.
  struct Expected: Decodable, Equatable {
    var id: String
    var texts: [String]
    var hash: String

    init(id: String, texts: [String], hash: String) {
      (self.id, self.texts, self.hash) = (id, texts, hash)
    }

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      let count = values.count ?? 0
      id = try values.decode(String.self)
      if let several = try? values.decode([String].self) {
        texts = several
      } else {
        texts = [try values.decode(String.self)]
      }
      while values.currentIndex < count - 1 { texts.append(try values.decode(String.self)) }
      hash = try values.decode(String.self)
    }
  }

  static func expected(_ container: String) throws -> [Expected] {
    let all = try JSONDecoder().decode(
      [String: [Expected]].self,
      from: Data(contentsOf: folder.appending(path: "expected.json")))
    return try #require(all[container])
  }

  static func hash(_ sample: DatasetSample) throws -> String {
    try sample.source.withBytes { SHA256.hash($0).hex }
  }

  private func found(_ index: DatasetIndex) throws -> [Expected] {
    try index.samples.map {
      Expected(id: $0.id, texts: [index.classes[$0.label].id], hash: try Self.hash($0))
    }
  }

  private func adapter(_ name: String) throws -> any DatasetAdapter {
    try DatasetRegistry.adapter(named: name)
  }

  // MARK: WebDataset

  /// The shards list CIFAR-10's classes backwards; 10.tar comes after 9.tar.
  @Test func shardsAreJoinedByName() throws {
    let index = try adapter("CIFAR10").index(root: Self.folder, split: "test")
    #expect(index.layout == "webdataset" && index.dataset == "CIFAR10")
    #expect(index.classes.map(\.id).prefix(3) == ["airplane", "automobile", "bird"])
    #expect(try found(index) == Self.expected("wds_vtab-cifar10"))
    #expect(index.expectedCount == 10_000 && index.isPartial)
    #expect(
      index.notes == ["the container counts the classes in an order of its own; joined by name"])
  }

  /// The same bytes in folders and in shards: the same hash of each image under the same class.
  @Test func shardsAndFoldersHoldTheSameImages() throws {
    let shards = try adapter("CIFAR10").index(root: Self.folder, split: "test")
    let folders = try ImageFolder().index(
      root: Self.folder.appending(path: "cifar10-folders"), split: "all")
    func pairs(_ index: DatasetIndex) throws -> Set<String> {
      Set(try index.samples.map { "\(index.classes[$0.label].id) \(try Self.hash($0))" })
    }
    #expect(try pairs(shards) == pairs(folders))
    let sizes = [shards, folders].map { $0.samples.compactMap(\.byteCount).sorted() }
    #expect(sizes[0].count == 22 && sizes[0] == sizes[1])
  }

  /// A folder of any name holds the dataset whose classes it names; the folder of another dataset does not.
  @Test func folderNamesDecide() throws {
    let shards = Self.folder.appending(path: "wds_vtab-cifar10")
    #expect(try adapter("cifar-10").index(root: shards, split: "test").samples.count == 22)
    #expect(throws: EvalError.self) { try adapter("MNIST").index(root: shards, split: "test") }
    let scene = try Scene(copies: [
      "my copy/test/0.tar": "containers/wds_vtab-cifar10/test/0.tar",
      "my copy/classnames.txt": "containers/wds_vtab-cifar10/classnames.txt",
      "datasets--clip-benchmark--wds_vtab-cifar10/snapshots/abc/test/0.tar":
        "containers/wds_vtab-cifar10/test/0.tar",
      "datasets--clip-benchmark--wds_vtab-cifar10/snapshots/abc/classnames.txt":
        "containers/wds_vtab-cifar10/classnames.txt",
    ])
    let copy = scene.root.appending(path: "my copy")
    #expect(try adapter("CIFAR10").index(root: copy, split: "test").samples.count == 2)
    #expect(throws: EvalError.self) { try adapter("STL10").index(root: copy, split: "test") }
    #expect(try adapter("CIFAR10").index(root: scene.root, split: "test").samples.count == 2)
  }

  @Test func aClassOfNoKnownNameIsAnError() throws {
    let scene = try Scene(
      texts: ["wds_cifar10/classnames.txt": CIFARNamesText.replacing("frog", with: "frogg")],
      copies: ["wds_cifar10/test/0.tar": "containers/wds_vtab-cifar10/test/0.tar"])
    let error = #expect(throws: EvalError.self) {
      try adapter("CIFAR10").index(root: scene.root, split: "test")
    }
    #expect(
      error?.message
        == "1 of 10 class names are none of CIFAR10's: `frogg` (line 7); classes without a name there: `frog`"
    )
    #expect(error?.subject?.hasSuffix("wds_cifar10/classnames.txt") == true)
  }

  /// Datasets whose classes the program knows are joined by name too, here in the order of LAION's list backwards.
  @Test func everyDatasetsNamesAreJoined() throws {
    let shard = "containers/wds_vtab-cifar10/test/0.tar"
    let names = [
      "truck", "ship", "monkey", "horse", "dog", "deer", "cat", "car", "bird", "airplane",
    ]
    let scene = try Scene(
      texts: [
        "wds_stl10/classnames.txt": names.joined(separator: "\n"),
        "wds_cifar10.1/classnames.txt": CIFARNamesText,
      ],
      copies: ["wds_stl10/test/0.tar": shard, "wds_cifar10.1/test/0.tar": shard])
    let index = try adapter("STL10").index(root: scene.root, split: "test")
    #expect(index.samples.map { index.classes[$0.label].id } == ["truck", "car"])
    #expect(index.classes.map(\.id) == names.reversed())
    let new = try adapter("CIFAR10.1").index(root: scene.root, split: "v6")
    #expect(new.samples.map { new.classes[$0.label].id } == ["airplane", "horse"])
  }

  /// Of datasets with the same classes, or nearly, only the first takes a folder whose name says nothing.
  @Test func classesOfSeveralDatasetsSayLittle() throws {
    let shard = "containers/wds_vtab-cifar10/test/0.tar"
    let scene = try Scene(
      texts: [
        "copy/classnames.txt": CIFARNamesText, "wds_cifar10/classnames.txt": CIFARNamesText,
      ],
      copies: ["copy/test/0.tar": shard, "wds_cifar10/test/0.tar": shard])
    let copy = scene.root.appending(path: "copy")
    #expect(try adapter("CIFAR10").index(root: copy, split: "test").samples.count == 2)
    let named = scene.root.appending(path: "wds_cifar10")
    for (dataset, split) in [("CIFAR10.1", "v6"), ("STL10", "test")] {
      for root in [copy, named] {
        let error = #expect(throws: EvalError.self) {
          try adapter(dataset).index(root: root, split: split)
        }
        #expect(error?.kind == .notFound, "\(dataset)")
      }
    }
  }

  private let CIFARNamesText =
    "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n"

  /// Two names of one class, and a name of two.
  @Test func doubtfulNamesAreErrors() throws {
    let scene = try Scene(
      texts: ["wds_cifar10/classnames.txt": CIFARNamesText.replacing("frog", with: "DOG")],
      copies: ["wds_cifar10/test/0.tar": "containers/wds_vtab-cifar10/test/0.tar"])
    let error = #expect(throws: EvalError.self) {
      try adapter("CIFAR10").index(root: scene.root, split: "test")
    }
    #expect(error?.message == "`dog` (line 6) and `DOG` (line 7) are one class")
  }

  /// ImageNet has "missile" twice: in its own order they are told apart, in another one they cannot be.
  @Test func namesThatTwoClassesShare() throws {
    let canonical = try #require(adapter("ImageNet").canonicalClasses)
    let names = canonical.map(\.name)
    let shard = "containers/wds_vtab-cifar10/test/0.tar"
    let ordered = try Scene(
      texts: ["wds_imagenet1k/classnames.txt": names.joined(separator: "\n")],
      copies: ["wds_imagenet1k/test/0.tar": shard])
    let index = try adapter("ImageNet").index(root: ordered.root, split: "val")
    #expect(index.samples.map(\.label) == [0, 7])
    let swapped = try Scene(
      texts: ["wds_imagenet1k/classnames.txt": names.reversed().joined(separator: "\n")],
      copies: ["wds_imagenet1k/test/0.tar": shard])
    let error = #expect(throws: EvalError.self) {
      try adapter("ImageNet").index(root: swapped.root, split: "val")
    }
    #expect(error?.message.contains("`missile`") == true)
    #expect(error?.message.contains("is the name of 2 classes") == true)
  }

  @Test func multiLabelShards() throws {
    let scene = try Scene(copies: [
      "wds_voc2007_multilabel/test/0.tar": "containers/wds_voc2007_multilabel/test/0.tar",
      "wds_voc2007_multilabel/classnames.txt": "containers/wds_voc2007_multilabel/classnames.txt",
      "wds_voc2007_multilabel/dataset_type.txt":
        "containers/wds_voc2007_multilabel/dataset_type.txt",
    ])
    let index = try adapter("VOC2007").index(root: scene.root, split: "test")
    #expect(index.layout == "webdataset" && index.classes.count == 20)
    #expect(try shown(index) == Self.expected("wds_voc2007_multilabel"))
    // CLIP_benchmark's `wds_voc2007` are objects cut out of the images.
    let crops = try Scene(copies: [
      "wds_voc2007/test/0.tar": "containers/wds_voc2007_multilabel/test/0.tar",
      "wds_voc2007/classnames.txt": "containers/wds_voc2007_multilabel/classnames.txt",
    ])
    #expect(throws: EvalError.self) {
      try adapter("VOC2007").index(root: crops.root, split: "test")
    }
  }

  private func shown(_ index: DatasetIndex) throws -> [Expected] {
    let labels = try #require(index.multiLabels)
    return try index.samples.enumerated().map { position, sample in
      let row = zip(labels.row(position), index.classes).filter { $0.0 == .positive }.map(\.1.id)
      return Expected(id: sample.id, texts: row.sorted(), hash: try Self.hash(sample))
    }
  }

  @Test func captionShards() throws {
    let index = try adapter("Flickr30k").index(root: Self.folder, split: "test")
    #expect(index.notes == ["20 captions, 5 to 5 an image"])
    #expect(try captioned(index) == Self.expected("wds_flickr30k"))
    #expect(index.expectedCount == 1000 && index.isPartial)
  }

  private func captioned(_ index: DatasetIndex) throws -> [Expected] {
    let captions = try #require(index.captions).captions
    return try index.samples.enumerated().map { position, sample in
      let texts = captions.filter { $0.sample == position }.map(\.text)
      return Expected(id: sample.id, texts: texts, hash: try Self.hash(sample))
    }
  }

  /// A caption is the whole text, its line break included; a label is the record's.
  @Test func img2dataset() throws {
    let root = Self.folder.appending(path: "img2dataset")
    let rows = try Self.expected("img2dataset")
    let captions = try adapter("captions").index(root: root, split: "all")
    #expect(
      try captioned(captions)
        == rows.map { Expected(id: $0.id, texts: [$0.texts[0]], hash: $0.hash) })
    #expect(captions.ignoredFiles.isEmpty)
    let labels = try WebDatasetFolder().index(root: root, split: "all")
    #expect(
      try found(labels) == rows.map { Expected(id: $0.id, texts: [$0.texts[1]], hash: $0.hash) })
    #expect(try WebDatasetFolder().splits(root: root) == ["all"])
  }

  // MARK: ELEVATER

  /// Names as in OpenAI's prompts, numbers in an order of their own, images stored and deflated.
  @Test(arguments: ["train", "test"]) func elevater(split: String) throws {
    let index = try adapter("EuroSAT").index(root: Self.folder, split: split)
    #expect(index.layout == "elevater")
    #expect(try found(index) == Self.expected("classification/eurosat_clip_20210930/\(split)"))
    #expect(index.samples.allSatisfy { $0.byteCount != nil })
  }

  @Test func elevaterMultiLabel() throws {
    let root = Self.folder.appending(path: "classification")
    let index = try adapter("VOC2007").index(root: root, split: "test")
    #expect(index.layout == "elevater")
    #expect(try shown(index) == Self.expected("classification/voc2007_20211030"))
  }

  @Test func elevaterAsDataOfOnesOwn() throws {
    let root = Self.folder.appending(path: "classification/eurosat_clip_20210930")
    let index = try ElevaterFolder().index(root: root, split: "test")
    #expect(index.classes.first?.id == "forest" && index.samples.count == 10)
    #expect(try ElevaterFolder().splits(root: root) == ["train", "test"])
  }
}
