import CKernels
import Core
import LinearAlgebra
import Neural

// B images, T tokens of an image (the mean and every position), C channels, H heads of d = C/H, D joint width.

/// CLIP's attention pooling: the mean of the last stage's positions attends to them and itself (Radford et al. 2021
/// §2.4), then a projection into the joint space.
///
/// One query to an image makes keys and values worth avoiding. With q, x the query and a token, the score of a head is
/// qᵀ(K x + b) = (Kᵀq)ᵀ x + const, and the constant leaves the softmax as it is; likewise Σ p (V x + b) = V (Σ p x) + b.
/// So each head maps its query to the tokens' space, attends there, and maps the mixture back: 2·C² products an image
/// in place of 2·T·C².
struct AttentionPool: Sendable {
  let width: Int
  let heads: Int
  let tokens: Int
  let precision: TowerPrecision
  /// [T, C]
  let positions: FloatBuffer
  /// [C, C]
  let query: PackedLinear
  /// Kᵀ of each head, [C, d]. The key's bias is the constant above.
  let keys: [PackedLinear]
  /// V of each head, [d, C].
  let values: [PackedLinear]
  /// [D, C]
  let output: PackedLinear

  /// - Throws: `EvalError.malformedData` when a tensor is missing or has another shape.
  init(
    _ configuration: ResNetConfiguration, loader: WeightLoader, batchSize: Int,
    precision: TowerPrecision
  ) throws {
    let c = configuration.pooledWidth
    let depth = c / configuration.heads
    width = c
    heads = configuration.heads
    tokens = configuration.grid * configuration.grid + 1
    self.precision = precision
    positions = try loader.load("image.pool.positions", shape: [tokens, c])

    func linear(_ name: String, outputs: Int) throws -> PackedLinear {
      let weight = try loader.load("image.pool.\(name).weight", shape: [outputs, c])
      let bias = try loader.load("image.pool.\(name).bias", shape: [outputs])
      return try PackedLinear(
        weight: weight.pointer, bias: bias.pointer, outputs: outputs, inputs: c,
        precision: precision, rows: batchSize)
    }
    query = try linear("query", outputs: c)
    output = try linear("output", outputs: configuration.embeddingWidth)

    let turned = FloatBuffer(count: c * depth)
    let key = try loader.load("image.pool.key.weight", shape: [c, c])
    _ = try loader.view("image.pool.key.bias", shape: [c])
    keys = try (0..<heads).map { head in
      for i in 0..<depth {
        let row = key.pointer + (head * depth + i) * c
        for j in 0..<c { turned.pointer[j * depth + i] = row[j] }
      }
      return try PackedLinear(
        weight: turned.pointer, bias: nil, outputs: c, inputs: depth, precision: precision,
        rows: batchSize)
    }
    let value = try loader.load("image.pool.value.weight", shape: [c, c])
    let valueBias = try loader.load("image.pool.value.bias", shape: [c])
    values = try (0..<heads).map { head in
      try PackedLinear(
        weight: value.pointer + head * depth * c, bias: valueBias.pointer + head * depth,
        outputs: depth, inputs: c, precision: precision, rows: batchSize)
    }
  }
}

/// Runs an `AttentionPool` in scratch of its own; one per worker thread.
final class AttentionPoolRunner {
  private let pool: AttentionPool
  private let batch: Int
  private let queryPlan: LinearPlan
  private let keyPlan: LinearPlan
  private let valuePlan: LinearPlan
  private let outputPlan: LinearPlan
  /// Positions and tokens of one image, float32: [T, C].
  private let features: FloatBuffer
  private let sums: FloatBuffer
  /// [B, T, C]
  private let tokens: ScratchBuffer
  /// Mean tokens, then queries, then what comes back from the heads: [B, C].
  private let means: ScratchBuffer
  private let queries: ScratchBuffer
  private let attended: ScratchBuffer
  /// One head's columns of them: [B, d].
  private let head: ScratchBuffer
  /// [H, B, C]: queries in the tokens' space; mixtures of tokens.
  private let mapped: ScratchBuffer
  private let mixed: ScratchBuffer
  private let scratch: ScratchBuffer

