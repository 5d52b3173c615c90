import Core
import Foundation
import TensorFiles

extension CLIPConfiguration {
  /// Reads every size from the shapes of the weights and holds it against what files say.
  ///
  /// Heads leave no trace in the weights: the claims name them, else width / 64, the rule of all of the paper's models.
  /// - Parameters:
  ///   - claims: what a configuration file and the weight file itself state. The first that names heads decides; all are checked.
  /// - Throws: `EvalError.malformedData` where a tensor is missing, has the wrong rank, or contradicts a claim.
  init(
    _ loader: WeightLoader, claims: [ConfigurationClaims], activation: ActivationChoice
  ) throws {
    let reader = SizeReader(loader: loader, claims: claims)
    let tokens = try loader.shape("text.tokens", rank: 2)
    vocabularySize = tokens[0]
    contextLength = try loader.shape("text.positions", rank: 2)[0]
    try reader.require("text positions", contextLength, atMost: Self.longestSequence)
    try reader.require("vocabulary", vocabularySize)
    text = try reader.transformer(
      "text.layers", width: tokens[1], claims: \.text, activation: activation.text)
    vision =
      loader.contains("image.stem.2.conv.weight")
      ? .resNet(try reader.resNet())
      : .transformer(try reader.visionTransformer(activation: activation.vision))
    embeddingWidth = try loader.shape("text.projection", rank: 2)[0]
    try reader.require("joint width", embeddingWidth, atMost: Self.largestWidth)
    guard vision.embeddingWidth == embeddingWidth else {
      throw EvalError(
        .malformedData,
        "the image tower projects to \(vision.embeddingWidth), the text tower to \(embeddingWidth)",
        subject: loader.file.url.path)
    }
    let scale = try loader.scalar("logitScale")
    logitScale = Float(exp(Double(scale)))
    guard scale.isFinite, logitScale.isFinite else {
      throw EvalError(
        .malformedData, "expected logit_scale to be a finite number, found \(scale)",
        subject: loader.file.url.path)
    }
    for claims in claims {
      try claims.check(claims.imageSize, found: vision.imageSize)
      try claims.check(claims.vocabularySize, found: vocabularySize)
      try claims.check(claims.contextLength, found: contextLength)
      try claims.check(claims.embeddingWidth, found: embeddingWidth)
    }
  }

  /// Blocks of a transformer or of a stage; the deepest CLIP has 48.
  static let mostLayers = 1024

  /// Three times the tokens of a 1024-pixel image in patches of 14.
  static let longestSequence = 1 << 14

  /// Forty times that of the widest CLIP.
  static let largestWidth = 1 << 16

  /// Side, pixels; attention over more would not end either.
  static let largestImage = 1 << 12
}

private struct SizeReader {
  let loader: WeightLoader
  let claims: [ConfigurationClaims]

