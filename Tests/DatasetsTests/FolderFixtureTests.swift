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
  /// torchvision has no reader of the others.
  static let inTorchvision = datasets.filter { $0 != "Birdsnap" && $0 != "RESISC45" }

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

  @Test(arguments: datasets)
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
    let info = try DatasetRegistry.adapter(named: name).info
    let folder = fixtures.appending(path: name)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix("torchvision") && $0.hasSuffix(".json") }
    #expect(!files.isEmpty)
    for file in files {
      let split =
        file == "torchvision.json"
        ? info.defaultSplit : String(file.dropFirst("torchvision-".count).dropLast(".json".count))
      var rows = try json("\(name)/\(file)", as: [Row].self)
      // Rows of tables have numbers, and the table's order.
      let hasPaths = rows.contains { $0.name.contains("/") }
      if hasPaths { rows.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
      let index = try index(name, layout: "torchvision", split: split)
      try #require(index.samples.count == rows.count, "\(file)")
      for (sample, row) in zip(index.samples, rows) {
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
}