  init(_ pool: AttentionPool, batch: Int) throws {
    self.pool = pool
    self.batch = batch
    let (c, t, depth) = (pool.width, pool.tokens, pool.width / pool.heads)
    let precision = pool.precision
    queryPlan = try LinearPlan(like: pool.query, rows: batch, output: precision)
    keyPlan = try LinearPlan(like: pool.keys[0], rows: batch, output: precision)
    valuePlan = try LinearPlan(like: pool.values[0], rows: batch, output: precision)
    outputPlan = try LinearPlan(like: pool.output, rows: batch, output: .fp32)
    features = FloatBuffer(count: precision == .bf16 ? t * c : 0)
    sums = FloatBuffer(count: precision == .bf16 ? t * c : 0)
    func buffer(_ count: Int) -> ScratchBuffer {
      ScratchBuffer(byteCount: count * precision.bytes)
    }
    tokens = buffer(batch * t * c)
    means = buffer(batch * c)
    queries = buffer(batch * c)
    attended = buffer(batch * c)
    head = buffer(batch * depth)
    mapped = buffer(pool.heads * batch * c)
    mixed = buffer(pool.heads * batch * c)
    scratch = ScratchBuffer(byteCount: ck_attention_scratch(t, c))
  }

  /// - Parameters:
  ///   - positions: [B, T − 1, C] in the pool's precision.
  ///   - out: [B, D].
  func run(_ positions: UnsafeRawPointer, into out: UnsafeMutablePointer<Float>) throws {
    let (c, bytes) = (pool.width, pool.precision.bytes)
    let depth = c / pool.heads
    for image in 0..<batch {
      makeTokens(positions + image * (pool.tokens - 1) * c * bytes, image)
      let mean = tokens.pointer + image * pool.tokens * c * bytes
      (means.pointer + image * c * bytes).copyMemory(from: mean, byteCount: c * bytes)
    }
    try queryPlan.run(pool.query, means.pointer, into: queries.pointer)
    for (h, key) in pool.keys.enumerated() {
      for image in 0..<batch {
        let from = queries.pointer + (image * c + h * depth) * bytes
        (head.pointer + image * depth * bytes).copyMemory(from: from, byteCount: depth * bytes)
      }
      try keyPlan.run(key, head.pointer, into: mapped.pointer + h * batch * c * bytes)
    }
    for image in 0..<batch { attend(image) }
    for (h, value) in pool.values.enumerated() {
      try valuePlan.run(value, mixed.pointer + h * batch * c * bytes, into: head.pointer)
      for image in 0..<batch {
        let to = attended.pointer + (image * c + h * depth) * bytes
        to.copyMemory(from: head.pointer + image * depth * bytes, byteCount: depth * bytes)
      }
    }
    try outputPlan.run(pool.output, attended.pointer, into: out)
  }

  private func makeTokens(_ positions: UnsafeRawPointer, _ image: Int) {
    let (c, t) = (pool.width, pool.tokens)
    let place = pool.positions.pointer
    switch pool.precision {
    case .fp32:
      ck_pool_tokens(
        positions.assumingMemoryBound(to: Float.self), place, t - 1, c,
        tokens.floats + image * t * c)
    case .bf16:
      ck_bfloat16_to_float(
        positions.assumingMemoryBound(to: UInt16.self), features.pointer, (t - 1) * c)
      ck_pool_tokens(features.pointer, place, t - 1, c, sums.pointer)
      ck_float_to_bfloat16(sums.pointer, tokens.halves + image * t * c, t * c)
    }
  }

  /// The heads of an image are the queries; its tokens are keys and values.
  private func attend(_ image: Int) {
    let (c, t) = (pool.width, pool.tokens)
    var shape = ck_attention(
      queries: pool.heads, keys: t, depth: c, query_stride: batch * c, key_stride: c,
      out_stride: batch * c, scale: 1 / Float(c / pool.heads).squareRoot(), causal: 0,
      key_rows: nil)
    switch pool.precision {
    case .fp32:
      let x = tokens.floats + image * t * c
      ck_attention_f32(
        &shape, mapped.floats + image * c, x, x, mixed.floats + image * c, scratch.pointer)
    case .bf16:
      let x = tokens.halves + image * t * c
      ck_attention_bf16(
        &shape, mapped.halves + image * c, x, x, mixed.halves + image * c, scratch.pointer)
    }
  }
}
