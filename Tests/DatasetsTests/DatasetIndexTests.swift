import Core
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatasetIndexTests {
  private func scene() throws -> Scene {
    try Scene(images: (0..<10).map { "set/\($0 % 2)/\($0).jpg" })
  }

  /// SHA-256 of the documented lines, written out here.
  @Test func fingerprintIsWhatTheDocumentationSays() throws {
    let scene = try scene()
    let index = try ImageFolder().index(root: scene.root.appending(path: "set"), split: "all")
    let lines = index.samples.map { "\($0.id)\0\(index.classes[$0.label].id)\u{0}646\n" }
    #expect(index.samples.count == 10 && lines == lines.sorted())
    #expect(index.fingerprint == SHA256.hash(lines.joined()))

    let hashes = index.samples.map { SHA256.hash($0.id) }
    let content = index.samples.map {
      "\($0.id)\0\(index.classes[$0.label].id)\0\(SHA256.hash($0.id).hex)\n"
    }
    #expect(
      index.contentFingerprint(ofSampleHashes: hashes) == SHA256.hash(content.joined()))
    var missing: [SHA256Digest?] = hashes
    missing[3] = nil
    #expect(
      index.contentFingerprint(ofSampleHashes: missing)
        != index.contentFingerprint(ofSampleHashes: hashes))
  }

  @Test func limitTakesEvenSteps() throws {
    let scene = try scene()
    let index = try ImageFolder().index(root: scene.root.appending(path: "set"), split: "all")
    let limited = index.limited(to: 4)
    #expect(limited.samples.map(\.id) == [0, 2, 5, 7].map { index.samples[$0].id })
    #expect(limited.isPartial && limited.expectedCount == 10)
    #expect(limited.fingerprint != index.fingerprint)
    #expect(limited.perClassCounts == [2, 2])
    #expect(index.limited(to: 10).fingerprint == index.fingerprint)
    #expect(!index.limited(to: 11).isPartial)
    #expect(index.limited(to: 0).samples.isEmpty)
  }

  @Test func registryKnowsAliasesAndNearMisses() throws {
    #expect(try DatasetRegistry.adapter(named: "imagenet1k").info.id == "ImageNet")
    #expect(try DatasetRegistry.adapter(named: "vtab/pets").info.id == "OxfordPets")
    #expect(try DatasetRegistry.adapter(named: "cifar10").info.id == "CIFAR10")
    let error = #expect(throws: EvalError.self) { try DatasetRegistry.adapter(named: "CIFAR1O") }
    #expect(error?.kind == .usage && error?.remedy?.contains("CIFAR10") == true)
    let split = #expect(throws: EvalError.self) {
      try MNIST().index(root: fixtures, split: "tset")
    }
    #expect(split?.kind == .usage && split?.remedy?.contains("test") == true)
    let names = DatasetRegistry.all.flatMap { [$0.info.id.lowercased()] + $0.info.aliases }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0 == $0.lowercased() })
  }

  /// Metrics and class counts of the paper's Table 9.
  @Test(arguments: [
    ("CIFAR10", "accuracy", 10, "test", 10_000), ("CIFAR100", "accuracy", 100, "test", 10_000),
    ("OxfordPets", "mean-per-class", 37, "test", 3669),
    ("Caltech101", "mean-per-class", 102, "openai/test", 6084),
    ("MNIST", "accuracy", 10, "test", 10_000),
    ("EuroSAT", "accuracy", 10, "openai/test", 5000), ("ImageNet", "accuracy", 1000, "val", 50_000),
    ("PACS-photo", "accuracy", 7, "all", 1670), ("PACS", "accuracy", 7, "all", 9991),
  ]) func facts(id: String, metric: String, classes: Int, split: String, count: Int) throws {
    let info = try DatasetRegistry.adapter(named: id).info
    #expect(info.metric == metric && info.classCount == classes && info.defaultSplit == split)
    #expect(info.chance == 1 / Double(classes))
    #expect(try info.split(named: split).expectedCount == count)
  }

  @Test func aVariantIsRecognisedByItsCounts() throws {
    let names = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"]
    let scene = try Scene()
    for i in 0..<1670 { try scene.write(Data(), to: "pacs/photo/\(names[i % 7])/\(i).jpg") }
    let photo = try DatasetRegistry.adapter(named: "PACS-photo")
    let index = try photo.index(root: scene.root, split: "all")
    #expect(index.variant == "official" && !index.isPartial && index.expectedCount == 1670)
    #expect(index.limited(to: 100).isPartial)
    try scene.write(Data(), to: "pacs/photo/dog/more.jpg")
    #expect(try photo.index(root: scene.root, split: "all").isPartial)
  }
}
