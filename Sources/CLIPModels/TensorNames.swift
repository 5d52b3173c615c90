/// Who named the tensors of a checkpoint.
package enum NamingScheme: String, Sendable, Codable, CaseIterable {
  /// transformers' `CLIPModel`.
  case huggingFace = "huggingface"
  /// openai/CLIP, and open_clip's `CLIP`, which kept the names.
  case openAI = "openai"
  /// open_clip's `CustomTextCLIP`: OpenAI's names, the text tower's under `text.`.
  case openCLIPText = "open_clip"
}

/// Where one of the towers' tensors lies in a checkpoint.
struct TensorOrigin: Equatable {
  /// Tensors of the file that follow one another along the first dimension; mostly one.
  var parts: [String]
  /// The file has [columns, rows].
  var isTransposed = false
}

/// The one table between the towers' own names and everybody else's.
///
/// The towers' layout (W width, M MLP width, P patch, T positions, C context, V vocabulary, D joint width,
/// g grid of the last stage):
///
///     image.patch.weight [W,3,P,P]   image.class [W]   image.positions [T,W]
///     image.preNorm, image.postNorm .weight|bias [W]   image.projection [D,W]
///     text.tokens [V,W]   text.positions [C,W]   text.finalNorm .weight|bias [W]   text.projection [D,W]
///     <image|text>.layers.N.attentionNorm, .mlpNorm .weight|bias [W]
///                          .attention.input [3W,W] (query, key, value)   .attention.output [W,W]
///                          .mlp.expand [M,W]   .mlp.contract [W,M]   each .weight|bias
///     image.stem.N.conv.weight, .norm.weight|bias|mean|variance                         N = 1…3
///     image.stages.S.B.convN.weight, .normN.…, .downsample.conv.weight, .downsample.norm.…   S = 1…4, B = 0…
///     image.pool.positions [g²+1,W]   image.pool.query|key|value|output .weight|bias
///     logitScale []
enum TensorNames {
  /// One row: `*` stands for a number, `{…}` in an origin for parts that are stacked.
  struct Row {
    let name: String
    let huggingFace: String?
    let openAI: String
    let isTransposedInOpenAI: Bool

    var isText: Bool { name.hasPrefix("text.") }
  }

  static let rows: [Row] = singles + pairs + norms

  private static func row(
    _ name: String, _ huggingFace: String?, _ openAI: String, transposed: Bool = false
  ) -> Row {
    Row(
      name: name, huggingFace: huggingFace, openAI: openAI, isTransposedInOpenAI: transposed)
  }

