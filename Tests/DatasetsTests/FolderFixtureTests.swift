import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Copies of datasets in their true layouts (Tools/make-folder-dataset-fixtures.py), and what torchvision reads in them
/// (Tools/crosscheck-torchvision.py).
@Suite struct FolderFixtureTests {
  static let datasets = [
    "Food101", "Birdsnap", "SUN397", "StanfordCars", "FGVCAircraft", "DTD", "Flowers102",
    "FER2013", "RESISC45", "GTSRB", "Country211", "RenderedSST2",
  ]
  /// Of these the fixtures are in torchvision's layout alone.
  static let older = ["OxfordPets", "EuroSAT", "Caltech101", "ImageNet"]
  /// torchvision has no reader of the others.
  static let inTorchvision = datasets.filter { $0 != "Birdsnap" && $0 != "RESISC45" } + older

  private func json<Value: Decodable>(_ path: String, as: Value.Type) throws -> Value {
    try JSONDecoder().decode(
      Value.self, from: Data(contentsOf: fixtures.appending(path: path)))
  }

  /// `test, partition 10`: the split and an option.
  private func index(_ name: String, layout: String, split: String) throws -> DatasetIndex {
    let parts = split.components(separatedBy: ", ")
    var choices: [String: String] = [:]
    for part in parts.dropFirst() {
      let words = part.split(separator: " ").map(String.init)
      choices[words[0]] = words[1]
    }
    return try DatasetRegistry.adapter(named: name).configured(choices)
      .index(root: fixtures.appending(path: "\(name)/\(layout)"), split: parts[0])
  }

  @Test(arguments: datasets + older)
  func everyLayoutAndSplit(name: String) throws {
    let expected = try json("\(name)/expected.json", as: [String: [String: [[String]]]].self)
    #expect(!expected.isEmpty)
    for (layout, splits) in expected {
      for (split, samples) in splits {
        let index = try index(name, layout: layout, split: split)
        let place = Comment("\(name), \(layout), \(split)")
        #expect(
          index.samples.map { [$0.id, index.classes[$0.label].id] } == samples, place)
        #expect(index.samples.allSatisfy { $0.byteCount != nil }, place)
        #expect(index.isPartial, place)
        #expect(
          !index.ignoredFiles.contains { $0.hasSuffix(".jpg") && !$0.contains("MACOSX") }, place)
      }
    }
  }

  private struct Row: Decodable {
    var name: String
    var owner: String
    var digest: String

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      name =
        try (try? values.decode(String.self)) ?? String(values.decode(Int.self))
      owner = try values.decode(String.self)
      digest = try values.decode(String.self)
    }
  }

  /// Images, labels and, after sorting, order are torchvision's.
  @Test(arguments: inTorchvision)
  func agreesWithTorchvision(name: String) throws {
    // Without presets: torchvision has the datasets' own splits.
    let info = try #require(DatasetRegistry.all.first { $0.info.id == name }).info
    let folder = fixtures.appending(path: name)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix("torchvision") && $0.hasSuffix(".json") }
    #expect(!files.isEmpty)
    for file in files {
      let split =
        file == "torchvision.json"
        ? info.defaultSplit
        : String(file.dropFirst("torchvision-".count).dropLast(".json".count))
      var rows = try json("\(name)/\(file)", as: [Row].self)
      // Rows of tables have numbers, and the table's order.
      let hasPaths = rows.contains { $0.name.contains("/") }
      if hasPaths { rows.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
      let index = try index(name, layout: "torchvision", split: split)
      // torchvision drops Caltech-101's images of no class.
      let samples = index.samples.filter { index.classes[$0.label].id != "BACKGROUND_Google" }
      try #require(samples.count == rows.count, "\(file)")
      for (sample, row) in zip(samples, rows) {
        if hasPaths { #expect(sample.id == row.name) }
        let owner = index.classes[sample.label]
        #expect(owner.id == row.owner || owner.name == row.owner, "\(sample.id)")
        let image = try ImageDecoder.decode(sample.source)
        let rgb = image.mode == .l ? image.pixels.flatMap { [$0, $0, $0] } : image.pixels
        #expect(image.mode == .rgb || image.mode == .l)
        #expect(SHA256.hash(Data(rgb)).hex == row.digest, "\(sample.id)")
      }
    }
  }

  /// Their fixtures lie beside (Tools/make-dataset-fixtures.py); rows and labels are numbers.
  @Test(arguments: [
    "CIFAR10": "cifar-10-batches-py", "CIFAR100": "cifar-100-python", "MNIST": "mnist",
  ])
  func recordsAgreeWithTorchvision(name: String, folder: String) throws {
    let rows = try json("\(name)/torchvision.json", as: [Row].self)
    let index = try DatasetRegistry.adapter(named: name)
      .index(root: fixtures.appending(path: folder), split: "test")
    try #require(index.samples.count == rows.count)
    for (sample, row) in zip(index.samples, rows) {
      let image = try ImageDecoder.decode(sample.source)
      let rgb = image.mode == .l ? image.pixels.flatMap { [$0, $0, $0] } : image.pixels
      #expect(String(sample.label) == row.owner)
      #expect(SHA256.hash(Data(rgb)).hex == row.digest)
    }
  }

  @Test("classes are those of the prompts, by name", arguments: datasets)
  func classesOfThePaper(name: String) throws {
    struct Prompts: Decodable {
      struct Set: Decodable {
        var classes: [Names]
      }
      /// One name, or several of one class.
      struct Names: Decodable {
        var first: String

        init(from decoder: any Decoder) throws {
          let value = try decoder.singleValueContainer()
          first = try (try? value.decode(String.self)) ?? value.decode([String].self).first ?? ""
        }
      }
      var datasets: [String: Set]
    }
    let info = try DatasetRegistry.adapter(named: name).info
    let layouts = try json("\(name)/expected.json", as: [String: [String: [[String]]]].self)
    let (layout, splits) = try #require(layouts.min { $0.key < $1.key })
    let split = try #require(splits.keys.filter { !$0.contains(",") }.min())
    let classes = try index(name, layout: layout, split: split).classes
    #expect(classes.count == info.classCount && Set(classes.map(\.id)).count == classes.count)
    guard let url = TestPaths.shared("reference/prompts.json") else { return }
    let prompts = try JSONDecoder().decode(Prompts.self, from: Data(contentsOf: url)).datasets
    let source = ["DTD": "DescribableTextures", "RenderedSST2": "SST2"][name] ?? name
    // The paper's names of emotions and signs are others than the datasets'.
    guard name != "GTSRB", let names = prompts[source]?.classes.map(\.first) else { return }
    #expect(Set(names) == Set(classes.map(\.name)))
  }

  @Test("the test split is the paper's, and so is what it trains on")
  func sizesOfThePaper() throws {
    // Half a partition each; misprints (Country211's 43,200, FER2013's two sizes); the archive's own test images (Birdsnap).
    let different: Set<String> = ["FER2013"]
    for name in Self.datasets where !different.contains(name) {
      let info = try DatasetRegistry.adapter(named: name).info
      let paper = try #require(info.paper)
      func counts(_ split: String) -> [Int] {
        info.splits.filter { $0.name == split }.flatMap(\.variants).map(\.count)
      }
      #expect(counts("test").contains(paper.test), "\(name)")
      let train = counts("train") + counts("trainval")
      #expect(train.contains(name == "Country211" ? 42_200 : paper.train), "\(name)")
    }
  }
}
