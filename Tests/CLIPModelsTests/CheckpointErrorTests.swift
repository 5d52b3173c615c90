import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

import CLIPModels

/// Checkpoints that say too little, contradict themselves, or are of other models.
@Suite("Checkpoints that are refused") struct CheckpointErrorTests {
  private let fixtures = CheckpointFixture.folder
  private let copy: TemporaryFolder

  init() throws { copy = try TemporaryFolder() }

  /// A safetensors copy of a fixture's tensors, changed, alone in a folder or with files beside it.
  private func write(
    _ source: String, as name: String = "model.safetensors",
    with companions: [String: String] = [:],
    _ change: (inout [String: TensorPayload]) -> Void = { _ in }
  ) throws -> URL {
    let file = try openTensorFile(fixtures.appending(path: source))
    var tensors: [String: TensorPayload] = [:]
    for name in file.contents.keys {
      let tensor = try file.tensor(name)
      tensors[name] = TensorPayload(
        name: name, type: tensor.type, shape: tensor.shape, bytes: Data(tensor.bytes))
    }
    change(&tensors)
    let url = copy.url.appending(path: name)
    try SafetensorsFile.write(tensors.map { $1.renamed($0) }, to: url)
    for (name, text) in companions {
      try Data(text.utf8).write(to: copy.url.appending(path: name))
    }
    return url
  }

