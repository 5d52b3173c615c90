import Core
import Foundation

/// What an `open_clip_config.json` says of the model. Absent keys are nil: the weights decide then.
struct OpenCLIPConfig: Sendable {
  let url: URL
  private let model: [String: JSONValue]
  private let vision: [String: JSONValue]
  private let text: [String: JSONValue]
  let preprocessing: [String: JSONValue]

  private struct Root: Decodable {
    let model_cfg: [String: JSONValue]
    let preprocess_cfg: [String: JSONValue]?
  }

  /// - Throws: `EvalError.malformedData` for a file of another kind, and for settings that change what the towers compute
  ///   in ways that are not computed here.
  init(reading url: URL) throws {
    let root: Root
    do {
      root = try JSONDecoder().decode(
        Root.self, from: readFile(url, limit: CheckpointConfig.largestFile))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "not an open_clip configuration: \(error.place)", subject: url.path)
    }
    self.url = url
    model = root.model_cfg
    vision = model["vision_cfg"]?.object ?? [:]
    text = model["text_cfg"]?.object ?? [:]
    preprocessing = root.preprocess_cfg ?? [:]
    try refuse(vision, "vision_cfg", handled: Self.visionKeys, inert: Self.inertVisionKeys)
    try refuse(text, "text_cfg", handled: Self.textKeys, inert: Self.inertTextKeys)
    try refuse(model, "model_cfg", handled: Self.modelKeys, inert: [:])
  }

  private static let modelKeys: Set = ["embed_dim", "quick_gelu", "vision_cfg", "text_cfg"]
  private static let visionKeys: Set = [
    "image_size", "layers", "width", "head_width", "mlp_ratio", "patch_size", "norm_kwargs",
    // These act in training alone.
    "patch_dropout",
  ]
  private static let textKeys: Set = [
    "context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "norm_kwargs",
  ]
  /// Settings whose given value changes nothing.
  private static let inertVisionKeys: [String: JSONValue] = [
    "pool_type": .text("tok"), "attentional_pool": .bool(false), "no_ln_pre": .bool(false),
    "final_ln_after_pool": .bool(false), "pos_embed_type": .text("learnable"),
    "input_patchnorm": .bool(false), "global_average_pool": .bool(false),
    "output_tokens": .bool(false), "timm_model_pretrained": .bool(false),
  ]
  private static let inertTextKeys: [String: JSONValue] = [
    "pool_type": .text("argmax"), "proj_type": .text("linear"), "proj_bias": .bool(false),
    "embed_cls": .bool(false), "no_causal_mask": .bool(false), "final_ln_after_pool": .bool(false),
    "output_tokens": .bool(false), "pad_id": .number(0),
  ]

  private func refuse(
    _ settings: [String: JSONValue], _ section: String, handled: Set<String>,
    inert: [String: JSONValue]
  ) throws {
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      if handled.contains(key) || value == .null || value == .object([:]) { continue }
      if section == "model_cfg", key == "custom_text" { continue }
      if let harmless = inert[key], harmless == value { continue }
      let kind = [
        "timm_model_name": "a timm image tower", "hf_model_name": "a Hugging Face text tower",
      ]
      throw EvalError(
        .malformedData,
        kind[key].map { "\(section).\(key) asks for \($0), which is not computed here" }
          ?? "\(section).\(key) is a setting whose effect is not computed here", subject: url.path)
    }
  }

  /// open_clip's `quick_gelu`; absent means GELU.
  var activation: Activation { model["quick_gelu"] == .bool(true) ? .quickGELU : .gelu }
  var embeddingWidth: Int? { model["embed_dim"]?.integer }

  var imageSize: Int? { vision["image_size"]?.integer }
  var patchSize: Int? { vision["patch_size"]?.integer }
  var visionWidth: Int? { vision["width"]?.integer }
  var visionLayers: Int? { vision["layers"]?.integer }
  /// Of a ResNet.
  var stages: [Int]? { vision["layers"]?.array?.compactMap(\.integer) }
  /// Width of one attention head of the image tower.
  var headWidth: Int { vision["head_width"]?.integer ?? 64 }

  var contextLength: Int? { text["context_length"]?.integer }
  var vocabularySize: Int? { text["vocab_size"]?.integer }
  var textWidth: Int? { text["width"]?.integer }
  var textHeads: Int? { text["heads"]?.integer }
  var textLayers: Int? { text["layers"]?.integer }

  /// Width of the MLP, from its ratio to the tower's.
  func mlpWidth(ofText isText: Bool, width: Int) -> Int? {
    (isText ? text : vision)["mlp_ratio"]?.number.map {
      Int(exactly: (Double(width) * $0).rounded(.down)) ?? 0
    }
  }

  func layerNormEpsilon(ofText isText: Bool) -> Float? {
    (isText ? text : vision)["norm_kwargs"]?.object?["eps"]?.number.map { Float($0) }
  }
}

/// JSON as it comes, for files whose keys decide whether they can be honoured.
enum JSONValue: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let array = try? value.decode([JSONValue].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

  var number: Double? { if case .number(let value) = self { value } else { nil } }
  var integer: Int? { number.flatMap { Int(exactly: $0) } }
  var string: String? { if case .text(let value) = self { value } else { nil } }
  var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  var object: [String: JSONValue]? { if case .object(let values) = self { values } else { nil } }
}
