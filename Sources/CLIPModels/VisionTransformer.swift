import CKernels
import Core
import LinearAlgebra
import Neural

/// CLIP's ViT image tower (Radford et al. 2021 §2.4; transformers `CLIPVisionModelWithProjection`).
package struct VisionTransformer: ImageTower {
  package let imageSize: Int
  package let batchSize: Int
  let configuration: VisionTransformerConfiguration
  let transformer: Transformer
  /// [W, 3·P·P]
  let patch: PackedLinear
  let classEmbedding: FloatBuffer
  /// [T, W]
  let positions: FloatBuffer
  let preNorm: LayerNorm
  let postNorm: LayerNorm
  /// [D, W], float32 in every precision: a row an image, so that exactness costs nothing.
  let projection: PackedLinear

  /// Rows (images × tokens) of a batch that keep the matrix products near their best rate; more only costs memory.
  private static let targetRows = 1600

  static func suitableBatchSize(_ configuration: VisionTransformerConfiguration) -> Int {
    max(1, min(32, targetRows / configuration.tokens))
  }

  init(
    _ configuration: VisionTransformerConfiguration, loader: WeightLoader, batchSize: Int,
    precision: TowerPrecision
  ) throws {
    let c = configuration
    let w = c.transformer.width
    let epsilon = c.transformer.layerNormEpsilon
    self.configuration = c
    imageSize = c.imageSize
    self.batchSize = batchSize
    let rows = batchSize * c.tokens
    let patchWeight = try loader.load(
      "image.patch.weight", shape: [w, 3, c.patchSize, c.patchSize])
    patch = try PackedLinear(
      weight: patchWeight.pointer, bias: nil, outputs: w, inputs: 3 * c.patchSize * c.patchSize,
      precision: precision, rows: rows)
    classEmbedding = try loader.load("image.class", shape: [w])
    positions = try loader.load("image.positions", shape: [c.tokens, w])
    preNorm = try LayerNorm("image.preNorm", width: w, epsilon: epsilon, loader: loader)
    transformer = try Transformer(
      c.transformer, name: "image.layers", loader: loader, precision: precision, rows: rows)
    postNorm = try LayerNorm("image.postNorm", width: w, epsilon: epsilon, loader: loader)
    let projectionWeight = try loader.load("image.projection", shape: [c.embeddingWidth, w])
    projection = try PackedLinear(
      weight: projectionWeight.pointer, bias: nil, outputs: c.embeddingWidth, inputs: w,
      precision: .fp32, rows: batchSize)
  }

  package func featureWidth(_ kind: FeatureKind) -> Int {
    kind == .projected ? configuration.embeddingWidth : configuration.transformer.width
  }

  package func makeEncoder() throws -> any ImageEncoder { try VisionEncoder(self) }
}

private final class VisionEncoder: ImageEncoder {
  private let tower: VisionTransformer
  /// Images that go through the layers together: a part of the batch whose activations stay in a core's own cache. More
  /// would have workers wait for each other at the cache they share.
  private let images: Int
  private let scratch: TransformerScratch
  private let runner: TransformerRunner
  private let attention: DenseAttention
  private let patchPlan: LinearPlan
  private let projectionPlan: LinearPlan
  /// Patches of one image, float32, on their way to bfloat16.
  private let imagePatches: FloatBuffer
  private let patches: ScratchBuffer
  private let embedded: FloatBuffer
  private let pooled: FloatBuffer
  /// Class embedding plus its position: the same for every image.
  private let classToken: FloatBuffer

  init(_ tower: VisionTransformer) throws {
    let c = tower.configuration
    let (t, w) = (c.tokens, c.transformer.width)
    let b = Self.images(of: tower.batchSize, tokens: t)
    let precision = tower.transformer.precision
    self.tower = tower
    images = b
    scratch = TransformerScratch(tower.transformer, rows: b * t, selectedCount: b)
    attention = DenseAttention(
      c.transformer, sequences: b, tokens: t, precision: precision)
    runner = try TransformerRunner(
      tower.transformer, rows: b * t, selectedCount: b, scratch: scratch)
    let patchCount = (t - 1) * tower.patch.inputs
    patchPlan = try LinearPlan(like: tower.patch, rows: b * (t - 1), output: .fp32)
    projectionPlan = try LinearPlan(like: tower.projection, rows: b, output: .fp32)
    imagePatches = FloatBuffer(count: patchCount)
    patches = ScratchBuffer(byteCount: b * patchCount * precision.bytes)
    embedded = FloatBuffer(count: b * (t - 1) * w)
    pooled = FloatBuffer(count: b * w)
    classToken = FloatBuffer(count: w)
    classToken.pointer.update(from: tower.classEmbedding.pointer, count: w)
    ck_add_bias(classToken.pointer, tower.positions.pointer, 1, w)
  }

