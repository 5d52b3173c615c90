import Core
import Foundation
import TensorFiles

/// A ViT-B/32-shaped checkpoint with random weights, in Hugging Face layout: what speed is measured on where
/// no real weights can be had.
enum RandomCheckpoint {
  /// - Returns: whether it had to be made.
  static func make(in folder: URL) throws -> Bool {
    let weights = folder.appending(path: "model.safetensors")
    if FileManager.default.fileExists(atPath: weights.path) { return false }
    var generator = Generator(state: 1)
    var tensors: [TensorPayload] = []
    func add(_ name: String, _ shape: [Int], scale: Float = 0.02, offset: Float = 0) {
      let count = shape.reduce(1, *)
      let values = (0..<count).map { _ in offset + scale * generator.uniform() }
      tensors.append(TensorPayload(name: name, shape: shape, floats: values))
    }
    func tower(_ prefix: String, width w: Int, layers: Int) {
      for layer in 0..<layers {
        let p = "\(prefix).encoder.layers.\(layer)"
        for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
          add("\(p).self_attn.\(name).weight", [w, w])
          add("\(p).self_attn.\(name).bias", [w])
        }
        for name in ["layer_norm1", "layer_norm2"] {
          add("\(p).\(name).weight", [w], offset: 1)
          add("\(p).\(name).bias", [w])
        }
        add("\(p).mlp.fc1.weight", [4 * w, w])
        add("\(p).mlp.fc1.bias", [4 * w])
        add("\(p).mlp.fc2.weight", [w, 4 * w])
        add("\(p).mlp.fc2.bias", [w])
      }
    }
    add("logit_scale", [], scale: 0, offset: 4.6052)
    add("vision_model.embeddings.class_embedding", [768])
    add("vision_model.embeddings.patch_embedding.weight", [768, 3, 32, 32])
    add("vision_model.embeddings.position_embedding.weight", [50, 768])
    for name in ["pre_layrnorm", "post_layernorm"] {
      add("vision_model.\(name).weight", [768], offset: 1)
      add("vision_model.\(name).bias", [768])
    }
    tower("vision_model", width: 768, layers: 12)
    add("visual_projection.weight", [512, 768])
    add("text_model.embeddings.token_embedding.weight", [49408, 512])
    add("text_model.embeddings.position_embedding.weight", [77, 512])
    tower("text_model", width: 512, layers: 12)
    add("text_model.final_layer_norm.weight", [512], offset: 1)
    add("text_model.final_layer_norm.bias", [512])
    add("text_projection.weight", [512, 512])
    try AtomicFile.write(
      #"""
      {"model_type": "clip", "projection_dim": 512,
       "vision_config": {"hidden_act": "quick_gelu", "num_attention_heads": 12},
       "text_config": {"hidden_act": "quick_gelu", "num_attention_heads": 8}}
      """#, to: folder.appending(path: "config.json"))
    try SafetensorsFile.write(tensors, to: weights)
    return true
  }

  /// SplitMix64; uniform in −1…1.
  private struct Generator {
    var state: UInt64

    mutating func uniform() -> Float {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Float((z ^ (z >> 31)) >> 40) / Float(1 << 23) - 1
    }
  }
}
