import Core
import TensorFiles

/// A size that something else than the weights' shapes states, and where.
struct Claim {
  let key: String
  let value: Int

  init(_ key: String, _ value: Int) {
    self.key = key
    self.value = value
  }

  init?(_ key: String, _ value: Int?) {
    guard let value else { return nil }
    self.init(key, value)
  }
}

/// What a configuration file, or the weight file beside its weights, says of a model. nil where it says nothing.
struct ConfigurationClaims {
  struct Tower {
    var width: Claim?
    var layers: Claim?
    var heads: Claim?
    var headWidth: Claim?
    var mlpWidth: Claim?
    var layerNormEpsilon: Float?
  }

  /// The file that says so, for messages.
  var subject: String
  var vision = Tower()
  var text = Tower()
  var imageSize: Claim?
  var patchSize: Claim?
  var stages: [Int]?
  var vocabularySize: Claim?
  var contextLength: Claim?
  var embeddingWidth: Claim?

  init(subject: String) { self.subject = subject }

  /// - Throws: `EvalError.malformedData` when the file says something else than the weights.
  func check(_ claim: Claim?, found: Int) throws {
    guard let claim, claim.value != found else { return }
    throw EvalError(
      .malformedData, "\(claim.key) is \(claim.value), but the weights have \(found)",
      subject: subject, remedy: "The weights and the configuration are of different models.")
  }
}

extension ConfigurationClaims {
  init(_ config: HuggingFaceConfig, subject: String) {
    self.init(subject: subject)
    func tower(_ key: String, _ t: HuggingFaceConfig.Tower?) -> Tower {
      Tower(
        width: Claim("\(key).hidden_size", t?.hidden_size),
        layers: Claim("\(key).num_hidden_layers", t?.num_hidden_layers),
        heads: Claim("\(key).num_attention_heads", t?.num_attention_heads),
        mlpWidth: Claim("\(key).intermediate_size", t?.intermediate_size),
        layerNormEpsilon: t?.layer_norm_eps)
    }
    vision = tower("vision_config", config.vision_config)
    text = tower("text_config", config.text_config)
    imageSize = Claim("vision_config.image_size", config.vision_config?.image_size)
    patchSize = Claim("vision_config.patch_size", config.vision_config?.patch_size)
    vocabularySize = Claim("text_config.vocab_size", config.text_config?.vocab_size)
    contextLength = Claim(
      "text_config.max_position_embeddings", config.text_config?.max_position_embeddings)
    embeddingWidth = Claim("projection_dim", config.projection_dim)
  }

  /// - Parameters:
  ///   - visionWidth, textWidth: as the weights have them: open_clip states the MLP as a multiple.
  init(_ config: OpenCLIPConfig, visionWidth: Int, textWidth: Int) {
    self.init(subject: config.url.path)
    vision = Tower(
      width: Claim("vision_cfg.width", config.visionWidth),
      layers: Claim("vision_cfg.layers", config.visionLayers),
      headWidth: Claim("vision_cfg.head_width", config.headWidth),
      mlpWidth: Claim(
        "vision_cfg.mlp_ratio, as a width,", config.mlpWidth(ofText: false, width: visionWidth)),
      layerNormEpsilon: config.layerNormEpsilon(ofText: false))
    text = Tower(
      width: Claim("text_cfg.width", config.textWidth),
      layers: Claim("text_cfg.layers", config.textLayers),
      heads: Claim("text_cfg.heads", config.textHeads),
      mlpWidth: Claim(
        "text_cfg.mlp_ratio, as a width,", config.mlpWidth(ofText: true, width: textWidth)),
      layerNormEpsilon: config.layerNormEpsilon(ofText: true))
    imageSize = Claim("vision_cfg.image_size", config.imageSize)
    patchSize = Claim("vision_cfg.patch_size", config.patchSize)
    stages = config.stages
    vocabularySize = Claim("text_cfg.vocab_size", config.vocabularySize)
    contextLength = Claim("text_cfg.context_length", config.contextLength)
    embeddingWidth = Claim("embed_dim", config.embeddingWidth)
  }

  /// What OpenAI's files hold beside the weights: three sizes as tensors, and numbers of heads as attributes of
  /// TorchScript modules.
  init(_ file: any TensorFile, mapping: TensorMapping) throws {
    self.init(subject: file.url.path)
    let p = mapping.prefix
    func size(_ name: String) throws -> Claim? {
      guard let description = file.contents[p + name], !description.type.isFloatingPoint,
        description.count == 1
      else { return nil }
      return Claim(name, try file.tensor(p + name).integers().first.map { Int($0) })
    }
    imageSize = try size("input_resolution")
    contextLength = try size("context_length")
    vocabularySize = try size("vocab_size")
    let textPrefix = mapping.scheme == .openCLIPText ? "text." : ""
    for (name, path) in [
      ("visual.transformer.resblocks.0.attn.num_heads", \Self.vision.heads),
      ("visual.attnpool.num_heads", \Self.vision.heads),
      ("\(textPrefix)transformer.resblocks.0.attn.num_heads", \Self.text.heads),
    ] {
      if let heads = file.integers[p + name] { self[keyPath: path] = Claim(name, heads) }
    }
  }
}