  private func malformed(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: loader.file.url.path)
  }

  /// A tensor without elements may claim any other dimension, and attention takes memory by the square of the tokens:
  /// neither may decide how much is reserved.
  func require(_ what: String, _ size: Int, atMost limit: Int = 1 << 40) throws {
    guard (1...limit).contains(size) else {
      let expected = limit == 1 << 40 ? "1 or more" : "1…\(limit)"
      throw malformed("\(what): expected \(expected), found \(size)")
    }
  }

  /// The side of the grid that `positions` of patches and one more token come from.
  private func grid(positions: Int) -> Int? {
    guard positions > 1, positions <= CLIPConfiguration.longestSequence else { return nil }
    let side = Int(Double(positions - 1).squareRoot().rounded())
    return side * side == positions - 1 ? side : nil
  }

  func visionTransformer(activation: Activation) throws -> VisionTransformerConfiguration {
    let patch = try loader.shape("image.patch.weight", rank: 4)
    let positions = try loader.shape("image.positions", rank: 2)[0]
    try require("image tokens", positions, atMost: CLIPConfiguration.longestSequence)
    guard let grid = grid(positions: positions), patch[1] == 3, patch[2] == patch[3],
      (1...CLIPConfiguration.largestImage / grid).contains(patch[2])
    else {
      throw malformed(
        "patch embedding \(patch) and \(positions) positions do not describe a square RGB image")
    }
    for claims in claims { try claims.check(claims.patchSize, found: patch[2]) }
    return VisionTransformerConfiguration(
      transformer: try transformer(
        "image.layers", width: patch[0], claims: \.vision, activation: activation),
      imageSize: grid * patch[2], patchSize: patch[2],
      embeddingWidth: try loader.shape("image.projection", rank: 2)[0])
  }

  func transformer(
    _ name: String, width: Int,
    claims path: KeyPath<ConfigurationClaims, ConfigurationClaims.Tower>,
    activation: Activation
  ) throws -> TransformerConfiguration {
    try require("\(name) width", width, atMost: CLIPConfiguration.largestWidth)
    var layers = 0
    while loader.contains("\(name).\(layers).mlp.expand.weight") { layers += 1 }
    try require("\(name) layers", layers, atMost: CLIPConfiguration.mostLayers)
    let mlpWidth = try loader.shape("\(name).0.mlp.expand.weight", rank: 2)[0]
    // Scratch has a row of it for every token. CLIP's MLPs have four to five times the width.
    try require("\(name) MLP width", mlpWidth, atMost: 64 * width)
    for claims in claims {
      let tower = claims[keyPath: path]
      try claims.check(tower.width, found: width)
      try claims.check(tower.layers, found: layers)
      try claims.check(tower.mlpWidth, found: mlpWidth)
    }
    return TransformerConfiguration(
      width: width, layers: layers,
      heads: try heads(of: width, claims: path, rule: width % 64 == 0 ? width / 64 : nil),
      mlpWidth: mlpWidth, activation: activation,
      layerNormEpsilon: try layerNormEpsilon(path))
  }

  private func layerNormEpsilon(
    _ path: KeyPath<ConfigurationClaims, ConfigurationClaims.Tower>
  ) throws -> Float {
    for claims in claims {
      guard let epsilon = claims[keyPath: path].layerNormEpsilon else { continue }
      // Negative, infinite or large ones would make every feature the same or no number.
      guard (0..<1).contains(epsilon) else {
        throw EvalError(
          .malformedData, "expected a layer norm epsilon from 0 to 1, found \(epsilon)",
          subject: claims.subject)
      }
      return epsilon
    }
    return 1e-5
  }

  func resNet() throws -> ResNetConfiguration {
    let width = try loader.shape("image.stem.3.conv.weight", rank: 4)[0]
    try require("stem width", width, atMost: 1 << 16)
    let stages = (1...4).map { stage in
      var blocks = 0
      while loader.contains("image.stages.\(stage).\(blocks).conv1.weight") { blocks += 1 }
      return blocks
    }
    guard stages.allSatisfy({ (1...CLIPConfiguration.mostLayers).contains($0) }) else {
      throw malformed("expected four stages of bottlenecks, found \(stages)")
    }
    let positions = try loader.shape("image.pool.positions", rank: 2)
    guard let grid = grid(positions: positions[0]), positions[1] == 32 * width else {
      throw malformed(
        "pooling positions \(positions) do not describe a square grid of width 32 × \(width)")
    }
    for claims in claims {
      try claims.check(claims.vision.width, found: width)
      if let claimed = claims.stages, claimed != stages {
        throw EvalError(
          .malformedData, "vision_cfg.layers is \(claimed), but the weights have \(stages)",
          subject: claims.subject,
          remedy: "The weights and the configuration are of different models.")
      }
    }
    let heads = try heads(
      of: 32 * width, claims: \.vision, rule: width % 2 == 0 ? width / 2 : nil)
    // Each head of the pool has two matrix products of its own, whose kernels pad a width below this many times over.
    try require("attention pool heads", heads, atMost: 32 * width / 8)
    return ResNetConfiguration(
      imageSize: 32 * grid, width: width, stages: stages, heads: heads,
      embeddingWidth: try loader.shape("image.pool.output.weight", rank: 2)[0])
  }

  /// - Parameter rule: what the paper's models have for this width.
  private func heads(
    of width: Int, claims path: KeyPath<ConfigurationClaims, ConfigurationClaims.Tower>, rule: Int?
  ) throws -> Int {
    var found: (heads: Int, source: ConfigurationClaims)?
    for source in claims {
      let tower = source[keyPath: path]
      var claim = tower.heads
      if claim == nil, let head = tower.headWidth {
        guard head.value > 0, width % head.value == 0 else {
          throw EvalError(
            .malformedData, "\(head.key) \(head.value) does not divide the width \(width)",
            subject: source.subject)
        }
        claim = Claim(head.key, width / head.value)
      }
      guard let claim else { continue }
      guard claim.value > 0, width % claim.value == 0 else {
        throw EvalError(
          .malformedData, "\(claim.key) \(claim.value) does not divide the width \(width)",
          subject: source.subject)
      }
      if let found, found.heads != claim.value {
        throw EvalError(
          .malformedData,
          "\(claim.key) gives \(claim.value) heads, but \(found.source.subject) says \(found.heads)",
          subject: source.subject)
      }
      found = (claim.value, source)
    }
    if let found { return found.heads }
    guard let rule else {
      throw malformed(
        "nothing says how many heads a width of \(width) has: it is no multiple of 64, as all of the paper's are"
      )
    }
    return rule
  }
}
