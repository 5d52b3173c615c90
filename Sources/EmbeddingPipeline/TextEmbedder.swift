package import CLIPModels
package import Core
package import EmbeddingStore
package import LinearAlgebra

/// Fills the store with the features of prompts.
package struct TextEmbedder: Sendable {
  package let tower: TextTransformer
  package let tokenizer: CLIPTokenizer
  package let weights: SHA256Digest
  package let store: EmbeddingStore
  package let threads: Int

  package init(
    tower: TextTransformer, tokenizer: CLIPTokenizer, weights: SHA256Digest,
    store: EmbeddingStore, threads: Int
  ) {
    self.tower = tower
    self.tokenizer = tokenizer
    self.weights = weights
    self.store = store
    self.threads = threads
  }

  /// Features of the prompts, [n, D], in order, not normalised to unit length.
  ///
  /// - Throws: `EvalError.malformedData` for a prompt longer than the model's context.
  package func embed(
    _ prompts: [String], label: String, kind: FeatureKind = .projected,
    ignoringStored: Bool = false,
    progress: any ProgressSink
  ) throws -> Matrix {
    let key = TextFeatureKey(
      weights: weights, settings: tower.settings,
      tokenizer: tokenizer.vocabularyHash, precision: "fp32", featureKind: kind.rawValue,
      kernels: .current, prompts: try CanonicalJSON.hash(prompts))
    progress.begin("\(label) prompts", total: prompts.count)
    defer { progress.end() }
    if !ignoringStored, let stored = try store.texts(key, rows: prompts.count) {
      progress.advance(prompts.count, cached: true)
      return stored
    }
    let tokens = try prompts.map { try tokenizer.tokenize($0) }
    let features = try tower.encode(tokens, kind: kind, threads: threads) {
      progress.advance($0, cached: false)
    }
    try store.write(texts: features, key)
    return features
  }
}
