import Core
import LinearAlgebra
package import Neural

/// CLIP's ResNet image tower (Radford et al. 2021 §2.4; `ModifiedResNet` of openai/CLIP): a stem of three convolutions
/// and average pooling, four stages of bottlenecks that stride by average pooling, attention pooling.
package struct ModifiedResNet: ImageTower {
  package let imageSize: Int
  package let batchSize: Int
  let configuration: ResNetConfiguration
  let network: ConvolutionNetwork
  let pool: AttentionPool

  /// Elements of the largest activation, the stem's, that a batch keeps to: RN50's eight images. Smaller batches read
  /// the last stages' weights too often, larger ones only cost memory.
  private static let targetElements = 8.0 * 64 * 112 * 112

  package static func suitableBatchSize(_ configuration: ResNetConfiguration) -> Int {
    let side = Double(configuration.imageSize) / 2
    let elements = Double(configuration.width) * side * side
    return Int(max(1, min(16, targetElements / max(1, elements))))
  }

  /// - Throws: `EvalError.malformedData` when tensors are missing or contradict the configuration.
  package init(
    _ configuration: ResNetConfiguration, loader: WeightLoader, batchSize: Int,
    precision: TowerPrecision
  ) throws {
    let c = configuration
    guard c.imageSize > 0, c.imageSize % 32 == 0, c.width > 1, c.width % 2 == 0,
      c.stages.count == 4, c.stages.allSatisfy({ $0 > 0 }), c.heads > 0,
      c.pooledWidth % c.heads == 0
    else {
      throw EvalError(
        .malformedData,
        "a ModifiedResNet of \(c.imageSize) pixels, width \(c.width), stages \(c.stages), \(c.heads) heads",
        remedy:
          "Expected a multiple of 32 pixels, an even width, four stages, heads that divide \(c.pooledWidth) channels."
      )
    }
    self.configuration = c
    imageSize = c.imageSize
    self.batchSize = batchSize
    network = try ConvolutionNetwork(
      images: batchSize, channels: 3, height: c.imageSize, width: c.imageSize, precision: precision
    ) { builder in
      let layers = ResNetLayers(builder: builder, loader: loader)
      var x = try layers.stem(width: c.width)
      for (stage, blocks) in c.stages.enumerated() {
        for block in 0..<blocks {
          x = try layers.bottleneck(
            x, name: "image.stages.\(stage + 1).\(block)", width: c.width << stage,
            stride: stage > 0 && block == 0 ? 2 : 1)
        }
      }
      return x
    }
    pool = try AttentionPool(c, loader: loader, batchSize: batchSize, precision: precision)
  }

  /// The attention pool ends in the joint space: nothing of its own comes before the projection, so both kinds are the
  /// same.
  package func featureWidth(_ kind: FeatureKind) -> Int { configuration.embeddingWidth }

  package func makeEncoder() throws -> any ImageEncoder { try ResNetEncoder(self) }
}

private final class ResNetEncoder: ImageEncoder {
  private let worker: ConvolutionWorker
  private let pool: AttentionPoolRunner

  init(_ tower: ModifiedResNet) throws {
    worker = try ConvolutionWorker(tower.network)
    pool = try AttentionPoolRunner(tower.pool, batch: tower.batchSize)
  }

  func encode(
    pixels: UnsafePointer<Float>, kind: FeatureKind, into out: UnsafeMutablePointer<Float>
  ) throws {
    try worker.run(pixels) { try pool.run($0, into: out) }
  }
}