  /// The largest equal part of a batch that has no more rows than the caches like.
  private static func images(of batch: Int, tokens: Int) -> Int {
    let most = max(1, 512 / tokens)
    return (1...min(batch, most)).last { batch % $0 == 0 } ?? 1
  }

  func encode(
    pixels: UnsafePointer<Float>, kind: FeatureKind, into out: UnsafeMutablePointer<Float>
  ) throws {
    let size = tower.imageSize
    for first in stride(from: 0, to: tower.batchSize, by: images) {
      try encodePart(
        pixels: pixels + first * 3 * size * size, kind: kind,
        into: out + first * tower.featureWidth(kind))
    }
  }

  private func encodePart(
    pixels: UnsafePointer<Float>, kind: FeatureKind, into out: UnsafeMutablePointer<Float>
  ) throws {
    let c = tower.configuration
    let (b, t, w) = (images, c.tokens, c.transformer.width)
    for i in 0..<b { cut(pixels + i * 3 * c.imageSize * c.imageSize, intoPatchesOf: i) }
    try patchPlan.run(tower.patch, patches.pointer, into: embedded.pointer)
    for i in 0..<b {
      let rows = embedded.pointer + i * (t - 1) * w
      let stream = scratch.stream.floats + i * t * w
      ck_add_bias(rows, tower.positions.pointer + w, 1, (t - 1) * w)
      tower.preNorm.apply(classToken.pointer, rows: 1, into: stream)
      tower.preNorm.apply(rows, rows: t - 1, into: stream + w)
    }
    try runner.run(attention)
    let target = kind == .pooled ? out : pooled.pointer
    tower.postNorm.apply(scratch.selected.floats, rows: b, into: target)
    if kind == .projected { try projectionPlan.run(tower.projection, target, into: out) }
  }

  private func cut(_ image: UnsafePointer<Float>, intoPatchesOf index: Int) {
    let c = tower.configuration
    let count = imagePatches.count
    switch tower.transformer.precision {
    case .fp32:
      ck_image_to_patches(
        image, patches.floats + index * count, 3, c.imageSize, c.patchSize)
    case .bf16:
      ck_image_to_patches(image, imagePatches.pointer, 3, c.imageSize, c.patchSize)
      ck_float_to_bfloat16(imagePatches.pointer, patches.halves + index * count, count)
    }
  }
}

/// Every token of a sequence attends to every other.
private struct DenseAttention: AttentionPattern {
  let precision: TowerPrecision
  let selectedRows: [Int]
  private let sequences: Int
  private let tokens: Int
  private let heads: Int
  /// d, the width of a head.
  private let depth: Int
  private let scratch: ScratchBuffer

  init(
    _ configuration: TransformerConfiguration, sequences: Int, tokens: Int,
    precision: TowerPrecision
  ) {
    self.precision = precision
    self.sequences = sequences
    self.tokens = tokens
    heads = configuration.heads
    depth = configuration.width / configuration.heads
    selectedRows = (0..<sequences).map { $0 * tokens }
    scratch = ScratchBuffer(byteCount: ck_attention_scratch(tokens, depth))
  }

  func attend(_ qkv: ScratchBuffer, into out: ScratchBuffer) {
    let w = heads * depth
    for i in 0..<sequences {
      attend(
        qkv, at: i * tokens * 3 * w, queries: tokens, stride: 3 * w,
        qkv, at: i * tokens * 3 * w + w, stride: 3 * w, into: out, at: i * tokens * w)
    }
  }

  func attendSelected(
    queries: ScratchBuffer, keysAndValues: ScratchBuffer, into out: ScratchBuffer
  ) {
    let w = heads * depth
    for i in 0..<sequences {
      attend(
        queries, at: i * w, queries: 1, stride: w,
        keysAndValues, at: i * tokens * 2 * w, stride: 2 * w, into: out, at: i * w)
    }
  }

  /// All heads of one sequence; values lie `width` after the keys.
  private func attend(
    _ q: ScratchBuffer, at query: Int, queries: Int, stride queryStride: Int,
    _ kv: ScratchBuffer, at key: Int, stride keyStride: Int,
    into out: ScratchBuffer, at target: Int
  ) {
    let w = heads * depth
    var shape = ck_attention(
      queries: queries, keys: tokens, depth: depth, query_stride: queryStride,
      key_stride: keyStride, out_stride: w, scale: 1 / Float(depth).squareRoot(), causal: 0,
      key_rows: nil)
    for h in stride(from: 0, to: w, by: depth) {
      shape.attend(
        q, at: query + h, kv, keys: key + h, values: key + w + h, into: out, at: target + h,
        precision: precision, scratch: scratch)
    }
  }
}
