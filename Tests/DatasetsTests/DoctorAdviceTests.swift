import Core
import Foundation
import TestSupport
import Testing

import Datasets

/// What the doctor says to do.
@Suite struct DoctorAdviceTests {
  private func examine(
    _ adapter: any DatasetAdapter, _ root: URL, split: String? = nil, decodes: Bool = false
  ) throws -> DoctorReport {
    try DatasetDoctor.examine(
      adapter, root: root, split: split, decodes: decodes)
  }

  @Test func missingClassFolders() throws {
    let scene = try Scene(images: ["2750/River/River_1.jpg", "2750/Forest/Forest_1.jpg"])
    let split = try #require(examine(EuroSAT(), scene.root, split: "all").splits.first)
    #expect(split.emptyClasses.count == 8 && split.partial)
    #expect(
      split.remedies.contains {
        $0.hasPrefix(
          "No sample of AnnualCrop, HerbaceousVegetation, Highway, Industrial, Pasture and 3 more")
          && $0.contains("EuroSAT.zip") && $0.contains("clip-eval download dataset EuroSAT")
      })
    #expect(
      split.remedies.contains(
        "Closest known variant: official, 27000 samples; 26998 are lacking here."))
  }

  @Test func missingAndDamagedFiles() throws {
    let scene = try Scene(
      images: ["images/beagle_1.jpg"],
      texts: [
        "annotations/test.txt": "beagle_1 1 1 1\nbeagle_2 1 1 1\npug_1 2 1 1\n",
        "images/pug_1.jpg": "",
      ])
    let split = try #require(examine(OxfordPets(), scene.root, split: "test").splits.first)
    #expect(split.missing == ["images/beagle_2.jpg"] && split.empty == ["images/pug_1.jpg"])
    #expect(
      split.remedies.contains {
        $0.hasPrefix("1 listed file is missing. Unpack images.tar.gz, annotations.tar.gz")
      })
    #expect(split.remedies.contains { $0.hasPrefix("1 file is no image or damaged.") })
  }

  @Test func classesOfAnotherSize() throws {
    let names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship"]
    // Ten records with a label each; the class truck has none.
    var bytes = Data()
    for label in 0..<9 { bytes += [UInt8(label)] + Data(count: 3072) }
    bytes += [0] + Data(count: 3072)
    let scene = try Scene()
    try scene.write(bytes, to: "cifar-10-batches-bin/test_batch.bin")
    let split = try #require(examine(CIFAR.ten, scene.root, split: "test").splits.first)
    #expect(split.emptyClasses == ["truck"])
    #expect(split.unevenClasses.count == 10)
    let first = try #require(split.unevenClasses.first)
    #expect(first.id == "airplane" && first.samples == 2 && first.expected == 1000)
    #expect(split.unevenClasses.dropFirst().dropLast().map(\.id) == Array(names.dropFirst()))
  }

  /// Ten images a class are those of the official split, and not of the copy of a Kaggle course.
  @Test func classesOfAnotherVariant() throws {
    let scene = try Scene()
    for image in 0..<818 { try scene.write(Data(), to: "flower_data/valid/1/\(image).jpg") }
    let split = try #require(examine(Flowers102(), scene.root, split: "val").splits.first)
    #expect(split.variant == "PyTorch challenge" && split.unevenClasses == [])
    try scene.write(Data(), to: "flower_data/valid/1/818.jpg")
    let more = try #require(examine(Flowers102(), scene.root, split: "val").splits.first)
    #expect(more.variant == nil && more.unevenClasses.count == 102)
    #expect(more.remedies.contains { $0.contains("1 more is here: look for copies") })
  }

  /// Headers are right and what follows is not: only decoding tells.
  @Test func decoding() throws {
    let scene = try Scene(images: ["x/good.jpg", "y/good.jpg"])
    let whole = try Data(contentsOf: fixtures.appending(path: "tiny.jpg"))
    try scene.write(whole.prefix(whole.count / 2), to: "x/short.jpg")
    let quick = try examine(ImageFolder(), scene.root)
    #expect(quick.exitCode == 0 && quick.splits.first?.undecodable == nil)
    let slow = try examine(ImageFolder(), scene.root, decodes: true)
    let split = try #require(slow.splits.first)
    #expect(split.undecodable?.map(\.id) == ["x/short.jpg"])
    #expect(split.undecodable?.first?.reason.isEmpty == false)
    #expect(slow.exitCode == 65 && split.remedies.count == 1)
    let good = try Scene(images: ["x/good.jpg"])
    #expect(try examine(ImageFolder(), good.root, decodes: true).splits.first?.undecodable == [])
  }

  @Test func nothingIsFound() throws {
    let scene = try Scene(texts: ["EuroSAT.zip": "x", "sets/caltech-101.zip": "x"])
    let eurosat = try examine(EuroSAT(), scene.root)
    #expect(eurosat.exitCode == 66 && eurosat.splits.isEmpty)
    let remedies = try #require(eurosat.failures.first?.remedies)
    #expect(remedies.first == "EuroSAT.zip is there and still packed: unpack it beside itself.")
    #expect(remedies.contains { $0.contains("clip-eval download dataset EuroSAT --data-root") })
    let caltech = try examine(Caltech101(), scene.root).failures.first?.remedies.first
    #expect(caltech?.hasPrefix("sets/caltech-101.zip is there") == true)

    let renamed = try Scene(images: ["EuroSat-RGB-small/a/b.jpg"])
    #expect(
      try examine(EuroSAT(), renamed.root).failures.first?.remedies.first?.hasPrefix(
        "EuroSat-RGB-small looks like it") == true)
    #expect(
      try examine(ImageNet(), renamed.root).failures.first?.remedies.contains {
        $0.hasPrefix("By hand: Register at image-net.org")
      } == true)
  }

  @Test func foldersOfAnotherDatasetAreToldAsSuch() throws {
    let scene = try Scene(images: ["imagenetv2-matched-frequency-format-val/3/a.jpg"])
    let remedies = try #require(try examine(ImageNet(), scene.root).failures.first?.remedies)
    #expect(
      remedies.first
        == "imagenetv2-matched-frequency-format-val is called like ImageNetV2, which is another dataset than ImageNet."
    )
    #expect(!remedies.contains { $0.contains("looks like it") })
  }

  /// ImageNetV2 in folders of ImageNet's form is ten images a class; nine are a part of ImageNet.
  @Test(arguments: [9, 10])
  func aRelativeOfTheSameSizeIsNamed(imagesOfAClass: Int) throws {
    let names = (0..<1000).flatMap { number in
      (0..<imagesOfAClass).map { ("val/\(number)/\($0).jpeg", "x") }
    }
    let scene = try Scene(texts: Dictionary(uniqueKeysWithValues: names))
    let split = try #require(try examine(ImageNet(), scene.root, split: "val").splits.first)
    #expect(split.partial && split.samples == 1000 * imagesOfAClass)
    #expect(split.remedies.contains { $0.contains("ImageNetV2") } == (imagesOfAClass == 10))
  }

  /// An empty file is empty and cannot be decoded, and is one file to replace.
  @Test func damagedFilesCountOnce() throws {
    let scene = try Scene(images: ["x/good.jpg"], texts: ["x/empty.jpg": ""])
    let split = try #require(try examine(ImageFolder(), scene.root, decodes: true).splits.first)
    #expect(split.empty == ["x/empty.jpg"] && split.undecodable?.map(\.id) == ["x/empty.jpg"])
    #expect(split.remedies.first?.hasPrefix("1 file is no image or damaged.") == true)
  }

  /// Layouts that see no split say what they looked for.
  @Test(arguments: ["idx", "csv", "webdataset", "parquet", "image-folder", "voc", "captions"])
  func genericLayoutsAnswer(_ name: String) throws {
    let scene = try Scene(texts: ["notes.md": "x"])
    let report = try examine(DatasetRegistry.adapter(named: name), scene.root)
    #expect(report.splits.isEmpty && report.failures.count == 1 && report.exitCode == 66)
    #expect(report.failures.first?.message.contains("looked in") == true)
  }

  @Test func partsOfPresets() throws {
    let scene = try Scene(
      images: (1...3).flatMap { n in
        FolderLists.eurosat.map { "2750/\($0)/\($0)_\(n).jpg" }
      })
    let report = try examine(
      DatasetRegistry.adapter(named: "EuroSAT"), scene.root, split: "openai/train")
    let split = try #require(report.splits.first)
    #expect(split.split == "openai/train" && split.samples == 30 && split.expected == 10_000)
    #expect(split.partial && split.notes.contains { $0.contains("seed 0") })
    // Three images a class: all go to the training part.
    let test = try examine(DatasetRegistry.adapter(named: "EuroSAT"), scene.root, split: "openai")
    #expect(test.exitCode == 66 && test.failures.first?.remedies == [])
    #expect(test.failures.first?.message.contains("this copy is too small") == true)
  }
}

private enum FolderLists {
  static let eurosat = [
    "AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial", "Pasture",
    "PermanentCrop", "Residential", "River", "SeaLake",
  ]
}
