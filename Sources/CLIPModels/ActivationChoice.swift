import Core
import TensorFiles

/// The towers' activations, and who says so.
struct ActivationChoice {
  var vision: Activation
  var text: Activation
  /// In words, for people.
  var source: String

  init(_ activation: Activation, source: String) {
    (vision, text, self.source) = (activation, activation, source)
  }

  /// - Parameter explicit: a user's choice.
  /// - Throws: `EvalError.usage` where nothing says.
  init(
    explicit: Activation?, config: CheckpointConfig?, isOpenAI: Bool, weights: any TensorFile
  ) throws {
    if let explicit {
      self.init(explicit, source: "--activation")
      return
    }
    switch config {
    case .huggingFace(let config, let url):
      self.init(
        try config.vision_config?.activation(in: url) ?? .quickGELU,
        source: "hidden_act of config.json")
      text = try config.text_config?.activation(in: url) ?? .quickGELU
    case .openCLIP(let config):
      self.init(config.activation, source: "quick_gelu of open_clip_config.json")
    case nil where isOpenAI:
      self.init(.quickGELU, source: "OpenAI's format")
    case nil:
      throw EvalError(
        .usage, "nothing in the checkpoint says which activation its MLPs use",
        subject: weights.url.path,
        remedy:
          "Say --activation quick_gelu (OpenAI's weights, and models trained with it) or --activation gelu "
          + "(most of open_clip's), or put the model's open_clip_config.json beside the file.")
    }
  }
}
