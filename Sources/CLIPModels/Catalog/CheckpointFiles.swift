/// The files a checkpoint folder consists of, by the names that transformers and open_clip give them.
package enum CheckpointFiles {
  /// Weights, in the order in which they are preferred: safetensors before pickles.
  package static let weights = [
    "model.safetensors", "open_clip_model.safetensors", "open_clip_pytorch_model.safetensors",
    "pytorch_model.bin", "open_clip_pytorch_model.bin",
  ]

  /// Configuration, preprocessing and tokenizer.
  static let companions = [
    "config.json", "open_clip_config.json", "preprocessor_config.json", "vocab.json", "merges.txt",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
  ]

  /// What to fetch of a repository with these files, weights last, so that a folder with weights is complete. Nil when it
  /// has no weights.
  package static func selection(from files: [String]) -> [String]? {
    let present = Set(files)
    // Only transformers' own layout has a preprocessor_config.json. Elsewhere (timm's repositories), model.safetensors
    // may be the image tower alone.
    let isTransformers = present.isSuperset(of: ["config.json", "preprocessor_config.json"])
    let order =
      isTransformers
      ? weights
      : weights.filter { $0.hasPrefix("open_clip") }
        + weights.filter { !$0.hasPrefix("open_clip") }
    guard let chosen = order.first(where: present.contains) else { return nil }
    return companions.filter(present.contains) + [chosen]
  }
}
