import Foundation
import LinearAlgebra
import TensorFiles
import TestSupport
import Testing

import CLIPModels

/// Largest element-wise difference after normalising both to unit length.
func largestUnitDifference(_ a: [Float], _ b: [Float]) -> Float {
  func unit(_ x: [Float]) -> [Float] {
    let norm = x.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return x.map { Float(Double($0) / norm) }
  }
  return zip(unit(a), unit(b)).map { abs($0 - $1) }.max() ?? .infinity
}

@Suite("Towers against PyTorch") struct TowerParityTests {
  @Test(arguments: ["mnist": "mnist_t10k_0_2000", "cifar10": "cifar10_test_0_2000"])
  func imageFeaturesMatch(examples: String, reference: String) throws {
    guard let folder = TestPaths.shared("models/clip-mini") else { return }
    let checkpoint = try Checkpoint(folder)
    let tower = try checkpoint.imageTower()
    let pixels = try #require(
      try NPZFile.read(folder.appending(path: "reference/preprocessed_examples.npz"))[examples])
    let expected = try NPZFile.read(folder.appending(path: "reference/\(reference).npz"))
    var batch = [Float](
      repeating: 0, count: tower.batchSize * 3 * tower.imageSize * tower.imageSize)
    let values = try pixels.floats()
    batch.replaceSubrange(0..<values.count, with: values)
    for (kind, key) in [(FeatureKind.projected, "image_features"), (.pooled, "pooled")] {
      let width = tower.featureWidth(kind)
      let wanted = try #require(expected[key])
      #expect(wanted.shape[1] == width)
      let all = try wanted.floats()
      var features = [Float](repeating: 0, count: tower.batchSize * width)
      BLAS.setThreads(1)
      try tower.makeEncoder().encode(pixels: batch, kind: kind, into: &features)
      for i in 0..<pixels.shape[0] {
        let range = i * width..<(i + 1) * width
        let difference = largestUnitDifference(Array(features[range]), Array(all[range]))
        #expect(difference <= 1e-5, "\(examples) image \(i), \(kind)")
      }
    }
  }
}

/// The classes and templates a `text_X.json` of the reference lists.
private struct ReferencePrompts: Decodable {
  let classes: [String]
  let templates: [String]
}

extension TowerParityTests {
  @Test(arguments: ["mnist", "cifar10", "caltech101", "pacs", "gtsrb"])
  func textFeaturesMatch(set: String) throws {
    guard let folder = TestPaths.shared("models/clip-mini") else { return }
    let reference = folder.appending(path: "reference/text_\(set)")
    let prompts = try JSONDecoder().decode(
      ReferencePrompts.self, from: Data(contentsOf: reference.appendingPathExtension("json")))
    let arrays = try NPZFile.read(reference.appendingPathExtension("npz"))
    let expected = try #require(arrays["text_features"])
    #expect(expected.shape == [prompts.templates.count, prompts.classes.count, 128])
    let values = try expected.floats()

    let tokenizer = try CLIPTokenizer(contentsOf: folder)
    let tower = try Checkpoint(folder).textTower()
    let texts = prompts.templates.flatMap { template in
      prompts.classes.map { template.replacingOccurrences(of: "{}", with: $0) }
    }
    let tokens = try texts.map { try tokenizer.tokenize($0) }
    let features = try tower.encode(tokens, threads: 2)
    #expect(features == (try tower.encode(tokens, threads: 1)))
    var largest: Float = 0
    for i in 0..<texts.count {
      let range = i * 128..<(i + 1) * 128
      largest = max(
        largest, largestUnitDifference(Array(features.row(i)), Array(values[range])))
    }
    #expect(largest <= 1e-5, "largest |Δ| of \(texts.count) prompts")
  }
}
