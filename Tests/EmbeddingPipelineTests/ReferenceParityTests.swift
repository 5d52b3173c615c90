import CLIPModels
import Core
import Datasets
import EmbeddingStore
import Experiments
import Foundation
import Imaging
import LinearAlgebra
import Prompts
import TensorFiles
import TestSupport
import Testing

import EmbeddingPipeline

/// From files on disk to predictions, against what PyTorch and transformers computed with the same checkpoint.
@Suite("Real images against PyTorch") struct ReferenceParityTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var dataset: String
    var split: String
    /// Of the arrays under `reference/`.
    var arrays: String
    var classNames: String
    var templates: String
    /// Images the reference has, from the first on.
    var count: Int
    var testDescription: String { dataset }
  }

  static let cases = [
    Case(
      dataset: "MNIST", split: "test", arrays: "mnist_t10k_0_2000", classNames: "openai-2021",
      templates: "openai-2021", count: 2000),
    Case(
      dataset: "CIFAR10", split: "test", arrays: "cifar10_test_0_2000",
      classNames: "openai-2021", templates: "openai-2021", count: 2000),
    Case(
      dataset: "Caltech101", split: "all", arrays: "caltech101_shared",
      classNames: "openai-2021", templates: "openai-2021", count: 510),
    Case(
      dataset: "PACS", split: "all", arrays: "pacs_shared", classNames: "folder-names",
      templates: "ImageNet/openai-2021", count: 1050),
    Case(
      dataset: "ImageNet", split: "samples", arrays: "imagenet_samples",
      classNames: "openai-2021", templates: "subset7", count: 150),
  ]

  @Test(arguments: cases) func featuresAndPredictions(_ test: Case) throws {
    guard let folder = TestPaths.shared("models/clip-mini"),
      let data = TestPaths.shared("data")
    else { return }
    let cache = try TemporaryFolder()
    let store = EmbeddingStore(root: cache.url)
    // The reference was made with OpenAI's order.
    let session = try ModelSession(folder, preprocessing: PreprocessOverrides(order: .openai))
    let weights = try session.checkpoint.weightsHash()
    var index = try DatasetRegistry.adapter(named: test.dataset)
      .index(root: data, split: test.split)
    index.samples = Array(index.samples.prefix(test.count))
    #expect(index.samples.count == test.count)
    let rows = try referenceRows(test, index: index, folder: folder)
    let expected = try NPZFile.read(folder.appending(path: "reference/\(test.arrays).npz"))

    let stages = [
      (FeatureKind.projected, "image_features", test.count), (.pooled, "pooled", 150),
    ]
    for (kind, key, count) in stages {
      index.samples = Array(index.samples.prefix(count))
      let tower = try session.imageTower()
      let embedded = try ImageEmbedder(
        tower: tower, recipe: session.recipe,
        key: session.imageKey(weights: weights, kind: kind, batchSize: tower.batchSize),
        featureKind: kind, store: store, threads: 2
      ).embed(index, progress: SilentProgress())
      #expect(embedded.failures.isEmpty)
      let wanted = try #require(expected[key]).floats()
      let width = tower.featureWidth(kind)
      var largest: Float = 0
      for i in 0..<count {
        let reference = Array(wanted[rows[i] * width..<(rows[i] + 1) * width])
        largest = max(largest, unitDifference(Array(embedded.features.row(i)), reference))
      }
      #expect(largest <= 1e-5, "\(kind): largest |Δ| \(largest)")
      if kind == .projected {
        try comparePredictions(
          test, session: session, weightsHash: weights, store: store, index: index,
          features: embedded.features, rows: rows,
          argmax: try #require(expected["argmax_ensemble"]).integers().map { Int($0) })
      }
    }
  }

  /// The reference's row of each sample: by file name where it lists files, else in order.
  private func referenceRows(_ test: Case, index: DatasetIndex, folder: URL) throws -> [Int] {
    let list = folder.appending(path: "reference/\(test.arrays)_files.json")
    guard FileManager.default.fileExists(atPath: list.path) else { return Array(0..<test.count) }
    let files = try JSONDecoder().decode([String].self, from: Data(contentsOf: list))
    let position = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($1, $0) })
    return try index.samples.map { try #require(position[$0.id]) }
  }

  private func comparePredictions(
    _ test: Case, session: ModelSession, weightsHash: SHA256Digest, store: EmbeddingStore,
    index: DatasetIndex, features: Matrix, rows: [Int], argmax: [Int]
  ) throws {
    let library = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
    let names = try ClassJoin.join(
      classes: index.classes.map { ($0.id, $0.name) },
      with: library.resolve(test.classNames, dataset: test.dataset)
    ).names
    let prompts = PromptRendering.prompts(
      for: names,
      templates: try library.resolve(test.templates, dataset: test.dataset).templates)
    let texts = try TextEmbedder(
      tower: session.textTower(), tokenizer: session.tokenizer(), weights: weightsHash,
      store: store,
      threads: 2
    ).embed(prompts.flatMap(\.self), label: test.dataset, progress: SilentProgress())
    let weights = try ClassWeights.matrix(of: texts, promptCounts: prompts.map(\.count))
    let predictions = try ZeroShotClassifier(weights: weights, scale: 100)
      .predict(features, labels: index.samples.map(\.label))
    // The reference numbers classes in an order of its own: compare names, or ImageNet's indices, whose names repeat.
    let classes =
      test.dataset == "ImageNet"
      ? nil
      : try JSONDecoder().decode(
        ReferenceClasses.self,
        from: Data(
          contentsOf: session.checkpoint.folder.appending(
            path: "reference/text_\(test.dataset.lowercased()).json"))
      ).classes
    var compared = 0
    for i in 0..<test.count where predictions.margin[i] > 1e-3 {
      compared += 1
      let wanted = argmax[rows[i]]
      if let classes {
        #expect(names[predictions.prediction[i]] == [classes[wanted]], "\(index.samples[i].id)")
      } else {
        #expect(predictions.prediction[i] == wanted, "\(index.samples[i].id)")
      }
    }
    #expect(compared > test.count * 99 / 100)
  }

  private struct ReferenceClasses: Decodable {
    let classes: [String]
  }

  private func unitDifference(_ a: [Float], _ b: [Float]) -> Float {
    var (a, b) = (Matrix(rows: 1, columns: a.count, storage: a), b)
    func scale(_ x: [Float]) -> Float {
      Float(1 / x.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
    }
    let (sa, sb) = (scale(a.storage), scale(b))
    var largest: Float = 0
    for i in b.indices {
      a.storage[i] *= sa
      b[i] *= sb
      largest = max(largest, abs(a.storage[i] - b[i]))
    }
    return largest
  }
}
