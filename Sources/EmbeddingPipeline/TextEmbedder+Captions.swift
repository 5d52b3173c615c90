package import Core
package import LinearAlgebra

/// The features of a long list of texts in which some repeat and some may be too long.
package struct CaptionFeatures: Sendable {
  /// [n, D] in the order of the texts; equal texts have equal features to the last bit.
  package let features: Matrix
  /// Texts that were cut to the model's context.
  package let truncatedCount: Int
}

extension TextEmbedder {
  /// Features of captions. Each distinct text is encoded once, in bytewise order, so that neighbours share prefixes and
  /// datasets that list the same captions in another order share what is stored.
  ///
  /// Texts that are too long are cut, as OpenAI's `truncate=True` and open_clip do: captions are given, unlike prompts.
  package func embed(
    captions: [String], label: String, ignoringStored: Bool, progress: any ProgressSink
  ) throws -> CaptionFeatures {
    let distinct = Set(captions).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let features = try embed(
      distinct, label: label, truncating: true, ignoringStored: ignoringStored, progress: progress)
    let row = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    let room = tokenizer.contextLength - 2  // without start and end
    let tooLong = Set(distinct.filter { tokenizer.encode($0).count > room })
    var storage: [Float] = []
    storage.reserveCapacity(captions.count * features.columns)
    for caption in captions {
      guard let row = row[caption] else { throw EvalError(.bug, "a caption is missing") }
      storage.append(contentsOf: features.row(row))
    }
    return CaptionFeatures(
      features: Matrix(rows: captions.count, columns: features.columns, storage: storage),
      truncatedCount: captions.count { tooLong.contains($0) })
  }
}