  private func refused(
    _ kind: EvalError.Kind, _ text: String, _ body: () throws -> Void,
    location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: EvalError.self, sourceLocation: location) { try body() }
    #expect(error?.kind == kind, sourceLocation: location)
    #expect(
      error?.description.contains(text) == true, "\(error?.description ?? "")",
      sourceLocation: location)
  }

  private let openCLIP = "vit-quickgelu-openai-state-dict.pt"

  private func withoutMarks(_ tensors: inout [String: TensorPayload]) {
    for name in ["input_resolution", "context_length", "vocab_size"] { tensors[name] = nil }
  }

  /// Without OpenAI's three entries the same names may be open_clip's.
  @Test func ambiguousActivation() throws {
    let url = try write(openCLIP, as: "weights.safetensors", withoutMarks)
    refused(.usage, "--activation quick_gelu") { _ = try Checkpoint(url) }
    let checkpoint = try Checkpoint(url, activation: .gelu)
    #expect(checkpoint.format == .openCLIP && checkpoint.activationSource == "--activation")
    #expect(checkpoint.configuration.activationDescription == "gelu")
    #expect(checkpoint.name == "weights")
  }

  @Test(arguments: [
    (#"{"model_cfg": {"embed_dim": 21}}"#, "embed_dim is 21, but the weights have 20"),
    (#"{"model_cfg": {"vision_cfg": {"layers": 3}}}"#, "vision_cfg.layers is 3"),
    (#"{"model_cfg": {"vision_cfg": {"head_width": 48}}}"#, "head_width 48 does not divide"),
    (#"{"model_cfg": {"vision_cfg": {"mlp_ratio": 4}}}"#, "as a width, is 256"),
    (#"{"model_cfg": {"vision_cfg": {"ls_init_value": 0.1}}}"#, "vision_cfg.ls_init_value"),
    (#"{"model_cfg": {"vision_cfg": {"timm_model_name": "x"}}}"#, "a timm image tower"),
    (#"{"model_cfg": {"text_cfg": {"hf_model_name": "x"}}}"#, "a Hugging Face text tower"),
    (#"{"model_cfg": {"text_cfg": {"no_causal_mask": true}}}"#, "text_cfg.no_causal_mask"),
    (#"{"model_cfg": []}"#, "not an open_clip configuration: at model_cfg"),
  ]) func openCLIPConfig(config: String, complaint: String) throws {
    let url = try write(
      openCLIP, as: "open_clip_model.safetensors", with: ["open_clip_config.json": config],
      withoutMarks)
    refused(.malformedData, complaint) { _ = try Checkpoint(url) }
    refused(.malformedData, complaint) { _ = try Checkpoint(copy.url) }
  }

  @Test(arguments: [
    (#"{"size": 224}"#, "preprocess_cfg.size"), (#"{"interpolation": "bilinear"}"#, "bicubic"),
    (#"{"resize_mode": "longest"}"#, "shortest or squash"), (#"{"std": [1, 0, 1]}"#, "std"),
    (#"{"mode": "L"}"#, "RGB"), (#"{"other": 1}"#, "preprocess_cfg.other"),
  ]) func openCLIPPreprocessing(config: String, complaint: String) throws {
    let url = try write(
      openCLIP, as: "open_clip_model.safetensors",
      with: ["open_clip_config.json": #"{"model_cfg": {}, "preprocess_cfg": \#(config)}"#],
      withoutMarks)
    let checkpoint = try Checkpoint(url)
    refused(.malformedData, complaint) { _ = try checkpoint.preprocessing() }
  }

  @Test(arguments: [
    ("visual.trunk.patch_embed.proj.weight", "a timm image tower"),
    ("text.transformer.embeddings.word_embeddings.weight", "a Hugging Face text tower"),
    ("text_decoder.ln_final.weight", "CoCa"), ("logit_bias", "SigLIP"),
  ]) func otherTowers(name: String, kind: String) throws {
    let url = try write(openCLIP) {
      $0[name] = TensorPayload(name: name, shape: [1], floats: [0])
    }
    refused(.malformedData, kind) { _ = try Checkpoint(url) }
  }

  @Test func notACLIP() throws {
    let url = try write(openCLIP) { $0["logit_scale"] = nil }
    refused(.malformedData, "logit_scale is missing") { _ = try Checkpoint(url) }
  }

  /// What a trainer puts before every name, and what lies beside the model, changes nothing.
  @Test(arguments: ["model.", "module._orig_mod.", "model_state_dict.net.model."])
  func wrappedNames(prefix: String) throws {
    let url = try write(openCLIP) { tensors in
      tensors = tensors.reduce(into: [:]) { $0[prefix + $1.key] = $1.value }
      tensors["optimizer"] = TensorPayload(name: "optimizer", shape: [1], floats: [0])
    }
    let checkpoint = try Checkpoint(url)
    #expect(checkpoint.mapping.prefix == prefix && checkpoint.format == .openAI)
    let plain = try Checkpoint(fixtures.appending(path: openCLIP))
    #expect(checkpoint.configuration == plain.configuration)
    _ = try checkpoint.textTower()
  }

  @Test func severalModels() throws {
    let url = try write(openCLIP) { tensors in
      tensors = tensors.reduce(into: [:]) {
        $0["model." + $1.key] = $1.value
        $0["ema." + $1.key] = $1.value
      }
    }
    refused(
      .malformedData, "expected one logit_scale, found 2 (ema.logit_scale, model.logit_scale)"
    ) { _ = try Checkpoint(url) }
  }

  @Test func oddlyNamedWeights() throws {
    _ = try write(openCLIP, as: "epoch_3.safetensors", with: ["best.pt": "x", "notes.txt": "x"])
    refused(.notFound, "best.pt, epoch_3.safetensors.") { _ = try Checkpoint(copy.url) }
    try Data("{}".utf8).write(to: copy.url.appending(path: "config.json"))
    refused(.notFound, "best.pt, epoch_3.safetensors.") { _ = try Checkpoint(copy.url) }
  }

  /// A tensor that the towers have no place for is listed, and no feature is computed without it.
  @Test func unknownTensorsOfTheTowers() throws {
    let extra = "visual.transformer.resblocks.0.ls_1.gamma"
    let url = try write(openCLIP) {
      $0[extra] = TensorPayload(name: extra, shape: [64], floats: [Float](repeating: 1, count: 64))
    }
    let checkpoint = try Checkpoint(url)
    #expect(checkpoint.unusedTensors.contains(extra))
    refused(.malformedData, extra) { _ = try checkpoint.imageTower() }
    refused(.malformedData, extra) { _ = try checkpoint.textTower() }
  }

  /// OpenAI's entries are held against the weights.
  @Test(arguments: ["input_resolution", "context_length", "vocab_size"])
  func contradictingEntries(name: String) throws {
    let url = try write(openCLIP) {
      $0[name] = TensorPayload(name: name, shape: [], integers: [7])
    }
    refused(.malformedData, "\(name) is 7, but the weights have") { _ = try Checkpoint(url) }
  }

  @Test func headsThatNothingTells() throws {
    let url = try write("vit-gelu-open_clip/open_clip_model.safetensors")
    refused(.malformedData, "how many heads") { _ = try Checkpoint(url, activation: .gelu) }
  }

  @Test func towersOfDifferentWidth() throws {
    let url = try write(openCLIP) {
      $0["text_projection"] = TensorPayload(
        name: "text_projection", shape: [64, 19], floats: [Float](repeating: 0, count: 64 * 19))
    }
    refused(.malformedData, "projects to 20, the text tower to 19") { _ = try Checkpoint(url) }
  }

  @Test(arguments: ["nan", "infinite"]) func logitScale(kind: String) throws {
    let url = try write(openCLIP) {
      $0["logit_scale"] = TensorPayload(
        name: "logit_scale", shape: [], floats: [kind == "nan" ? .nan : 1000])
    }
    refused(.malformedData, "logit_scale") { _ = try Checkpoint(url) }
  }

  /// The fixture's 48 tokens are not OpenAI's, and no vocabulary lies beside it.
  @Test func vocabulary() throws {
    let checkpoint = try Checkpoint(fixtures.appending(path: openCLIP))
    refused(.notFound, "48 tokens") { _ = try checkpoint.tokenizer() }
  }

  @Test func shardIndex() throws {
    let source = fixtures.appending(path: "vit-gelu-huggingface-sharded")
    let target = copy.url.appending(path: "sharded")
    try FileManager.default.copyItem(at: source, to: target)
    let index = target.appending(path: "model.safetensors.index.json")
    let text = try String(contentsOf: index, encoding: .utf8)
    func rewrite(_ old: String, _ new: String) throws {
      try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: index)
    }
    try rewrite("\"logit_scale\"", "\"logit_scale_2\"")
    refused(.malformedData, "places the tensor logit_scale_2 in") { _ = try Checkpoint(target) }
    try rewrite("model-00001-of-00002", "../model-00001-of-00002")
    refused(.malformedData, "expected one in its own folder") { _ = try Checkpoint(target) }
    try rewrite("model-00001-of-00002", "model-00003-of-00002")
    refused(.notFound, "model-00003-of-00002") { _ = try Checkpoint(target) }
  }
}

extension TensorPayload {
  fileprivate func renamed(_ name: String) -> TensorPayload {
    TensorPayload(name: name, type: type, shape: shape, bytes: bytes)
  }
}
