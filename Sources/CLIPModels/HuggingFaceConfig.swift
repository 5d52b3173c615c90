import Core
import Foundation

/// What a Hugging Face `config.json` of a `CLIPModel` says. Absent keys are nil: the weights decide then.
struct HuggingFaceConfig: Decodable {
  struct Tower: Decodable {
    var hidden_size: Int?
    var intermediate_size: Int?
    var num_hidden_layers: Int?
    var num_attention_heads: Int?
    var hidden_act: String?
    var layer_norm_eps: Float?
    var image_size: Int?
    var patch_size: Int?
    var vocab_size: Int?
    var max_position_embeddings: Int?
  }
  var model_type: String?
  var projection_dim: Int?
  var vision_config: Tower?
  var text_config: Tower?

  init(reading url: URL) throws {
    let data = try readFile(url, limit: CheckpointConfig.largestFile)
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "not a Hugging Face model configuration: \(error.place)", subject: url.path)
    }
    guard model_type == nil || model_type == "clip" else {
      throw EvalError(
        .malformedData, "expected model_type \"clip\", found \"\(model_type ?? "")\"",
        subject: url.path)
    }
  }
}

extension HuggingFaceConfig.Tower {
  /// transformers' `CLIPVisionConfig`/`CLIPTextConfig` default to quick_gelu, and files it saves may leave
  /// defaults out, so an absent key means that.
  func activation(in url: URL) throws -> Activation {
    guard let name = hidden_act else { return .quickGELU }
    guard let activation = Activation(rawValue: name) else {
      throw EvalError(
        .malformedData, "expected hidden_act quick_gelu or gelu, found \(name)", subject: url.path)
    }
    return activation
  }
}
