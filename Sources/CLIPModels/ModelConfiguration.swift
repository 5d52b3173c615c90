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

/// CLIP's ViT: a transformer over patches (Radford et al. 2021 §2.4).
package struct VisionTransformerConfiguration: Sendable, Hashable, Codable {
  package var transformer: TransformerConfiguration
  /// Side of the square input, pixels.
  package var imageSize: Int
  /// Side of a patch, pixels.
  package var patchSize: Int
  /// Width of the joint space, which the class token is projected into.
  package var embeddingWidth: Int

  /// Tokens an image becomes: its patches and the class token.
  package var tokens: Int { (imageSize / patchSize) * (imageSize / patchSize) + 1 }
}

/// CLIP's modified ResNet: a stem of three convolutions, four stages of anti-aliased bottlenecks, attention pooling
/// (Radford et al. 2021 §2.4).
package struct ResNetConfiguration: Sendable, Hashable, Codable {
  /// Side of the square input, pixels.
  package var imageSize: Int
  /// Channels after the stem: the first stage's bottlenecks have as many, its output four times as many.
  package var width: Int
  /// Bottlenecks of the four stages.
  package var stages: [Int]
  /// Heads of the attention pool.
  package var heads: Int
  /// Width of the joint space, which the attention pool projects into.
  package var embeddingWidth: Int

  package init(imageSize: Int, width: Int, stages: [Int], heads: Int, embeddingWidth: Int) {
    self.imageSize = imageSize
    self.width = width
    self.stages = stages
    self.heads = heads
    self.embeddingWidth = embeddingWidth
  }

  /// The epsilon of PyTorch's `BatchNorm2d`, which no checkpoint records.
  package static let batchNormEpsilon: Float = 1e-5

  /// Channels of the last stage, which the attention pool works on.
  package var pooledWidth: Int { 32 * width }
  /// Side of the last stage's output.
  package var grid: Int { imageSize / 32 }
}

/// The image tower.
package enum VisionConfiguration: Sendable, Hashable {
  case transformer(VisionTransformerConfiguration)
  case resNet(ResNetConfiguration)

  /// Side of the square input, pixels.
  package var imageSize: Int {
    switch self {
    case .transformer(let vision): vision.imageSize
    case .resNet(let vision): vision.imageSize
    }
  }

  /// nil for ResNets, whose ReLU is no choice.
  package var activation: Activation? {
    switch self {
    case .transformer(let vision): vision.transformer.activation
    case .resNet: nil
    }
  }

  /// See `TransformerConfiguration.settings`.
  package var settings: String {
    switch self {
    case .transformer(let vision): vision.transformer.settings
    case .resNet(let vision):
      "relu|heads=\(vision.heads)|batch-norm-epsilon=\(ResNetConfiguration.batchNormEpsilon)"
    }
  }
}

extension VisionConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey { case architecture }

  /// The fields of the architecture, beside its name.
  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .transformer(let vision):
      try fields.encode("ViT", forKey: .architecture)
      try vision.encode(to: encoder)
    case .resNet(let vision):
      try fields.encode("ModifiedResNet", forKey: .architecture)
      try vision.encode(to: encoder)
    }
  }
}

/// A whole CLIP: sizes as found in the weights, confirmed by the configuration file where there is one.
package struct CLIPConfiguration: Sendable, Hashable, Encodable {
  package var vision: VisionConfiguration
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
    guard let own = vision.activation, own != text.activation else {
      return text.activation.rawValue
    }
    return "vision \(own.rawValue), text \(text.activation.rawValue)"
  }
}
