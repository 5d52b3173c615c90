import Core
import Foundation
import TensorFiles

/// A checkpoint of one of the paper's shapes with random weights: what speed is measured on where no real weights can
/// be had. Speed does not depend on the values.
struct RandomCheckpoint {
  enum Vision {
    case transformer(patch: Int, width: Int, layers: Int)
    case resNet(stages: [Int], width: Int)
  }

  let name: String
  let vision: Vision
  let embeddingWidth: Int
  let textWidth: Int

  static let all = [
    RandomCheckpoint(
      name: "ViT-B-32", vision: .transformer(patch: 32, width: 768, layers: 12),
      embeddingWidth: 512, textWidth: 512),
    RandomCheckpoint(
      name: "ViT-B-16", vision: .transformer(patch: 16, width: 768, layers: 12),
      embeddingWidth: 512, textWidth: 512),
    RandomCheckpoint(
      name: "ViT-L-14", vision: .transformer(patch: 14, width: 1024, layers: 24),
      embeddingWidth: 768, textWidth: 768),
    RandomCheckpoint(
      name: "RN50", vision: .resNet(stages: [3, 4, 6, 3], width: 64), embeddingWidth: 1024,
      textWidth: 512),
  ]

  private static let imageSize = 224
  private static let vocabularySize = 49408
  private static let contextLength = 77

  /// ViTs in Hugging Face's layout, a ResNet, which that has no names for, as a file with OpenAI's names.
  func url(in scratch: URL) -> URL {
    switch vision {
    case .transformer: scratch.appending(path: name)
    case .resNet: scratch.appending(path: "\(name).safetensors")
    }
  }

  func weightFile(in scratch: URL) -> URL {
    switch vision {
    case .transformer: url(in: scratch).appending(path: "model.safetensors")
    case .resNet: url(in: scratch)
    }
  }

