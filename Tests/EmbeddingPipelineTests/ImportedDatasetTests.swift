import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Imaging
import LinearAlgebra
import Prompts
import TensorFiles
import TestSupport
import Testing

/// Features made elsewhere beside the dataset they are of.
@Suite struct ImportedDatasetTests {
  private let folder: TemporaryFolder
  private let info = ImageFolder(id: "pets", metric: "accuracy").info

  init() throws { folder = try TemporaryFolder() }

  /// Four images of two classes, in files that are never opened.
  private func index() throws -> DatasetIndex {
    for path in ["cat/1.ppm", "cat/2.ppm", "dog/1.ppm", "dog/2.ppm"] {
      let image = folder.url.appending(path: "data/test/\(path)")
      try FileManager.default.createDirectory(
        at: image.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("P6\n1 1\n255\nabc".utf8).write(to: image)
    }
    return try ImageFolder(id: "pets", metric: "accuracy").index(
      root: folder.url.appending(path: "data"), split: "test")
  }

  /// Row r is (r + 1).
  private func table(
    ids: [String]? = nil, labels: [Int64]? = nil, count: Int? = nil, classes: [String]? = nil
  ) throws -> FeatureTable {
    let rows = count ?? ids?.count ?? labels?.count ?? 4
    var tensors = [
      TensorPayload(name: "features", shape: [rows, 1], floats: (1...rows).map { Float($0) })
    ]
    if let labels {
      tensors.append(TensorPayload(name: "labels", shape: [labels.count], integers: labels))
    }
    if let ids {
      let bytes = Data(ids.joined(separator: "\n").utf8)
      tensors.append(TensorPayload(name: "ids", type: .uint8, shape: [bytes.count], bytes: bytes))
    }
    let file = folder.url.appending(path: "f.safetensors")
    try SafetensorsFile.write(
      tensors, metadata: try classes.map { ["classes": try CanonicalJSON.string($0)] } ?? [:],
      to: file)
    return try FeatureTable(at: file)
  }

  private func failure(_ table: FeatureTable) throws -> EvalError? {
    let index = try index()
    return #expect(throws: EvalError.self) { try ImportedDataset(table, index: index, limit: nil) }
  }

  @Test(
    "rows are found by id, in any order, by the whole path or its end",
    arguments: ["test/", "/mnt/data/test/", ""])
  func byID(prefix: String) throws {
    let index = try index()
    #expect(index.samples.map(\.id).first == "test/cat/1.ppm")
    let dataset = try ImportedDataset(
      table(ids: ["dog/2.ppm", "cat/2.ppm", "cat/1.ppm", "dog/1.ppm"].map { prefix + $0 }),
      index: index, limit: nil)
    #expect(dataset.embedded.features.storage == [3, 2, 4, 1])
    #expect(dataset.embedded.labels == [0, 0, 1, 1])
    #expect(dataset.embedded.ids == index.samples.map(\.id))
    #expect(dataset.embedded.rows == [0, 1, 2, 3])
    #expect(dataset.splitHash == index.splitHash && dataset.layout == index.layout)
    #expect(dataset.embedded.contentFingerprint == nil)
  }

  @Test("what a sample can be taken for, and what it is scored with, is in the split's hash")
  func splitHash() throws {
    let plain = try index()
    // What it has always been.
    let lines = plain.samples.map { "\($0.id)\0\(plain.classes[$0.label].id)\n" }.joined()
    #expect(plain.splitHash == SHA256.hash(lines))
    var others = [plain, plain, plain, plain, plain, plain]
    others[1].classes.append(DatasetClass(id: "emu", name: "emu"))
    others[2].folds = SampleGroups(unit: "folds", keys: ["a", "b", "a", "b"])
    others[3].folds = SampleGroups(unit: "folds", keys: ["a", "a", "b", "b"])
    others[4].clips = SampleGroups(unit: "clips", keys: ["a", "a", "b", "b"])
    var candidates = CandidateLists()
    for list in [[0, 1], [0], [1], [0, 1]] { candidates.append(list) }
    others[5].candidates = candidates
    #expect(Set(others.map(\.splitHash)).count == 6)
  }

  @Test("samples without a row are failures; --limit takes the samples a model run would")
  func missingRows() throws {
    let index = try index()
    let features = try table(ids: ["test/dog/2.ppm", "test/cat/1.ppm", "test/dog/1.ppm"])
    let dataset = try ImportedDataset(features, index: index, limit: nil)
    #expect(dataset.embedded.failures.map(\.id) == ["test/cat/2.ppm"])
    #expect(dataset.embedded.rows == [0, 2, 3])
    #expect(dataset.embedded.features.storage == [2, 3, 1])
    let limited = try ImportedDataset(features, index: index, limit: 2)
    #expect(limited.embedded.ids == ["test/cat/1.ppm", "test/dog/1.ppm"])
    #expect(limited.embedded.rows == [0, 1])
    #expect(limited.expectedCount == 4 && limited.isPartial)
    #expect(limited.splitHash == index.limited(to: 2).splitHash)
  }

  @Test("without ids, or with foreign ones, the labels must be the dataset's one by one")
  func byLabels() throws {
    for ids in [nil, ["a", "b", "c", "d"]] {
      let dataset = try ImportedDataset(
        table(ids: ids, labels: [0, 0, 1, 1]), index: index(), limit: nil)
      #expect(dataset.embedded.features.storage == [1, 2, 3, 4])
      #expect(dataset.notes.contains { $0.contains("in the dataset's order") })
      #expect(try failure(table(ids: ids))?.message.hasPrefix("nothing says which row") == true)
    }
    let wrong = try failure(table(labels: [0, 0, 0, 1]))
    #expect(
      wrong?.message
        == "the label is 0 (cat), in the dataset the sample test/dog/1.ppm has 1 (dog)")
    #expect(wrong?.subject?.hasSuffix("f.safetensors, row 2") == true)
    #expect(wrong?.remedy?.contains("classes.txt") == true)
    #expect(
      try failure(table(labels: [0, 0, 1]))?.message.hasPrefix("expected 4 rows") == true)
    #expect(
      try failure(table(labels: [0, 0, 1, 2]))?.message.hasPrefix(
        "expected a label from 0 to 1") == true)
  }

  @Test("images that show several classes have no label that a file's could be held against")
  func severalClasses() throws {
    var index = try index()
    for sample in index.samples.indices { index.samples[sample].label = DatasetSample.noLabel }
    var shown = LabelMatrix(classCount: 2)
    for row in [[1, -1], [1, 1], [-1, 1], [0, 1]] {
      shown.append(row.compactMap { LabelMatrix.Label(rawValue: Int8($0)) })
    }
    index.multiLabels = shown
    let ids = ["test/dog/2.ppm", "test/cat/1.ppm"]
    let dataset = try ImportedDataset(
      table(ids: ids, labels: [1, 0]), index: index, limit: nil)
    #expect(dataset.embedded.features.storage == [2, 1])
    #expect(dataset.embedded.multiLabels?.labels == [.positive, .negative, .difficult, .positive])
    // Nor can labels say which row is which image.
    let error = #expect(throws: EvalError.self) {
      try ImportedDataset(table(labels: [0, 0, 1, 1]), index: index, limit: nil)
    }
    #expect(
      error?.message == "nothing says which row is which image: the file has no ids",
      "\(error?.message ?? "")")
  }

  @Test("labels in another order of classes, when the file says which")
  func classOrder() throws {
    let dataset = try ImportedDataset(
      table(labels: [1, 1, 0, 0], classes: ["dog", "cat"]), index: index(), limit: nil)
    #expect(dataset.embedded.labels == [0, 0, 1, 1])
    let unknown = try failure(table(labels: [1, 1, 0, 0], classes: ["dgo", "cat"]))
    #expect(unknown?.message == "the class \"dgo\" is none of pets")
    #expect(unknown?.remedy == "Did you mean dog?")
  }

  @Test("ids that are found are checked: unknown ones, two of one sample, other labels")
  func wrongIDs() throws {
    let unknown = try failure(table(ids: ["test/cat/1.ppm", "test/cat/9.ppm"]))
    #expect(unknown?.message.hasPrefix("the id is none of the 4 samples") == true)
    #expect(unknown?.subject?.hasSuffix("row 1 (test/cat/9.ppm)") == true)
    let twice = try failure(table(ids: ["test/cat/1.ppm", "/x/test/cat/1.ppm"]))
    #expect(twice?.message == "rows 0 and 1 are both of test/cat/1.ppm")
    let label = try failure(table(ids: ["test/dog/1.ppm", "test/cat/1.ppm"], labels: [1, 1]))
    #expect(label?.message.hasPrefix("the label is 1 (dog)") == true)
    #expect(label?.subject?.hasSuffix("row 1 (test/cat/1.ppm)") == true)
  }

  @Test("without the dataset the file's labels count, and the result says so")
  func featuresOnly() throws {
    let classes = ["cat", "dog"].map { DatasetClass(id: $0, name: $0) }
    let split = SplitInfo(
      name: "test", variants: [SplitVariant("all", count: 4, classes: 2, perClass: 2)])
    func imported(_ table: FeatureTable, limit: Int? = nil) throws -> ImportedDataset {
      try ImportedDataset(table, info: info, split: split, classes: classes, limit: limit)
    }
    let ids = try index().samples.map(\.id)
    let whole = try imported(table(ids: ids, labels: [0, 0, 1, 1]))
    #expect(whole.layout == "features-only" && whole.variant == "all" && !whole.isPartial)
    #expect(whole.splitHash == (try index().splitHash))
    #expect(whole.notes.count == 1)
    let part = try imported(table(labels: [0, 0, 1, 1]), limit: 2)
    #expect(part.embedded.features.storage == [1, 3] && part.embedded.rows == [0, 2])
    #expect(part.variant == nil && part.isPartial && part.expectedCount == 4)
    // Rows without ids go by their numbers: the labels, and how many of them, are part of the hash.
    let hashes = try [
      part, imported(table(labels: [0, 0, 1, 1])), imported(table(labels: [1, 0, 1, 1]), limit: 2),
    ].map(\.splitHash)
    #expect(!hashes.contains(nil) && Set(hashes).count == 3)
    for (table, message) in [
      (try table(), "holds no labels"),
      (try table(labels: [0, 1, 2]), "expected a label from 0 to 1"),
    ] {
      let error = #expect(throws: EvalError.self) { try imported(table) }
      #expect(error?.message.hasPrefix(message) == true)
    }
  }

  @Test(
    "classifier rows are joined by name, in the class-name set's order only where they have none")
  func classifier() throws {
    let set = try PromptSet(
      dataset: "pets", name: "s", version: 1, source: "test",
      classes: [
        .init(id: "dog", names: ["hound"]), .init(id: "emu", names: ["emu"]),
        .init(id: "cat", names: ["cat"]),
      ], templates: [])
    let classes = ["cat", "dog"].map { DatasetClass(id: $0, name: $0) }
    let join = try ClassJoin.join(classes: classes.map { ($0.id, $0.name) }, with: set)
    func rows(_ ids: [String]?, count: Int) throws -> [Float] {
      try ImportedTexts.classifier(
        table(ids: ids, count: count), classes: classes, names: set, join: join
      ).storage
    }
    #expect(try rows(nil, count: 3) == [3, 1])
    #expect(try rows(["Hound", "CAT"], count: 2) == [2, 1])
    #expect(try rows(["hound", "dog", "cat"], count: 3) == [3, 2])
    for (ids, count, message) in [
      (nil, 2, "expected 3 rows"), (["cat", "x"], 2, "no row is named for the class dog"),
      (["cat", "dog", "DOG"], 3, "rows 1 and 2 are both named"),
    ] as [([String]?, Int, String)] {
      let error = #expect(throws: EvalError.self) { try rows(ids, count: count) }
      #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }
  }

  @Test("what the manifest says is checked against what the file says, and against the features")
  func provenance() throws {
    let pets = folder.url.appending(path: "F/pets")
    try FileManager.default.createDirectory(at: pets, withIntermediateDirectories: true)
    try SafetensorsFile.write(
      [TensorPayload(name: "features", shape: [1, 2], floats: [0.6, 0.8])],
      metadata: ["feature": "projected", "precision": "fp16"],
      to: pets.appending(path: "test.safetensors"))
    let manifest = folder.url.appending(path: "F/embeddings.yaml")
    func read(_ text: String) throws -> FeatureProvenance {
      try text.write(to: manifest, atomically: true, encoding: .utf8)
      let opened = try EmbeddingsFolder(folder.url.appending(path: "F"))
      let source = try opened.source(of: info, split: SplitInfo(name: "TEST"))
      return try opened.provenance(of: FeatureTable(source))
    }
    let said = try read("model: ViT-B/32\nlogitScale: 100\nnormalized: true\n")
    #expect(said.model == "ViT-B/32" && said.featureKind == "projected")
    #expect(said.isNormalized == true && said.precision == "fp16" && said.logitScale == 100)
    #expect(said.preprocessing == nil && said.activation == nil)
    #expect(try read("{}").logitScale == nil)
    for (text, message) in [
      ("precision: fp32", "the manifest says precision fp32"), ("logitScale: -1", "positive"),
      ("normalized: yes", "expected true or false"), ("modle: x", "unknown key"),
      ("datasets: {pets: {splits: {test: absent.npy}}}", "is not there"),
      ("datasets: {pets: {splits: {test: ../F}}}", "expected a .safetensors"),
    ] {
      let error = #expect(throws: EvalError.self) { try read(text) }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
    try SafetensorsFile.write(
      [TensorPayload(name: "features", shape: [1, 2], floats: [6, 8])],
      to: pets.appending(path: "test.safetensors"))
    let long = #expect(throws: EvalError.self) { try read("normalized: true") }
    #expect(long?.message.contains("said to be of length 1") == true)
  }
}
