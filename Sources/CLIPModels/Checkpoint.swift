package import Core
package import Foundation
package import Neural
package import TensorFiles

package enum CheckpointFormat: String, Sendable, Codable {
  /// transformers' folder: config.json, weights, tokenizer and preprocessor files.
  case huggingFace = "huggingface"
  /// OpenAI's `.pt`.
  case openAI = "openai"
  /// open_clip's weights, with or without open_clip_config.json.
  case openCLIP = "open_clip"
}

/// A CLIP checkpoint on disk, opened and checked: sizes known, weights not yet in memory.
package struct Checkpoint: Sendable {
  /// The folder that tokenizer and preprocessing files may lie in.
  package let folder: URL
  /// What the model is called in results: the folder's name, or the weight file's.
  package let name: String
  package let format: CheckpointFormat
  package let configuration: CLIPConfiguration
  /// Who says which activation, in words.
  package let activationSource: String
  /// Whether the caller chose it, rather than the checkpoint.
  package let activationIsChosen: Bool
  package let weights: any TensorFile
  package let mapping: TensorMapping
  /// Tensors of the file that no tower reads.
  package let unusedTensors: [String]
  let openCLIPConfig: OpenCLIPConfig?

  /// - Parameters:
  ///   - url: a folder in Hugging Face's or open_clip's layout, or a weight file (OpenAI's `.pt`, a state dict, safetensors).
  ///   - activation: overrides what the checkpoint says.
  /// - Throws: `EvalError.notFound` listing what the folder lacks; `.malformedData` for broken or
  ///   contradictory files; `.usage` when nothing tells the activation.
  package init(_ url: URL, activation: Activation? = nil) throws {
    let layout = try CheckpointLayout(url)
    folder = layout.folder
    name = layout.name
    format = layout.format
    weights = layout.weights
    mapping = layout.mapping
    let loader = WeightLoader(file: weights, mapping: mapping)
    let choice = try ActivationChoice(
      explicit: activation, config: layout.config, isOpenAI: format == .openAI, weights: weights)
    activationSource = choice.source
    activationIsChosen = activation != nil
    var claims: [ConfigurationClaims] = []
    switch layout.config {
    case .huggingFace(let config, let url):
      openCLIPConfig = nil
      claims.append(ConfigurationClaims(config, subject: url.path))
    case .openCLIP(let config):
      openCLIPConfig = config
      let image =
        try loader.contains("image.stem.2.conv.weight")
        ? 0 : loader.shape("image.patch.weight", rank: 4)[0]
      claims.append(
        ConfigurationClaims(
          config, visionWidth: image, textWidth: try loader.shape("text.tokens", rank: 2)[1]))
    case nil: openCLIPConfig = nil
    }
    claims.append(try ConfigurationClaims(weights, mapping: mapping))
    configuration = try CLIPConfiguration(loader, claims: claims, activation: choice)
    unusedTensors = mapping.unused(weights, by: configuration)
  }

  /// - Parameter batchSize: images of one batch; a size that suits the tower otherwise.
  package func imageTower(batchSize: Int? = nil, precision: TowerPrecision = .fp32) throws
    -> any ImageTower
  {
    try precision.requireSupport()
    switch configuration.vision {
    case .transformer(let vision):
      return try VisionTransformer(
        vision, loader: loader(),
        batchSize: batchSize ?? suitableBatchSize, precision: precision)
    case .resNet(let vision):
      return try ModifiedResNet(
        vision, loader: loader(), batchSize: batchSize ?? suitableBatchSize, precision: precision)
    }
  }

  /// A tower for `count` images: when they do not fill a batch, its batches are no larger than that.
  package func imageTower(forImages count: Int, precision: TowerPrecision = .fp32) throws
    -> any ImageTower
  {
    try imageTower(batchSize: min(suitableBatchSize, max(1, count)), precision: precision)
  }

  private var suitableBatchSize: Int {
    switch configuration.vision {
    case .transformer(let vision): VisionTransformer.suitableBatchSize(vision)
    case .resNet(let vision): ModifiedResNet.suitableBatchSize(vision)
    }
  }

  package func textTower(precision: TowerPrecision = .fp32) throws -> TextTransformer {
    try precision.requireSupport()
    return try TextTransformer(configuration, loader: loader(), precision: precision)
  }

  /// The towers' tensors by their own names.
  ///
  /// - Throws: `EvalError.malformedData` when the file holds tensors of the towers that nothing here reads (layer scale, say):
  ///   the features would be another model's.
  package func loader() throws -> WeightLoader {
    let suspicious = unusedTensors.filter(mapping.isSuspicious)
    guard let first = suspicious.first else { return WeightLoader(file: weights, mapping: mapping) }
    throw EvalError(
      .malformedData,
      "\(suspicious.count) tensors of the towers have no place in this architecture, the first is \(first)",
      subject: weights.url.path,
      remedy:
        "The model is a variant that is not computed here; `clip-eval inspect` lists the tensors.")
  }

  /// SHA-256 of the weight file: what results and cached embeddings name the model by. Of several files, that of their
  /// names and hashes.
  package func weightsHash() throws -> SHA256Digest {
    if let only = weights.files.first, weights.files.count == 1 {
      return try SHA256.hash(fileAt: only)
    }
    var hasher = SHA256()
    for file in weights.files {
      hasher.update("\(file.lastPathComponent) \(try SHA256.hash(fileAt: file).hex)\n")
    }
    return hasher.finalize()
  }

  /// Weights proper of both towers: no statistics of batch norms, no other tensors of the file.
  package var parameterCount: Int {
    TensorNames.names(of: configuration)
      .filter { !$0.hasSuffix(".mean") && !$0.hasSuffix(".variance") }
      .flatMap { mapping.origin(of: $0)?.parts ?? [] }
      .reduce(0) { $0 + (weights.contents[$1]?.count ?? 0) }
  }
}
