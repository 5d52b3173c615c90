import Core

/// The non-linearity of the MLP blocks. It cannot be seen in the weights, and the wrong one costs points.
package enum Activation: String, Sendable, Codable, CaseIterable {
  /// x · sigmoid(1.702 x): OpenAI's models.
  case quickGELU = "quick_gelu"
  /// x/2 · (1 + erf(x/√2)): most open_clip models.
  case gelu
}

/// Which of a tower's outputs is meant by "the feature".
package enum FeatureKind: String, Sendable, Codable, CaseIterable {
  /// After the projection into the joint space: what zero-shot classification uses.
  case projected
  /// Before it (after the final layer norm of the class token): what the paper's probes use.
  case pooled
}

/// What a tower computes in.
package enum TowerPrecision: String, Sendable, Codable {
  case fp32
}

/// One transformer, of either tower.
package struct TransformerConfiguration: Sendable, Hashable, Codable {
  package var width: Int
  package var layers: Int
  package var heads: Int
  package var mlpWidth: Int
  package var activation: Activation
  package var layerNormEpsilon: Float

  /// What decides a feature's bits and is not in the weight file, so that it has to be part of the feature's key
  /// beside the weights' hash.
  package var settings: String {
    "\(activation.rawValue)|heads=\(heads)|layer-norm-epsilon=\(layerNormEpsilon)"
  }
}

/// A whole CLIP: sizes as found in the weights, confirmed by the configuration file where there is one.
package struct CLIPConfiguration: Sendable, Hashable, Codable {
  package var vision: TransformerConfiguration
  /// Side of the square input, pixels.
  package var imageSize: Int
  /// Side of a patch, pixels.
  package var patchSize: Int
  package var text: TransformerConfiguration
  package var vocabularySize: Int
  /// Longest sequence, start and end tokens included.
  package var contextLength: Int
  /// Width of the joint space.
  package var embeddingWidth: Int
  /// exp(logit_scale): what cosines are multiplied by before the softmax.
  package var logitScale: Float

  /// The activation, of both towers where they differ.
  package var activationDescription: String {
    vision.activation == text.activation
      ? vision.activation.rawValue
      : "vision \(vision.activation.rawValue), text \(text.activation.rawValue)"
  }

  /// Tokens an image becomes: its patches and the class token.
  package var imageTokens: Int { (imageSize / patchSize) * (imageSize / patchSize) + 1 }
}