  private static let singles: [Row] = [
    row("logitScale", "logit_scale", "logit_scale"),
    row(
      "image.patch.weight", "vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"),
    row("image.class", "vision_model.embeddings.class_embedding", "visual.class_embedding"),
    row(
      "image.positions", "vision_model.embeddings.position_embedding.weight",
      "visual.positional_embedding"),
    row("image.projection", "visual_projection.weight", "visual.proj", transposed: true),
    row("text.tokens", "text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
    row(
      "text.positions", "text_model.embeddings.position_embedding.weight", "positional_embedding"),
    row("text.projection", "text_projection.weight", "text_projection", transposed: true),
    row(
      "image.layers.*.attention.input.weight",
      "vision_model.encoder.layers.*.self_attn.{q_proj,k_proj,v_proj}.weight",
      "visual.transformer.resblocks.*.attn.in_proj_weight"),
    row(
      "image.layers.*.attention.input.bias",
      "vision_model.encoder.layers.*.self_attn.{q_proj,k_proj,v_proj}.bias",
      "visual.transformer.resblocks.*.attn.in_proj_bias"),
    row(
      "text.layers.*.attention.input.weight",
      "text_model.encoder.layers.*.self_attn.{q_proj,k_proj,v_proj}.weight",
      "transformer.resblocks.*.attn.in_proj_weight"),
    row(
      "text.layers.*.attention.input.bias",
      "text_model.encoder.layers.*.self_attn.{q_proj,k_proj,v_proj}.bias",
      "transformer.resblocks.*.attn.in_proj_bias"),
    row("image.stem.*.conv.weight", nil, "visual.conv*.weight"),
    row("image.stages.*.*.conv1.weight", nil, "visual.layer*.*.conv1.weight"),
    row("image.stages.*.*.conv2.weight", nil, "visual.layer*.*.conv2.weight"),
    row("image.stages.*.*.conv3.weight", nil, "visual.layer*.*.conv3.weight"),
    row("image.stages.*.*.downsample.conv.weight", nil, "visual.layer*.*.downsample.0.weight"),
    row("image.pool.positions", nil, "visual.attnpool.positional_embedding"),
  ]

  /// Rows that stand for `.weight` and `.bias`.
  private static let pairs: [Row] = [
    // transformers spells the first norm "pre_layrnorm".
    row("image.preNorm", "vision_model.pre_layrnorm", "visual.ln_pre"),
    row("image.postNorm", "vision_model.post_layernorm", "visual.ln_post"),
    row("text.finalNorm", "text_model.final_layer_norm", "ln_final"),
    row(
      "image.layers.*.attentionNorm", "vision_model.encoder.layers.*.layer_norm1",
      "visual.transformer.resblocks.*.ln_1"),
    row(
      "image.layers.*.attention.output", "vision_model.encoder.layers.*.self_attn.out_proj",
      "visual.transformer.resblocks.*.attn.out_proj"),
    row(
      "image.layers.*.mlpNorm", "vision_model.encoder.layers.*.layer_norm2",
      "visual.transformer.resblocks.*.ln_2"),
    row(
      "image.layers.*.mlp.expand", "vision_model.encoder.layers.*.mlp.fc1",
      "visual.transformer.resblocks.*.mlp.c_fc"),
    row(
      "image.layers.*.mlp.contract", "vision_model.encoder.layers.*.mlp.fc2",
      "visual.transformer.resblocks.*.mlp.c_proj"),
    row(
      "text.layers.*.attentionNorm", "text_model.encoder.layers.*.layer_norm1",
      "transformer.resblocks.*.ln_1"),
    row(
      "text.layers.*.attention.output", "text_model.encoder.layers.*.self_attn.out_proj",
      "transformer.resblocks.*.attn.out_proj"),
    row(
      "text.layers.*.mlpNorm", "text_model.encoder.layers.*.layer_norm2",
      "transformer.resblocks.*.ln_2"),
    row(
      "text.layers.*.mlp.expand", "text_model.encoder.layers.*.mlp.fc1",
      "transformer.resblocks.*.mlp.c_fc"),
    row(
      "text.layers.*.mlp.contract", "text_model.encoder.layers.*.mlp.fc2",
      "transformer.resblocks.*.mlp.c_proj"),
    row("image.pool.query", nil, "visual.attnpool.q_proj"),
    row("image.pool.key", nil, "visual.attnpool.k_proj"),
    row("image.pool.value", nil, "visual.attnpool.v_proj"),
    row("image.pool.output", nil, "visual.attnpool.c_proj"),
  ].flatMap { expand($0, ["weight": "weight", "bias": "bias"]) }

  /// Rows that stand for a batch norm.
  private static let norms: [Row] = [
    row("image.stem.*.norm", nil, "visual.bn*"),
    row("image.stages.*.*.norm1", nil, "visual.layer*.*.bn1"),
    row("image.stages.*.*.norm2", nil, "visual.layer*.*.bn2"),
    row("image.stages.*.*.norm3", nil, "visual.layer*.*.bn3"),
    row("image.stages.*.*.downsample.norm", nil, "visual.layer*.*.downsample.1"),
  ].flatMap {
    expand(
      $0,
      ["weight": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var"])
  }

  private static func expand(_ row: Row, _ suffixes: [String: String]) -> [Row] {
    suffixes.sorted { $0.key < $1.key }.map { own, theirs in
      self.row(
        "\(row.name).\(own)", row.huggingFace.map { "\($0).\(theirs)" }, "\(row.openAI).\(theirs)")
    }
  }

  private static let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })

  /// Where the tensor `name` of a tower lies in a checkpoint named by `scheme`; nil when that scheme has no such tensor.
  static func origin(of name: String, in scheme: NamingScheme) -> TensorOrigin? {
    let components = name.split(separator: ".")
    let isNumber = { (text: Substring) in text.utf8.allSatisfy { (48...57).contains($0) } }
    let pattern = components.map { isNumber($0) ? "*" : $0 }.joined(separator: ".")
    guard let row = byName[pattern] else { return nil }
    let numbers = components.filter(isNumber).map { String($0) }
    func filled(_ pattern: String) -> String { fill(pattern, numbers) }
    switch scheme {
    case .huggingFace:
      return row.huggingFace.map { TensorOrigin(parts: alternatives(filled($0))) }
    case .openAI:
      return TensorOrigin(parts: [filled(row.openAI)], isTransposed: row.isTransposedInOpenAI)
    case .openCLIPText:
      return TensorOrigin(
        parts: [(row.isText ? "text." : "") + filled(row.openAI)],
        isTransposed: row.isTransposedInOpenAI)
    }
  }

  /// Every tensor that the towers of a model read, by the towers' names.
  static func names(of configuration: CLIPConfiguration) -> [String] {
    rows.flatMap { row -> [String] in
      let name = row.name
      let isStaged = name.hasPrefix("image.stages.")
      switch configuration.vision {
      case .transformer(let vision):
        if name.hasPrefix("image.layers.") {
          return (0..<vision.transformer.layers).map { fill(name, ["\($0)"]) }
        }
        if isStaged || name.hasPrefix("image.stem.") || name.hasPrefix("image.pool.") { return [] }
      case .resNet(let vision):
        if isStaged {
          return vision.stages.enumerated().flatMap { stage, blocks in
            (0..<blocks).filter { $0 == 0 || !name.contains(".downsample.") }
              .map { fill(name, ["\(stage + 1)", "\($0)"]) }
          }
        }
        if name.hasPrefix("image.stem.") { return (1...3).map { fill(name, ["\($0)"]) } }
        if name.hasPrefix("image."), !name.hasPrefix("image.pool.") { return [] }
      }
      if name.hasPrefix("text.layers.") {
        return (0..<configuration.text.layers).map { fill(name, ["\($0)"]) }
      }
      return [name]
    }
  }

  /// Puts numbers in the places of `*`, in order.
  private static func fill(_ pattern: String, _ numbers: some Sequence<String>) -> String {
    var iterator = numbers.makeIterator()
    return pattern.map { $0 == "*" ? iterator.next() ?? "*" : String($0) }.joined()
  }

  /// `a{b,c}d` → `abd`, `acd`.
  private static func alternatives(_ pattern: String) -> [String] {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern.firstIndex(of: "}") else {
      return [pattern]
    }
    let (head, tail) = (pattern[..<open], pattern[pattern.index(after: close)...])
    return pattern[pattern.index(after: open)..<close].split(separator: ",")
      .map { "\(head)\($0)\(tail)" }
  }
}
