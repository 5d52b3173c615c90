package import Core
package import LinearAlgebra

/// Everything that decides the bits of an image feature, besides the image itself.
package struct ImageFeatureKey: Sendable, Hashable, Codable {
  package var weights: SHA256Digest
  /// What decides the arithmetic and is not in the weight file: activation, heads, layer-norm epsilon.
  package var settings: String
  /// Canonical text of the preprocessing recipe.
  package var preprocessing: String
  package var precision: String
  package var featureKind: String
  /// Images in a batch: another batch shape may take another path through the matrix product.
  package var batchSize: Int
  package var kernels: KernelClass

  package init(
    weights: SHA256Digest, settings: String, preprocessing: String, precision: String,
    featureKind: String, batchSize: Int, kernels: KernelClass
  ) {
    self.weights = weights
    self.settings = settings
    self.preprocessing = preprocessing
    self.precision = precision
    self.featureKind = featureKind
    self.batchSize = batchSize
    self.kernels = kernels
  }
}

/// Everything that decides the bits of a list of text features.
package struct TextFeatureKey: Sendable, Hashable, Codable {
  package var weights: SHA256Digest
  /// What decides the arithmetic and is not in the weight file: activation, heads, layer-norm epsilon.
  package var settings: String
  /// Hash of the tokenizer's vocabulary.
  package var tokenizer: SHA256Digest
  package var precision: String
  package var featureKind: String
  package var kernels: KernelClass
  /// Hash of the ordered prompts.
  package var prompts: SHA256Digest

  package init(
    weights: SHA256Digest, settings: String, tokenizer: SHA256Digest, precision: String,
    featureKind: String, kernels: KernelClass, prompts: SHA256Digest
  ) {
    self.weights = weights
    self.settings = settings
    self.tokenizer = tokenizer
    self.precision = precision
    self.featureKind = featureKind
    self.kernels = kernels
    self.prompts = prompts
  }
}
