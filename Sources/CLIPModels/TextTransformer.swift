import CKernels
import Core
package import LinearAlgebra
import TensorFiles

/// CLIP's text tower (Radford et al. 2021 §2.4; transformers `CLIPTextModelWithProjection`).
///
/// The feature is the end token's, and under the causal mask no later token reaches it, so sequences end there
/// and no padding is ever computed.
package struct TextTransformer: Sendable {
  let configuration: CLIPConfiguration
  let transformer: Transformer
  /// [V, W], left in the checkpoint: a run touches few of its rows.
  let tokenEmbedding: TensorView
  /// [T, W]
  let positions: FloatBuffer
  let finalNormWeight: FloatBuffer
  let finalNormBias: FloatBuffer
  /// [D, W]
  let projection: FloatBuffer

  /// Most rows (prompts × tokens) of one batch.
  static let targetRows = 1600

  init(_ configuration: CLIPConfiguration, loader: WeightLoader) throws {
    let c = configuration
    let w = c.text.width
    self.configuration = c
    tokenEmbedding = try loader.view("text.tokens", shape: [c.vocabularySize, w])
    positions = try loader.load("text.positions", shape: [c.contextLength, w])
    transformer = try Transformer(c.text, name: "text.layers", isCausal: true, loader: loader)
    finalNormWeight = try loader.load("text.finalNorm.weight", shape: [w])
    finalNormBias = try loader.load("text.finalNorm.bias", shape: [w])
    projection = try loader.load("text.projection", shape: [c.embeddingWidth, w])
  }

  package var contextLength: Int { configuration.contextLength }
  /// See `TransformerConfiguration.settings`.
  package var settings: String { configuration.text.settings }

  package func featureWidth(_ kind: FeatureKind) -> Int {
    kind == .projected ? configuration.embeddingWidth : configuration.text.width
  }

  /// Features of token sequences (start and end tokens included, no padding), one row each, in order, not
  /// normalised to unit length.
  ///
  /// Sequences of equal length share batches; batches are dealt to `threads` workers. The result does not depend
  /// on `threads`.
  /// - Parameter progress: called with the number of sequences finished since the last call, from any worker.
  /// - Throws: `EvalError.malformedData` for a token outside the vocabulary or a sequence that is empty or
  ///   longer than the context.
  package func encode(
    _ sequences: [[Int32]], kind: FeatureKind = .projected, threads: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> Matrix {
    let d = featureWidth(kind)
    for (i, ids) in sequences.enumerated() {
      guard !ids.isEmpty, ids.count <= contextLength else {
        throw EvalError(
          .malformedData,
          "text \(i) has \(ids.count) tokens, expected 1…\(contextLength)")
      }
      if let bad = ids.first(where: { $0 < 0 || Int($0) >= configuration.vocabularySize }) {
        throw EvalError(
          .malformedData,
          "text \(i) has token \(bad), the vocabulary ends at \(configuration.vocabularySize - 1)",
          remedy: "The tokenizer and the weights are of different models.")
      }
    }
    let batches = Self.batches(sequences)
    let result = FloatBuffer(count: sequences.count * d)
    let queue = WorkQueue(count: batches.count)
    BLAS.setThreads(1)
    try Workers.run(count: min(threads, max(1, batches.count))) { _, isCancelled in
      let encoder = TextEncoder(self)
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let batch = batches[next]
        try encoder.encode(batch.map { sequences[$0] }, kind: kind) { i, row in
          (result.pointer + batch[i] * d).update(from: row, count: d)
        }
        progress(batch.count)
      }
    }
    return Matrix(
      rows: sequences.count, columns: d,
      storage: Array(UnsafeBufferPointer(start: result.pointer, count: sequences.count * d)))
  }

  /// Indices of sequences grouped by length, in order, `targetRows` rows at most in a group.
  static func batches(_ sequences: [[Int32]]) -> [[Int]] {
    let byLength = Dictionary(grouping: sequences.indices) { sequences[$0].count }
    return byLength.sorted { $0.key < $1.key }.flatMap { length, indices in
      let size = max(1, targetRows / length)
      return stride(from: 0, to: indices.count, by: size).map {
        Array(indices[$0..<min($0 + size, indices.count)])
      }
    }
  }
}

private final class TextEncoder {
  private let tower: TextTransformer
  private let runner: TransformerRunner
  private let normalized: FloatBuffer
  private let projected: FloatBuffer

  init(_ tower: TextTransformer) {
    let rows = max(TextTransformer.targetRows, tower.contextLength)
    self.tower = tower
    runner = TransformerRunner(
      tower.transformer, sequences: rows, rows: rows, longest: tower.contextLength)
    normalized = FloatBuffer(count: rows * tower.configuration.text.width)
    projected = FloatBuffer(count: rows * tower.configuration.embeddingWidth)
  }

  func encode(
    _ sequences: [[Int32]], kind: FeatureKind,
    _ receive: (_ index: Int, _ row: UnsafePointer<Float>) -> Void
  ) throws {
    let c = tower.configuration
    let (b, w, t) = (sequences.count, c.text.width, sequences[0].count)
    for (i, ids) in sequences.enumerated() {
      for (j, id) in ids.enumerated() {
        let row = runner.stream.pointer + (i * t + j) * w
        try tower.tokenEmbedding.readFloats(Int(id) * w..<(Int(id) + 1) * w, into: row)
        ck_add_bias(row, tower.positions.pointer + j * w, 1, w)
      }
    }
    runner.run(batch: b, tokens: t, selecting: t - 1)
    ck_bias_layer_norm(
      runner.selected.pointer, nil, tower.finalNormWeight.pointer, tower.finalNormBias.pointer,
      c.text.layerNormEpsilon, normalized.pointer, b, w)
    let d = tower.featureWidth(kind)
    if kind == .projected {
      gemmTransposed(
        m: b, n: d, k: w, normalized.pointer, lda: w, tower.projection.pointer, ldb: w,
        projected.pointer, ldc: d)
    }
    let source = kind == .projected ? projected.pointer : normalized.pointer
    for i in 0..<b { receive(i, source + i * d) }
  }
}
