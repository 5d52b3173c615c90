import Core
import TensorFiles

/// How a checkpoint's tensors are named: found from the names themselves.
package struct TensorMapping: Sendable, Equatable {
  package let scheme: NamingScheme
  /// What wrappers put before every name, such as `module.` of several processes' training.
  package let prefix: String

  /// In words, for people.
  package var description: String {
    prefix.isEmpty ? scheme.rawValue : "\(scheme.rawValue), every name after \"\(prefix)\""
  }

  func origin(of name: String) -> TensorOrigin? {
    guard var origin = TensorNames.origin(of: name, in: scheme) else { return nil }
    origin.parts = origin.parts.map { prefix + $0 }
    return origin
  }

  private static let scaleName = "logit_scale"

  /// What stands before each name `logit_scale`, which every CLIP has once and nothing else has: whatever wraps the
  /// model (several processes' training, a compiler, a trainer's module) puts the same before all its names.
  private static func prefixes(in names: some Sequence<String>) -> [String] {
    names.filter { $0 == scaleName || $0.hasSuffix("." + scaleName) }
      .map { String($0.dropLast(scaleName.count)) }.sorted()
  }

  private static let tokens = "text.tokens"
  private static let firstConvolution = ["image.patch.weight", "image.stem.1.conv.weight"]

  private func holds(_ name: String, in names: Set<String>) -> Bool {
    origin(of: name)?.parts.allSatisfy(names.contains) ?? false
  }

  /// nil when these are no names of one whole CLIP.
  package init?(detectedIn contents: some Collection<String>) {
    let names = Set(contents)
    let prefixes = Self.prefixes(in: contents)
    guard let prefix = prefixes.first, prefixes.count == 1 else { return nil }
    for scheme in NamingScheme.allCases {
      let mapping = TensorMapping(scheme: scheme, prefix: prefix)
      if mapping.holds(Self.tokens, in: names),
        Self.firstConvolution.contains(where: { mapping.holds($0, in: names) })
      {
        self = mapping
        return
      }
    }
    return nil
  }

  /// What tensors lack to be one whole CLIP, as the end of "they are no CLIP: …"; nil when they lack nothing.
  package static func shortcoming(of contents: some Collection<String>) -> String? {
    if TensorMapping(detectedIn: contents) != nil { return nil }
    let prefixes = prefixes(in: contents)
    if prefixes.count > 1 {
      let all = prefixes.prefix(3).map { $0 + scaleName }.joined(separator: ", ")
      return "expected one logit_scale, found \(prefixes.count) (\(all)), of several models"
    }
    let names = Set(contents)
    let mappings = NamingScheme.allCases.map {
      TensorMapping(scheme: $0, prefix: prefixes.first ?? "")
    }
    var missing = prefixes.isEmpty ? [scaleName] : []
    if !mappings.contains(where: { $0.holds(tokens, in: names) }) {
      missing.append("the text tower's token embedding")
    }
    if !mappings.contains(where: { mapping in
      firstConvolution.contains { mapping.holds($0, in: names) }
    }) {
      missing.append("the image tower's first convolution")
    }
    return missing.isEmpty
      ? "the towers' names are of different spellings"
      : "\(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing"
  }

  /// For tensors of one tower alone, whose scheme is known otherwise.
  package init(scheme: NamingScheme, prefix: String = "") {
    self.scheme = scheme
    self.prefix = prefix
  }

  /// - Throws: `EvalError.malformedData` that says what the tensors are of, as far as their names tell.
  init(of file: any TensorFile) throws {
    if let (name, kind) = Self.foreignTower(in: file.contents.keys) {
      throw EvalError(
        .malformedData, "the tensor \(name) belongs to \(kind), which is not computed here",
        subject: file.url.path,
        remedy:
          "Expected one of the paper's models: a ViT or ModifiedResNet and CLIP's text transformer."
      )
    }
    guard let mapping = TensorMapping(detectedIn: file.contents.keys) else {
      let shortcoming = Self.shortcoming(of: file.contents.keys) ?? ""
      let some = file.contents.keys.sorted().prefix(3).joined(separator: ", ")
      throw EvalError(
        .malformedData,
        "the names of its \(file.contents.count) tensors (\(some), …) are not those of a whole CLIP in Hugging Face, "
          + "OpenAI or open_clip spelling: \(shortcoming)",
        subject: file.url.path,
        remedy: "Expected both towers and logit_scale; `clip-eval inspect` lists what is there.")
    }
    self = mapping
  }

  /// Towers that share CLIP's outer names and are something else inside.
  private static func foreignTower(in names: some Sequence<String>) -> (name: String, kind: String)?
  {
    let marks: [(String, String)] = [
      ("visual.trunk.", "a timm image tower"),
      ("visual.attn_pool.", "an image tower with attentional pooling (CoCa)"),
      ("visual.head.", "an image tower with a timm head"),
      ("text_decoder.", "CoCa's text decoder"),
      ("text.cls_emb", "CoCa's text tower"),
      ("text.transformer.embeddings.", "a Hugging Face text tower in open_clip"),
      ("text.transformer.encoder.", "a Hugging Face text tower in open_clip"),
      ("vision_model.head.", "SigLIP's image tower"),
      ("text_model.head.", "SigLIP's text tower"),
      ("logit_bias", "SigLIP's loss"),
    ]
    let names = names.sorted()
    let prefixes = prefixes(in: names).filter { !$0.isEmpty }
    return names.lazy.compactMap { name in
      let bare =
        prefixes.first(where: name.hasPrefix).map { String(name.dropFirst($0.count)) } ?? name
      return marks.first { bare.hasPrefix($0.0) }.map { (name, $0.1) }
    }.first
  }
}

extension TensorMapping {
  /// The file's tensors that no tower of this configuration reads, sorted.
  func unused(_ file: any TensorFile, by configuration: CLIPConfiguration) -> [String] {
    let used = Set(
      TensorNames.names(of: configuration).flatMap { origin(of: $0)?.parts ?? [] })
    return file.contents.keys.filter { !used.contains($0) }.sorted()
  }

  /// Whether a tensor that nothing reads lies inside a tower and is not known to be without effect: then the tower is of
  /// a variant whose features would come out wrong.
  func isSuspicious(_ unused: String) -> Bool {
    guard unused.hasPrefix(prefix) else { return false }
    let name = unused.dropFirst(prefix.count)
    let towers =
      scheme == .huggingFace
      ? ["vision_model.", "text_model."] : ["visual.", "transformer.", "text."]
    let harmless = ["position_ids", "attn_mask", "num_batches_tracked"]
    return towers.contains(where: name.hasPrefix)
      && !harmless.contains { name.hasSuffix("." + $0) }
  }
}