  /// Writes it unless it is there.
  func make(in scratch: URL) throws {
    let file = weightFile(in: scratch)
    if FileManager.default.fileExists(atPath: file.path) { return }
    var weights = RandomWeights()
    switch vision {
    case .transformer(let patch, let width, let layers):
      huggingFace(&weights, patch: patch, width: width, layers: layers)
      try AtomicFile.write(
        #"""
        {"model_type": "clip", "projection_dim": \#(embeddingWidth),
         "vision_config": {"hidden_act": "quick_gelu", "num_attention_heads": \#(width / 64)},
         "text_config": {"hidden_act": "quick_gelu", "num_attention_heads": \#(textWidth / 64)}}
        """#, to: url(in: scratch).appending(path: "config.json"))
    case .resNet(let stages, let width):
      resNet(&weights, stages: stages, width: width)
      openAIText(&weights)
    }
    try SafetensorsFile.write(weights.tensors, to: file)
  }

  // MARK: Hugging Face's names

  private func huggingFace(_ weights: inout RandomWeights, patch: Int, width: Int, layers: Int) {
    let embeddings = "vision_model.embeddings"
    let grid = Self.imageSize / patch
    let scale = Double(width).squareRoot()
    weights.add("logit_scale", [], deviation: 0, mean: 4.6052)
    weights.add("\(embeddings).class_embedding", [width], deviation: 1 / scale)
    weights.add(
      "\(embeddings).patch_embedding.weight", [width, 3, patch, patch],
      deviation: 1 / Double(3 * patch * patch).squareRoot())
    weights.add(
      "\(embeddings).position_embedding.weight", [grid * grid + 1, width], deviation: 1 / scale)
    weights.layerNorm("vision_model.pre_layrnorm", width)
    transformer(&weights, "vision_model.encoder.layers", width: width, layers: layers)
    weights.layerNorm("vision_model.post_layernorm", width)
    weights.add("visual_projection.weight", [embeddingWidth, width], deviation: 1 / scale)
    weights.add(
      "text_model.embeddings.token_embedding.weight", [Self.vocabularySize, textWidth],
      deviation: 0.02)
    weights.add(
      "text_model.embeddings.position_embedding.weight", [Self.contextLength, textWidth],
      deviation: 0.01)
    transformer(&weights, "text_model.encoder.layers", width: textWidth, layers: 12)
    weights.layerNorm("text_model.final_layer_norm", textWidth)
    weights.add(
      "text_projection.weight", [embeddingWidth, textWidth],
      deviation: 1 / Double(textWidth).squareRoot())
  }

  private func transformer(
    _ weights: inout RandomWeights, _ name: String, width w: Int, layers: Int
  ) {
    let input = 1 / Double(w).squareRoot()
    let output = input / Double(2 * layers).squareRoot()
    for layer in 0..<layers {
      let p = "\(name).\(layer)"
      weights.layerNorm("\(p).layer_norm1", w)
      for projection in ["q_proj", "k_proj", "v_proj"] {
        weights.linear("\(p).self_attn.\(projection)", w, w, deviation: input)
      }
      weights.linear("\(p).self_attn.out_proj", w, w, deviation: output)
      weights.layerNorm("\(p).layer_norm2", w)
      weights.linear("\(p).mlp.fc1", 4 * w, w, deviation: input)
      weights.linear("\(p).mlp.fc2", w, 4 * w, deviation: output)
    }
  }

  // MARK: OpenAI's names

  private func resNet(_ weights: inout RandomWeights, stages: [Int], width: Int) {
    var channels = 3
    for (i, outputs) in [width / 2, width / 2, width].enumerated() {
      weights.convolution("visual.conv\(i + 1)", outputs, channels, 3)
      weights.batchNorm("visual.bn\(i + 1)", outputs, gain: 1)
      channels = outputs
    }
    for (stage, blocks) in stages.enumerated() {
      let planes = width << stage
      for block in 0..<blocks {
        let p = "visual.layer\(stage + 1).\(block)"
        weights.convolution("\(p).conv1", planes, channels, 1)
        weights.batchNorm("\(p).bn1", planes, gain: 1)
        weights.convolution("\(p).conv2", planes, planes, 3)
        weights.batchNorm("\(p).bn2", planes, gain: 1)
        weights.convolution("\(p).conv3", 4 * planes, planes, 1)
        // What a block adds is small beside what it is added to.
        weights.batchNorm("\(p).bn3", 4 * planes, gain: 0.3)
        if block == 0 {
          weights.convolution("\(p).downsample.0", 4 * planes, channels, 1)
          weights.batchNorm("\(p).downsample.1", 4 * planes, gain: 0.7)
        }
        channels = 4 * planes
      }
    }
    let grid = Self.imageSize / 32
    let deviation = 1 / Double(channels).squareRoot()
    weights.add(
      "visual.attnpool.positional_embedding", [grid * grid + 1, channels], deviation: deviation)
    for projection in ["q_proj", "k_proj", "v_proj"] {
      weights.linear(
        "visual.attnpool.\(projection)", channels, channels, deviation: deviation)
    }
    weights.linear("visual.attnpool.c_proj", embeddingWidth, channels, deviation: deviation)
  }

  private func openAIText(_ weights: inout RandomWeights) {
    let w = textWidth
    let layers = 12
    let input = 1 / Double(w).squareRoot()
    let output = input / Double(2 * layers).squareRoot()
    weights.add("logit_scale", [], deviation: 0, mean: 4.6052)
    weights.add("token_embedding.weight", [Self.vocabularySize, w], deviation: 0.02)
    weights.add("positional_embedding", [Self.contextLength, w], deviation: 0.01)
    for layer in 0..<layers {
      let p = "transformer.resblocks.\(layer)"
      weights.layerNorm("\(p).ln_1", w)
      weights.add("\(p).attn.in_proj_weight", [3 * w, w], deviation: input)
      weights.add("\(p).attn.in_proj_bias", [3 * w], deviation: 0.02)
      weights.linear("\(p).attn.out_proj", w, w, deviation: output)
      weights.layerNorm("\(p).ln_2", w)
      weights.linear("\(p).mlp.c_fc", 4 * w, w, deviation: input)
      weights.linear("\(p).mlp.c_proj", w, 4 * w, deviation: output)
    }
    weights.layerNorm("ln_final", w)
    weights.add("text_projection", [w, embeddingWidth], deviation: input)
    // By these three a state dict is known as OpenAI's, so that it need not say which activation it means.
    weights.add("input_resolution", integer: Int64(Self.imageSize))
    weights.add("context_length", integer: Int64(Self.contextLength))
    weights.add("vocab_size", integer: Int64(Self.vocabularySize))
  }
}
