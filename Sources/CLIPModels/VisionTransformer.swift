import CKernels
import Core
import LinearAlgebra

/// CLIP's ViT image tower (Radford et al. 2021 §2.4; transformers `CLIPVisionModelWithProjection`).
package struct VisionTransformer: ImageTower {
  package let imageSize: Int
  package let batchSize: Int
  let configuration: VisionTransformerConfiguration
  let transformer: Transformer
  /// [W, 3·P·P]
  let patchWeight: FloatBuffer
  let classEmbedding: FloatBuffer
  /// [T, W]
  let positions: FloatBuffer
  let preNormWeight: FloatBuffer
  let preNormBias: FloatBuffer
  let postNormWeight: FloatBuffer
  let postNormBias: FloatBuffer
  /// [D, W]
  let projection: FloatBuffer

  /// Rows (images × tokens) of a batch that keep the matrix products near their best rate; more only costs memory.
  private static let targetRows = 1600

  static func suitableBatchSize(_ configuration: VisionTransformerConfiguration) -> Int {
    max(1, min(32, targetRows / configuration.tokens))
  }

  init(_ configuration: VisionTransformerConfiguration, loader: WeightLoader, batchSize: Int) throws
  {
    let c = configuration
    let w = c.transformer.width
    self.configuration = c
    imageSize = c.imageSize
    self.batchSize = batchSize
    patchWeight = try loader.load("image.patch.weight", shape: [w, 3, c.patchSize, c.patchSize])
    classEmbedding = try loader.load("image.class", shape: [w])
    positions = try loader.load("image.positions", shape: [c.tokens, w])
    preNormWeight = try loader.load("image.preNorm.weight", shape: [w])
    preNormBias = try loader.load("image.preNorm.bias", shape: [w])
    transformer = try Transformer(
      c.transformer, name: "image.layers", isCausal: false, loader: loader)
    postNormWeight = try loader.load("image.postNorm.weight", shape: [w])
    postNormBias = try loader.load("image.postNorm.bias", shape: [w])
    projection = try loader.load("image.projection", shape: [c.embeddingWidth, w])
  }

  package func featureWidth(_ kind: FeatureKind) -> Int {
    kind == .projected ? configuration.embeddingWidth : configuration.transformer.width
  }

  package func makeEncoder() -> any ImageEncoder { VisionEncoder(self) }
}

private final class VisionEncoder: ImageEncoder {
  private let tower: VisionTransformer
  private let runner: TransformerRunner
  private let patches: FloatBuffer
  private let embedded: FloatBuffer
  private let pooled: FloatBuffer
  /// Class embedding plus its position: the same for every image.
  private let classToken: FloatBuffer

  init(_ tower: VisionTransformer) {
    let c = tower.configuration
    let b = tower.batchSize
    self.tower = tower
    runner = TransformerRunner(
      tower.transformer, sequences: b, rows: b * c.tokens, longest: c.tokens)
    patches = FloatBuffer(count: b * (c.tokens - 1) * 3 * c.patchSize * c.patchSize)
    embedded = FloatBuffer(count: b * (c.tokens - 1) * c.transformer.width)
    pooled = FloatBuffer(count: b * c.transformer.width)
    classToken = FloatBuffer(count: c.transformer.width)
    classToken.pointer.update(from: tower.classEmbedding.pointer, count: c.transformer.width)
    ck_add_bias(classToken.pointer, tower.positions.pointer, 1, c.transformer.width)
  }

  func encode(
    pixels: UnsafePointer<Float>, kind: FeatureKind, into out: UnsafeMutablePointer<Float>
  ) {
    let c = tower.configuration
    let (b, t, w) = (tower.batchSize, c.tokens, c.transformer.width)
    let patchLength = 3 * c.patchSize * c.patchSize
    let imageLength = 3 * c.imageSize * c.imageSize
    for i in 0..<b {
      ck_image_to_patches(
        pixels + i * imageLength, patches.pointer + i * (t - 1) * patchLength, 3, c.imageSize,
        c.patchSize)
    }
    gemmTransposed(
      m: b * (t - 1), n: w, k: patchLength, patches.pointer, lda: patchLength,
      tower.patchWeight.pointer, ldb: patchLength, embedded.pointer, ldc: w)
    for i in 0..<b {
      let rows = embedded.pointer + i * (t - 1) * w
      let stream = runner.stream.pointer + i * t * w
      ck_add_bias(rows, tower.positions.pointer + w, 1, (t - 1) * w)
      preNorm(classToken.pointer, into: stream, rows: 1)
      preNorm(rows, into: stream + w, rows: t - 1)
    }
    runner.run(batch: b, tokens: t, selecting: 0)
    let target = kind == .pooled ? out : pooled.pointer
    ck_bias_layer_norm(
      runner.selected.pointer, nil, tower.postNormWeight.pointer, tower.postNormBias.pointer,
      c.transformer.layerNormEpsilon, target, b, w)
    if kind == .projected {
      gemmTransposed(
        m: b, n: c.embeddingWidth, k: w, target, lda: w, tower.projection.pointer, ldb: w, out,
        ldc: c.embeddingWidth)
    }
  }

  private func preNorm(
    _ rows: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>, rows count: Int
  ) {
    ck_bias_layer_norm(
      rows, nil, tower.preNormWeight.pointer, tower.preNormBias.pointer,
      tower.configuration.transformer.layerNormEpsilon, out, count,
      tower.configuration.transformer.width)
  }
}
