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

  /// Prompts of one stored piece: what a crash can cost.
  static let pieceSize = 4096

  /// Features of the prompts, [n, D], in order, not normalised to unit length.
  ///
  /// Stored in pieces of `pieceSize` consecutive prompts, each filed as soon as it is computed.
  /// - Parameter truncating: cuts prompts that are longer than the model's context.
  /// - Throws: `EvalError.malformedData` for a prompt longer than the model's context, unless it may be cut.
  package func embed(
    _ prompts: [String], label: String, kind: FeatureKind = .projected, truncating: Bool = false,
    ignoringStored: Bool = false, progress: any ProgressSink
  ) throws -> Matrix {
    progress.begin("\(label) prompts", total: prompts.count)
    defer { progress.end() }
    var features: [Float] = []
    features.reserveCapacity(prompts.count * tower.featureWidth(kind))
    for start in stride(from: 0, to: prompts.count, by: Self.pieceSize) {
      let piece = Array(prompts[start..<min(start + Self.pieceSize, prompts.count)])
      features += try embed(
        piece: piece, kind: kind, truncating: truncating, ignoringStored: ignoringStored,
        progress: progress
      ).storage
    }
    return Matrix(
      rows: prompts.count, columns: tower.featureWidth(kind), storage: features)
  }

  private func embed(
    piece prompts: [String], kind: FeatureKind, truncating: Bool, ignoringStored: Bool,
    progress: any ProgressSink
  ) throws -> Matrix {
    let key = TextFeatureKey(
      weights: weights, settings: tower.settings,
      tokenizer: tokenizer.vocabularyHash, precision: tower.precision.rawValue,
      featureKind: kind.rawValue,
      kernels: .current,
      // What is cut must not be found where nothing may be.
      prompts: try truncating
        ? CanonicalJSON.hash(["truncated": prompts]) : CanonicalJSON.hash(prompts))
    if !ignoringStored, let stored = try store.texts(key, rows: prompts.count) {
      progress.advance(prompts.count, cached: true)
      return stored
    }
    let tokens = try prompts.map { try tokenizer.tokenize($0, truncate: truncating) }
    let features = try tower.encode(tokens, kind: kind, threads: threads) {
      progress.advance($0, cached: false)
    }
    try store.write(texts: features, key)
    return features
  }
}
