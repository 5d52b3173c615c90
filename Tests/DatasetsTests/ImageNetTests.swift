import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Class indices: n01440764 tench 0, n01443537 goldfish 1, n02119789 kit fox 278 (sorted WordNet ids).
@Suite struct ImageNetTests {
  private let adapter = ImageNet()

  @Test(arguments: ["", "imagenet/", "imagenet/images/", "ILSVRC2012/", "images/"])
  func wordNetFolders(lead: String) throws {
    let scene = try Scene(
      images: [
        "\(lead)val/n02119789/ILSVRC2012_val_00000002.JPEG",
        "\(lead)val/n01440764/ILSVRC2012_val_00000009.jpeg",
        "\(lead)val/n01440764/ILSVRC2012_val_00000001.JPG",
      ],
      texts: ["\(lead)val/n01440764/.DS_Store": "x", "\(lead)val/README.md": "x"])
    let index = try adapter.index(root: scene.root, split: "validation")
    #expect(index.layout == "wnid-folders" && index.split == "val")
    #expect(
      index.samples.map(\.id) == [
        "val/n01440764/ILSVRC2012_val_00000001.JPG", "val/n01440764/ILSVRC2012_val_00000009.jpeg",
        "val/n02119789/ILSVRC2012_val_00000002.JPEG",
      ])
    #expect(index.samples.map(\.label) == [0, 0, 278])
    #expect(index.ignoredFiles == ["val/README.md", "val/n01440764/.DS_Store"])
    #expect(index.classes.count == 1000 && index.classes[278].id == "n02119789")
    #expect(index.isPartial && index.expectedCount == 50_000)
  }

  @Test func theSplitFolderItselfIsFound() throws {
    let scene = try Scene(images: ["val/n02119789/a.JPEG"])
    let index = try adapter.index(root: scene.root.appending(path: "val"), split: "val")
    #expect(index.samples.map(\.id) == ["val/n02119789/a.JPEG"])
  }

  /// Sorted as text, 10 would come before 2 and be class 2.
  @Test func numberedFoldersAreNumbers() throws {
    let scene = try Scene(images: [0, 1, 10, 2, 999].map { "val/\($0)/x.jpeg" })
    let index = try adapter.index(root: scene.root, split: "val")
    #expect(index.layout == "numbered-folders")
    #expect(
      Dictionary(uniqueKeysWithValues: index.samples.map { ($0.id, $0.label) }) == [
        "val/0/x.jpeg": 0, "val/1/x.jpeg": 1, "val/10/x.jpeg": 10, "val/2/x.jpeg": 2,
        "val/999/x.jpeg": 999,
      ])
    let padded = try Scene(images: ["val/007/x.jpeg", "val/010/x.jpeg"])
    let index2 = try adapter.index(root: padded.root, split: "val")
    #expect(index2.samples.map(\.label) == [7, 10])
    #expect(index2.notes.count == 1)

    let fromOne = try Scene(images: ["val/1/x.jpeg", "val/1000/x.jpeg"])
    #expect(throws: EvalError.self) { try adapter.index(root: fromOne.root, split: "val") }
    let twice = try Scene(images: ["val/1/x.jpeg", "val/001/x.jpeg"])
    #expect(throws: EvalError.self) { try adapter.index(root: twice.root, split: "val") }
  }

  /// The ground truth counts ILSVRC2012_IDs from 1, in an order that only meta.mat knows.
  @Test func flatValidationWithDevkit() throws {
    let data = "ILSVRC2012_devkit_t12/data"
    let truth = "\(data)/ILSVRC2012_validation_ground_truth.txt"
    let scene = try Scene(
      images: [
        "imagenet/val/ILSVRC2012_val_00000001.JPEG", "imagenet/val/ILSVRC2012_val_00000003.JPEG",
        "imagenet/val/extra.JPEG",
      ], texts: ["imagenet/\(truth)": "449\n2\n1\n"],
      copies: ["imagenet/\(data)/meta.mat": "imagenet/meta.mat"])
    let index = try adapter.index(root: scene.root, split: "val")
    #expect(index.layout == "flat-val-devkit")
    #expect(index.samples.map(\.label) == [0, 1, 278])
    // The second image is missing: it stays, without a size.
    #expect(index.samples.map { $0.byteCount != nil } == [true, false, true])
    #expect(index.samples[1].id == "val/ILSVRC2012_val_00000002.JPEG")
    #expect(index.ignoredFiles == ["val/extra.JPEG"])

    try scene.write(Data("449\n1001\n".utf8), to: "imagenet/\(truth)")
    let inner = #expect(throws: EvalError.self) {
      try adapter.index(root: scene.root, split: "val")
    }
    #expect(inner?.subject?.hasSuffix("ground_truth.txt:2") == true)
  }

  @Test func kaggle() throws {
    let scene = try Scene(
      images: (1...2).map { "ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_0000000\($0).JPEG" },
      texts: [
        "LOC_val_solution.csv":
          "ImageId,PredictionString\r\nILSVRC2012_val_00000002,n01443537 85 1 499 272 \r\n"
          + "ILSVRC2012_val_00000001,n02119789 1 2 3 4 n02119789 5 6 7 8 \r\n"
      ])
    let index = try adapter.index(root: scene.root, split: "val")
    #expect(index.layout == "kaggle-cls-loc")
    #expect(index.samples.map(\.label) == [278, 1])
    #expect(index.samples.allSatisfy { $0.byteCount == 646 })
  }

  @Test(arguments: ["meta.bin", "meta-legacy.bin"]) func torchvisionCache(name: String) throws {
    let scene = try Scene(
      images: (1...3).map { "val/ILSVRC2012_val_0000000\($0).JPEG" },
      copies: ["meta.bin": "imagenet/\(name)"])
    let index = try adapter.index(root: scene.root, split: "val")
    #expect(index.layout == "flat-val-meta.bin")
    #expect(index.samples.map(\.label) == [1, 0, 1])
    try scene.write(
      Data(contentsOf: fixtures.appending(path: "pickles/hostile.pickle")), to: "meta.bin")
    #expect(throws: EvalError.self) { try adapter.index(root: scene.root, split: "val") }
  }

  @Test func flatValidationWithoutLabelsSaysWhatIsMissing() throws {
    let scene = try Scene(images: ["val/ILSVRC2012_val_00000001.JPEG"])
    let error = #expect(throws: EvalError.self) {
      try adapter.index(root: scene.root, split: "val")
    }
    #expect(error?.kind == .notFound)
    #expect(error?.message.contains("meta.bin") == true)
  }

  @Test func tinyImageNet() throws {
    let lead = "tiny-imagenet-200"
    let scene = try Scene(
      images: [
        "\(lead)/train/n02119789/images/n02119789_0.JPEG",
        "\(lead)/train/n01443537/images/n01443537_0.JPEG", "\(lead)/val/images/val_0.JPEG",
        "\(lead)/val/images/val_1.JPEG",
      ],
      texts: [
        "\(lead)/wnids.txt": "n02119789\nn01443537\n", "\(lead)/words.txt": "n02119789\tkit fox\n",
        "\(lead)/val/val_annotations.txt":
          "val_1.JPEG\tn02119789\t0\t0\t9\t9\nval_0.JPEG\tn01443537\t0\t0\t9\t9\n",
        "\(lead)/train/n02119789/n02119789_boxes.txt": "n02119789_0.JPEG\t0\t0\t9\t9",
      ])
    let train = try adapter.index(root: scene.root, split: "train")
    #expect(train.layout == "tiny-imagenet")
    #expect(train.classes.map(\.id) == ["n01443537", "n02119789"])
    #expect(train.classes[1].name == "kit fox")
    #expect(train.samples.map(\.label) == [0, 1])
    #expect(train.ignoredFiles == ["train/n02119789/n02119789_boxes.txt"])
    let val = try adapter.index(root: scene.root, split: "val")
    #expect(val.samples.map(\.id) == ["val/images/val_0.JPEG", "val/images/val_1.JPEG"])
    #expect(val.samples.map(\.label) == [0, 1])
  }

  /// Shards keep their numeric order, and images are byte ranges of them.
  @Test(arguments: ["val", "imagenet1k-validation"]) func webDataset(form: String) throws {
    let lead = form == "val" ? "val/" : "imagenet1k-validation-"
    let scene = try Scene(copies: [
      "imagenet/\(lead)10.tar": "shards/10.tar", "imagenet/\(lead)0.tar": "shards/0.tar",
      "imagenet/\(lead)2.tar": "shards/2.tar",
    ])
    let index = try adapter.index(root: scene.root, split: "val")
    #expect(index.layout == "webdataset")
    #expect(index.samples.map(\.label) == [7, 3, 0])
    #expect(index.samples[0].id == "\(lead)0.tar#s0000000.jpg")
    #expect(index.ignoredFiles == ["\(lead)10.tar#note.txt"])
    for (sample, name) in zip(index.samples, ["tiny.jpg", "tiny.png", "tiny.jpg"]) {
      guard case .range(let url, let offset, let count) = sample.source else {
        Issue.record("expected a range")
        continue
      }
      let bytes = try Data(contentsOf: url)[offset..<offset + count]
      #expect(try bytes == Data(contentsOf: fixtures.appending(path: name)))
    }
  }

  /// ILSVRC2012_img_train.tar unpacked once; the shard's `.cls` is no image.
  @Test func archivesPerClass() throws {
    let scene = try Scene(copies: [
      "train/n02119789.tar": "shards/0.tar", "train/n01443537.tar": "shards/10.tar",
    ])
    let index = try adapter.index(root: scene.root, split: "train")
    #expect(index.layout == "wnid-tars")
    #expect(index.samples.map(\.label) == [1, 278])
    #expect(index.samples[1].id == "train/n02119789.tar#s0000000.jpg")
    #expect(index.ignoredFiles.contains("train/n02119789.tar#s0000000.cls"))
  }

  @Test func whatIsNotReadIsNamed() throws {
    let parquet = try Scene(texts: ["imagenet/data/val-00000-of-00014.parquet": "PAR1"])
    let error = #expect(throws: EvalError.self) {
      try adapter.index(root: parquet.root, split: "val")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject?.hasSuffix("val-00000-of-00014.parquet, byte 0") == true)
    let packed = try Scene(texts: ["ILSVRC2012_img_val.tar": ""])
    let tar = #expect(throws: EvalError.self) { try adapter.index(root: packed.root, split: "val") }
    #expect(
      tar?.message.hasPrefix("flat images without labels: looked for LOC_val_solution.csv") == true)
    let foreign = try Scene(images: ["val/n99999999/a.JPEG", "val/n01440764/a.JPEG"])
    let unknown = #expect(throws: EvalError.self) {
      try adapter.index(root: foreign.root, split: "val")
    }
    #expect(unknown?.kind == .malformedData)
  }
}
