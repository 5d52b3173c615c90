import CLIPModels
import Core
import Foundation
import Neural
import TensorFiles
import TestSupport
import Testing

/// Fixtures of Tools/make-resnet-fixtures.py.
@Suite("ModifiedResNet against PyTorch") struct ResNetParityTests {
  static let towers = [
    "narrow": ResNetConfiguration(
      imageSize: 64, width: 4, stages: [2, 1, 1, 2], heads: 2, embeddingWidth: 20),
    "odd": ResNetConfiguration(
      imageSize: 96, width: 6, stages: [1, 2, 1, 1], heads: 3, embeddingWidth: 24),
  ]

  private func loader(_ name: String) throws -> WeightLoader {
    let url = TestPaths.fixtures.appending(path: "resnet/\(name).safetensors")
    return WeightLoader(file: try SafetensorsFile(url), mapping: TensorMapping(scheme: .openAI))
  }

  /// Cosine and largest element-wise difference of unit features, the worst of the fixture's images.
  private func compare(_ name: String, batchSize: Int, _ precision: TowerPrecision) throws -> (
    cosine: Double, difference: Float
  ) {
    let configuration = try #require(Self.towers[name])
    let tower = try ModifiedResNet(
      configuration, loader: loader(name), batchSize: batchSize, precision: precision)
    let width = configuration.embeddingWidth
    #expect(tower.featureWidth(.pooled) == width && tower.featureWidth(.projected) == width)
    let url = TestPaths.fixtures.appending(path: "resnet/\(name).expected.safetensors")
    let file = try SafetensorsFile(url)
    let (pixels, expected) = (
      try file.tensor("pixels").floats(), try file.tensor("features").floats()
    )
    let imageLength = 3 * configuration.imageSize * configuration.imageSize
    let encoder = try tower.makeEncoder()
    var cosine = 1.0
    var difference: Float = 0
    for first in stride(from: 0, to: pixels.count / imageLength, by: batchSize) {
      let images = Array(
        pixels[first * imageLength..<min(pixels.count, (first + batchSize) * imageLength)])
      let count = images.count / imageLength
      let padding = [Float](repeating: 0, count: (batchSize - count) * imageLength)
      for kind in FeatureKind.allCases {
        var found = [Float](repeating: 0, count: batchSize * width)
        try encoder.encode(pixels: images + padding, kind: kind, into: &found)
        for image in 0..<count {
          let a = Array(found[image * width..<(image + 1) * width])
          let b = Array(expected[(first + image) * width..<(first + image + 1) * width])
          difference = max(difference, largestUnitDifference(a, b))
          func dot(_ x: [Float], _ y: [Float]) -> Double {
            zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
          }
          cosine = min(cosine, dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot())
        }
      }
    }
    return (cosine, difference)
  }

  @Test(arguments: ["narrow", "odd"], [1, 2, 3])
  func matchesInFP32(_ name: String, batchSize: Int) throws {
    #expect(try compare(name, batchSize: batchSize, .fp32).difference <= 1e-5)
  }

  @Test(arguments: ["narrow", "odd"], [1, 3])
  func matchesInBF16(_ name: String, batchSize: Int) throws {
    guard (try? TowerPrecision.bf16.requireSupport()) != nil else {
      print("SKIPPED: this processor has no bfloat16 arithmetic")
      return
    }
    let (cosine, difference) = try compare(name, batchSize: batchSize, .bf16)
    #expect(cosine >= 0.999)
    #expect(difference > 1e-5, "bfloat16 cannot be this exact: was it used?")
  }

  @Test(arguments: TowerPrecision.allCases)
  func workersSideBySideAgree(_ precision: TowerPrecision) async throws {
    guard (try? precision.requireSupport()) != nil else {
      print("SKIPPED: this processor has no bfloat16 arithmetic")
      return
    }
    let configuration = try #require(Self.towers["odd"])
    let tower = try ModifiedResNet(
      configuration, loader: loader("odd"), batchSize: 2, precision: precision)
    let url = TestPaths.fixtures.appending(path: "resnet/odd.expected.safetensors")
    let pixels = try SafetensorsFile(url).tensor("pixels").floats()
    let width = configuration.embeddingWidth
    let all = try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let encoder = try tower.makeEncoder()
          var features = [Float](repeating: 0, count: 2 * width)
          for _ in 0..<10 {
            try encoder.encode(pixels: pixels, kind: .projected, into: &features)
          }
          return features
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all.count == 4)
    #expect(all.allSatisfy { $0 == all[0] })
  }

  @Test func anotherShapeIsAnError() throws {
    var configuration = try #require(Self.towers["odd"])
    configuration.stages = [1, 2, 1, 2]
    let missing = #expect(throws: EvalError.self) {
      try ModifiedResNet(
        configuration, loader: loader("odd"), batchSize: 1, precision: .fp32)
    }
    #expect(missing?.kind == .malformedData)
    #expect(missing?.message.contains("visual.layer4.1.conv1.weight") == true)
    configuration.stages = [1, 2, 1, 1]
    configuration.heads = 7
    let indivisible = #expect(throws: EvalError.self) {
      try ModifiedResNet(
        configuration, loader: loader("odd"), batchSize: 1, precision: .fp32)
    }
    #expect(indivisible?.kind == .malformedData)
  }

  /// RN50 and RN50x64.
  @Test func largeImagesMakeSmallBatches() {
    func size(_ imageSize: Int, _ width: Int) -> Int {
      ModifiedResNet.suitableBatchSize(
        ResNetConfiguration(
          imageSize: imageSize, width: width, stages: [3, 4, 6, 3], heads: 1, embeddingWidth: 1))
    }
    #expect(size(224, 64) == 8)
    #expect(size(448, 128) == 1)
    #expect(size(32, 2) == 16)
  }
}
