import Core
package import LinearAlgebra
package import Neural
import TensorFiles

/// CLIP's text tower (Radford et al. 2021 §2.4; transformers `CLIPTextModelWithProjection`).
///
/// The feature is the end token's, and under the causal mask no later token reaches it, so sequences end there
/// and no padding is ever computed. For the same reason sequences that begin alike share the work of what they share
/// (`PrefixTree`): of an ensemble of prompts, little more than the class names and what follows them.
package struct TextTransformer: Sendable {
  let configuration: CLIPConfiguration
  let transformer: Transformer
  /// [V, W], left in the checkpoint: a run touches few of its rows.
  let tokenEmbedding: TensorView
  /// [T, W]
  let positions: FloatBuffer
  let finalNorm: LayerNorm
  /// [D, W], float32 in every precision.
  let projection: PackedLinear

  /// Most rows (distinct prefixes) of one batch: enough for the matrix products, few enough for the caches.
  static let maximumRows = 1024

  init(_ configuration: CLIPConfiguration, loader: WeightLoader, precision: TowerPrecision) throws {
    let c = configuration
    let w = c.text.width
    self.configuration = c
    tokenEmbedding = try loader.view("text.tokens", shape: [c.vocabularySize, w])
    positions = try loader.load("text.positions", shape: [c.contextLength, w])
    transformer = try Transformer(
      c.text, name: "text.layers", loader: loader, precision: precision, rows: Self.maximumRows)
    finalNorm = try LayerNorm(
      "text.finalNorm", width: w, epsilon: c.text.layerNormEpsilon, loader: loader)
    let weight = try loader.load("text.projection", shape: [c.embeddingWidth, w])
    projection = try PackedLinear(
      weight: weight.pointer, bias: nil, outputs: c.embeddingWidth, inputs: w, precision: .fp32,
      rows: Self.maximumRows)
  }

  package var precision: TowerPrecision { transformer.precision }
  package var contextLength: Int { configuration.contextLength }
  /// See `TransformerConfiguration.settings`.
  package var settings: String { configuration.text.settings }

  package func featureWidth(_ kind: FeatureKind) -> Int {
    kind == .projected ? configuration.embeddingWidth : configuration.text.width
  }

  /// Features of token sequences (start and end tokens included, no padding), one row each, in order, not
  /// normalised to unit length.
  ///
  /// Batches are dealt to `threads` workers. The result does not depend on `threads`.
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
    let blocks = PrefixTree.blocks(
      sequences, maximumNodes: max(Self.maximumRows, contextLength))
    let result = FloatBuffer(count: sequences.count * d)
    let queue = WorkQueue(count: blocks.count)
    try Workers.run(count: min(threads, max(1, blocks.count))) { _, isCancelled in
      let encoder = TextEncoder(self)
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let block = blocks[next]
        try encoder.encode(block.tree, kind: kind) { i, row in
          (result.pointer + block.sequences[i] * d).update(from: row, count: d)
        }
        progress(block.sequences.count)
      }
    }
    return Matrix(
      rows: sequences.count, columns: d,
      storage: Array(UnsafeBufferPointer(start: result.pointer, count: sequences.count * d)))
  }
}
