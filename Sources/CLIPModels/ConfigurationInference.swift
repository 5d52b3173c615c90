import Core
import Foundation
import TensorFiles

extension CLIPConfiguration {
  /// Reads every size from the shapes of the weights and holds it against `config.json`.
  ///
  /// Heads leave no trace in the weights: the configuration names them, else width / 64, the rule of all
  /// of the paper's models. The activation comes from `activation` (a user's choice), else from the configuration.
  /// - Throws: `EvalError.malformedData` where a tensor is missing, has the wrong rank, or contradicts the
  ///   configuration.
  init(weights: SafetensorsFile, configURL: URL, activation: Activation?) throws {
    let config = try HuggingFaceConfig(reading: configURL)
    let shapes = ShapeReader(weights: weights)

    let patch = try shapes.shape("vision_model.embeddings.patch_embedding.weight", rank: 4)
    let imageTokens = try shapes.shape(
      "vision_model.embeddings.position_embedding.weight", rank: 2)[0]
    let grid = Int(Double(max(0, imageTokens - 1)).squareRoot().rounded())
    guard patch[1] == 3, patch[2] == patch[3], patch[2] > 0, grid > 0,
      grid * grid == imageTokens - 1
    else {
      throw EvalError(
        .malformedData,
        "patch embedding \(patch) and \(imageTokens) positions do not describe a square RGB image",
        subject: weights.url.path)
    }
    let imageSize = grid * patch[2]
    let patchSize = patch[2]
    let tokens = try shapes.shape("text_model.embeddings.token_embedding.weight", rank: 2)
    vocabularySize = tokens[0]
    contextLength = try shapes.shape("text_model.embeddings.position_embedding.weight", rank: 2)[0]
    embeddingWidth = try shapes.shape("visual_projection.weight", rank: 2)[0]
    let scale = try weights.tensor("logit_scale").floats()
    guard scale.count == 1, scale[0].isFinite else {
      throw EvalError(
        .malformedData, "expected logit_scale to be one finite number", subject: weights.url.path)
    }
    logitScale = Float(exp(Double(scale[0])))

    let image = try shapes.transformer(
      "vision_model", width: patch[0], config: config.vision_config, configURL: configURL,
      activation: activation)
    text = try shapes.transformer(
      "text_model", width: tokens[1], config: config.text_config, configURL: configURL,
      activation: activation)
    vision = .transformer(
      VisionTransformerConfiguration(
        transformer: image, imageSize: imageSize, patchSize: patchSize,
        embeddingWidth: embeddingWidth))

    // A tensor without elements may claim any other dimension, and attention takes memory by the square of the
    // tokens: neither may decide how much is reserved.
    for (what, size, limit) in [
      ("image tokens", imageTokens, Self.longestSequence),
      ("text positions", contextLength, Self.longestSequence),
      ("vision_model width", image.width, Int.max), ("text_model width", text.width, Int.max),
      ("vision_model MLP width", image.mlpWidth, Int.max),
      ("text_model MLP width", text.mlpWidth, Int.max), ("vocabulary", vocabularySize, Int.max),
      ("joint width", embeddingWidth, Int.max),
    ] where !(1...limit).contains(size) {
      throw EvalError(
        .malformedData,
        "\(what): expected 1\(limit == .max ? " or more" : "…\(limit)"), found \(size)",
        subject: weights.url.path)
    }

    let claims: [(String, Int, Int?)] = [
      ("vision_config.image_size", imageSize, config.vision_config?.image_size),
      ("vision_config.patch_size", patchSize, config.vision_config?.patch_size),
      ("text_config.vocab_size", vocabularySize, config.text_config?.vocab_size),
      (
        "text_config.max_position_embeddings", contextLength,
        config.text_config?.max_position_embeddings
      ),
      ("projection_dim", embeddingWidth, config.projection_dim),
    ]
    for (key, found, claimed) in claims {
      try Self.check(key, found: found, claimed: claimed, configURL: configURL)
    }
  }

  /// Three times the tokens of a 1024-pixel image in patches of 14.
  private static let longestSequence = 1 << 14

  static func check(_ key: String, found: Int, claimed: Int?, configURL: URL) throws {
    guard let claimed, claimed != found else { return }
    throw EvalError(
      .malformedData, "\(key) is \(claimed), but the weights have \(found)",
      subject: configURL.path, remedy: "The weights and the configuration are of different models.")
  }
}

private struct ShapeReader {
  let weights: SafetensorsFile

  func shape(_ name: String, rank: Int) throws -> [Int] {
    let shape = try weights.tensor(name).shape
    guard shape.count == rank else {
      throw EvalError(
        .malformedData, "tensor \(name) has shape \(shape), expected \(rank) dimensions",
        subject: weights.url.path)
    }
    return shape
  }

  func transformer(
    _ prefix: String, width: Int, config: HuggingFaceConfig.Tower?, configURL: URL,
    activation: Activation?
  ) throws -> TransformerConfiguration {
    var layers = 0
    while weights.tensors["\(prefix).encoder.layers.\(layers).mlp.fc1.weight"] != nil {
      layers += 1
    }
    guard layers > 0 else {
      throw EvalError(
        .malformedData, "no tensors \(prefix).encoder.layers.0.…", subject: weights.url.path)
    }
    let mlpWidth = try shape("\(prefix).encoder.layers.0.mlp.fc1.weight", rank: 2)[0]
    let heads = config?.num_attention_heads ?? max(1, width / 64)
    guard heads > 0, width % heads == 0 else {
      throw EvalError(
        .malformedData, "num_attention_heads \(heads) does not divide the width \(width)",
        subject: configURL.path)
    }
    let key = prefix == "vision_model" ? "vision_config" : "text_config"
    for (name, found, claimed) in [
      ("hidden_size", width, config?.hidden_size),
      ("num_hidden_layers", layers, config?.num_hidden_layers),
      ("intermediate_size", mlpWidth, config?.intermediate_size),
    ] {
      try CLIPConfiguration.check(
        "\(key).\(name)", found: found, claimed: claimed, configURL: configURL)
    }
    return TransformerConfiguration(
      width: width, layers: layers, heads: heads, mlpWidth: mlpWidth,
      activation: try activation ?? config?.activation(in: configURL) ?? .quickGELU,
      layerNormEpsilon: config?.layer_norm_eps ?? 1e-5)
  }
}
