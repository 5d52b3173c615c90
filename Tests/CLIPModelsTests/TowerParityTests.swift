import Foundation
import LinearAlgebra
import TensorFiles
import TestSupport
import Testing

@testable import CLIPModels

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
      tower.makeEncoder().encode(pixels: batch, kind: kind, into: &features)
      for i in 0..<pixels.shape[0] {
        let range = i * width..<(i + 1) * width
        let difference = largestUnitDifference(Array(features[range]), Array(all[range]))
        #expect(difference <= 1e-5, "\(examples) image \(i), \(kind)")
      }
    }
  }
}
