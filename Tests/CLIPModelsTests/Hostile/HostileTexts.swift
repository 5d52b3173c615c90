import Foundation
import TestSupport

/// Broken files beside the weights: configurations, indexes of shards, vocabularies.
enum HostileTexts {
  static func all() throws -> [HostileFile] {
    try [
      indexes, huggingFace, huggingFaceBits, openCLIP, openCLIPBits, truncations(), vocabularies,
      vocabularyBits,
    ].flatMap { $0 }
  }

  private static func companion(
    _ name: String, of folder: String, beside weights: [String], _ what: String,
    _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    HostileFile("\(name): \(what)", outcome) {
      var files: [String: Data] = [:]
      for name in weights { files[name] = try fixture("\(folder)/\(name)") }
      files[name] = try change(fixture("\(folder)/\(name)"))
      return files
    }
  }

  // MARK: Indexes

  private static func index(
    _ what: String, _ complaint: String, _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    companion(
      "model.safetensors.index.json", of: "checkpoints/vit-gelu-huggingface-sharded",
      beside: [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
      ], what, .refused(complaint), change)
  }

  private static func index(map: String, _ complaint: String) -> HostileFile {
    index(String(map.prefix(60)), complaint) { _ in Data(#"{"weight_map": \#(map)}"#.utf8) }
  }

  private static let indexes: [HostileFile] = [
    index("empty", "not an index of shards") { _ in Data() },
    index("a list", "not an index of shards") { _ in Data("[]".utf8) },
    index("cut", "not an index of shards") { $0.prefix($0.count / 2) },
    index("no map", "not an index of shards") { _ in Data("{}".utf8) },
    index("not UTF-8", "not an index of shards") { $0 + Data([0xff, 0xfe]) },
    index("brackets", "not an index of shards") { _ in Data(repeating: 0x5b, count: 1 << 20) },
    index("too large", "expected at most 16777216") { $0 + Data(repeating: 0x20, count: 16 << 20) },
    index(map: "{}", "expected an index of 1…1000 files, found 0"),
    index(map: "[]", "not an index of shards"),
    index(map: #"{"a": 1}"#, "not an index of shards"),
    index(map: #"{"a": null}"#, "not an index of shards"),
    index(map: #"{"a": "/etc/passwd"}"#, "expected one in its own folder"),
    index(map: #"{"a": "../model.safetensors"}"#, "expected one in its own folder"),
    index(map: #"{"a": ".."}"#, "expected one in its own folder"),
    index(map: #"{"a": "."}"#, "expected one in its own folder"),
    index(map: #"{"a": ""}"#, "expected one in its own folder"),
    index(map: #"{"a": "config.json\u0000.safetensors"}"#, "expected one in its own folder"),
    index(map: #"{"a": "absent.safetensors"}"#, "absent.safetensors"),
    index(
      map: #"{"a": "model.safetensors.index.json"}"#, "expected safetensors or a PyTorch archive"),
    index(map: #"{"a": "config.json"}"#, "expected safetensors or a PyTorch archive"),
    index(
      map: #"{"a": "model-00001-of-00002.safetensors"}"#,
      "places the tensor a in model-00001-of-00002.safetensors, which does not hold it"),
    index(
      map: "{" + (0...1000).map { "\"\($0)\": \"\($0)\"" }.joined(separator: ",") + "}",
      "expected an index of 1…1000 files, found 1001"),
    index("one shard left out", "not those of a whole CLIP") {
      let kept = String(decoding: $0, as: UTF8.self).split(separator: "\n")
        .filter { !$0.contains("00001-of-00002") }.joined(separator: "\n")
      return Data(kept.replacing(",\n }", with: "\n }").utf8)
    },
  ]

  // MARK: Configurations

  private static func huggingFace(
    _ what: String, _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    companion(
      "config.json", of: "checkpoints/vit-gelu-huggingface-bin", beside: ["pytorch_model.bin"],
      what,
      outcome, change)
  }

  private static func huggingFace(_ old: String, _ new: String, _ complaint: String) -> HostileFile
  {
    huggingFace("\(old) → \(new)", .refused(complaint)) { try $0.replacing(old, new) }
  }

  private static let huggingFace: [HostileFile] =
    [
      huggingFace("empty", .refused("not a Hugging Face model configuration")) { _ in Data() },
      huggingFace("a list", .refused("not a Hugging Face model configuration")) { _ in
        Data("[]".utf8)
      },
      huggingFace("brackets", .refused("not a Hugging Face model configuration")) { _ in
        Data(repeating: 0x5b, count: 1 << 20)
      },
      huggingFace("too large", .refused("expected at most 1048576")) {
        $0 + Data(repeating: 0x20, count: 1 << 20)
      },
      huggingFace("NUL", .refused("not a Hugging Face model configuration")) { $0 + Data([0]) },
      huggingFace(#""clip""#, #""siglip""#, "expected model_type \"clip\", found \"siglip\""),
      huggingFace(
        #""hidden_size": 32"#, #""hidden_size": 33"#,
        "vision_config.hidden_size is 33, but the weights have 32"),
      huggingFace(#""hidden_size": 32"#, #""hidden_size": -32"#, "hidden_size is -32"),
      huggingFace(
        #""hidden_size": 32"#, #""hidden_size": 32.5"#,
        "not a Hugging Face model configuration"),
      huggingFace(#""hidden_size": 32"#, #""hidden_size": "32""#, "at vision_config.hidden_size"),
      huggingFace(
        #""hidden_size": 32"#, #""hidden_size": NaN"#, "not a Hugging Face model configuration"),
      huggingFace(
        #""hidden_size": 32"#, #""hidden_size": 1e999"#, "not a Hugging Face model configuration"),
      huggingFace(
        #""hidden_size": 32"#, #""hidden_size": 9223372036854775808"#,
        "not a Hugging Face model configuration"),
      huggingFace(
        #""num_attention_heads": 2"#, #""num_attention_heads": 0"#,
        "num_attention_heads 0 does not divide the width 32"),
      huggingFace(
        #""num_attention_heads": 2"#, #""num_attention_heads": -2"#,
        "num_attention_heads -2 does not divide"),
      huggingFace(
        #""num_attention_heads": 2"#, #""num_attention_heads": 3"#,
        "num_attention_heads 3 does not divide"),
      huggingFace(
        #""num_hidden_layers": 1"#, #""num_hidden_layers": 9223372036854775807"#,
        "but the weights have 1"),
      huggingFace(#""image_size": 15"#, #""image_size": 224"#, "vision_config.image_size is 224"),
      huggingFace(#""patch_size": 5"#, #""patch_size": 0"#, "vision_config.patch_size is 0"),
      huggingFace(#""projection_dim": 12"#, #""projection_dim": 13"#, "projection_dim is 13"),
      huggingFace(
        #""hidden_act": "gelu""#, #""hidden_act": "silu""#,
        "expected hidden_act quick_gelu or gelu, found silu"),
      huggingFace(
        #""patch_size": 5"#, #""patch_size": 5, "layer_norm_eps": -1"#,
        "expected a layer norm epsilon from 0 to 1, found -1.0"),
      huggingFace(#""patch_size": 5"#, #""patch_size": 5, "layer_norm_eps": 1e300"#, "config.json"),
      huggingFace(
        #""patch_size": 5"#, #""patch_size": 5, "layer_norm_eps": NaN"#,
        "not a Hugging Face model configuration"),
      huggingFace(#""vocab_size": 40"#, #""vocab_size": 49408"#, "text_config.vocab_size is 49408"),
      huggingFace(
        #""vision_config": {"#, #""vision_config": [{"#, "not a Hugging Face model configuration"),
    ]

  private static let huggingFaceBits: [HostileFile] = (0..<20).map { index in
    huggingFace("bit \(index)", .any) {
      var damage = Damage(seed: UInt64(3000 + index))
      return damage.flip($0, in: 0..<$0.count)
    }
  }

  private static func openCLIP(
    _ what: String, _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    companion(
      "open_clip_config.json", of: "checkpoints/vit-gelu-open_clip",
      beside: ["open_clip_model.safetensors"],
      what, outcome, change)
  }

  private static func openCLIP(_ old: String, _ new: String, _ complaint: String) -> HostileFile {
    openCLIP("\(old) → \(new)", .refused(complaint)) { try $0.replacing(old, new) }
  }

  private static let openCLIP: [HostileFile] =
    [
      openCLIP("empty", .refused("not an open_clip configuration")) { _ in Data() },
      openCLIP("500 brackets", .refused("not an open_clip configuration")) { _ in
        Data(#"{"model_cfg": {"vision_cfg": "#.utf8) + Data(repeating: 0x5b, count: 500)
      },
      openCLIP("nested values", .refused("open_clip_config.json")) { data in
        try data.replacing(
          #""embed_dim": 12"#,
          #""x": "# + String(repeating: "[", count: 400) + String(repeating: "]", count: 400))
      },
      openCLIP("too large", .refused("expected at most 1048576")) {
        $0 + Data(repeating: 0x20, count: 1 << 20)
      },
      openCLIP(#""embed_dim": 12"#, #""embed_dim": 1e18"#, "embed_dim is 1000000000000000000"),
      openCLIP(
        #""head_width": 16"#, #""head_width": 0"#, "head_width 0 does not divide the width 32"),
      openCLIP(#""head_width": 16"#, #""head_width": -16"#, "head_width -16 does not divide"),
      openCLIP(#""heads": 3"#, #""heads": 0"#, "text_cfg.heads 0 does not divide"),
      openCLIP(
        #""mlp_ratio": 0.875"#, #""mlp_ratio": 1e300"#, "vision_cfg.mlp_ratio, as a width, is 0"),
      openCLIP(#""mlp_ratio": 0.875"#, #""mlp_ratio": -1"#, "as a width, is -32"),
      openCLIP(
        #""width": 32"#, #""width": 32, "norm_kwargs": {"eps": 1e300}"#,
        "expected a layer norm epsilon"),
      openCLIP(
        #""width": 32"#, #""width": 32, "norm_kwargs": {"eps": -1e-6}"#,
        "expected a layer norm epsilon"),
      openCLIP(
        #""width": 32"#, #""width": 32, "pool_type": "avg""#,
        "vision_cfg.pool_type is a setting whose effect"),
      openCLIP(#""mean": ["#, #""std": [1e-300, 1, 1], "mean": ["#, "preprocess_cfg"),
      openCLIP(
        #""interpolation""#, #""resample""#, "preprocess_cfg.resample: expected no such setting"),
    ]

  private static let openCLIPBits: [HostileFile] = (0..<20).map { index in
    openCLIP("bit \(index)", .any) {
      var damage = Damage(seed: UInt64(4000 + index))
      return damage.flip($0, in: 0..<$0.count)
    }
  }

  private static func truncations() throws -> [HostileFile] {
    // After every line: the last but one has all of the document but its end.
    let (hub, open) = (
      try fixture("checkpoints/vit-gelu-huggingface-bin/config.json").positions(of: "\n")
        .dropLast(),
      try fixture("checkpoints/vit-gelu-open_clip/open_clip_config.json").positions(of: "\n")
        .dropLast()
    )
    let cutHub: [HostileFile] = hub.map { length in
      huggingFace("cut after \(length) bytes", .refused("not a Hugging Face model configuration")) {
        $0.prefix(length)
      }
    }
    let cutOpen: [HostileFile] = open.map { length in
      openCLIP("cut after \(length) bytes", .refused("not an open_clip configuration")) {
        $0.prefix(length)
      }
    }
    return cutHub + cutOpen
  }

  // MARK: Vocabularies

  private static func vocabulary(
    _ name: String, _ what: String, _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    companion(
      name, of: "tiny-clip",
      beside: [
        "config.json", "model.safetensors", "preprocessor_config.json", "vocab.json", "merges.txt",
      ],
      what, outcome, change)
  }

  private static let vocabularies: [HostileFile] =
    [
      vocabulary("vocab.json", "empty", .refused("expected \"{\"")) { _ in Data() },
      vocabulary("vocab.json", "a list", .refused("expected \"{\"")) { _ in Data("[]".utf8) },
      vocabulary("vocab.json", "cut", .refused("vocab.json, byte")) { $0.prefix($0.count / 2) },
      vocabulary("vocab.json", "an id twice", .refused("belongs to both")) {
        try $0.replacing("\"#\": 2", "\"#\": 1")
      },
      vocabulary("vocab.json", "an id of 10¹⁸", .refused("expected \",\" or \"}\"")) {
        try $0.replacing("\"#\": 2", "\"#\": 1000000000000000000")
      },
      vocabulary("vocab.json", "a negative id", .refused("expected a token id")) {
        try $0.replacing("\"#\": 2", "\"#\": -2")
      },
      vocabulary("vocab.json", "a token missing", .refused("expected the token #")) {
        try $0.replacing("\"#\": 2", "\"##x\": 2")
      },
      vocabulary("vocab.json", "brackets", .refused("expected a token id")) { _ in
        Data("{\"a\":".utf8) + Data(repeating: 0x5b, count: 1 << 20)
      },
      vocabulary("vocab.json", "two million tokens", .refused("more than 1000000 tokens")) { _ in
        Data("{".utf8)
          + Data([[UInt8]](repeating: Array("\"\":0,".utf8), count: 2_000_000).joined())
      },
      vocabulary("vocab.json", "too large", .refused("expected at most 16777216")) {
        $0 + Data(repeating: 0x20, count: 16 << 20)
      },
      vocabulary(
        "merges.txt", "one symbol",
        .refused("merges.txt:2: expected two symbols separated by a space, found 1")
      ) { _ in
        Data("#version: 0.2\na\n".utf8)
      },
      vocabulary("merges.txt", "NUL", .refused("merges.txt:2")) { _ in
        Data("#version: 0.2\n\0\n".utf8)
      },
      vocabulary(
        "merges.txt", "of another vocabulary",
        .refused("the merge needs tokens that are not in the vocabulary")
      ) { _ in
        Data("#version: 0.2\nzq qz\n".utf8)
      },
      vocabulary("merges.txt", "a merge twice", .refused("the merge is listed a second time")) {
        data in
        let line = data.split(separator: 0x0a)[1]
        return data + line + Data([0x0a])
      },
      vocabulary("merges.txt", "sixteen million lines", .refused("has more than 1000000 lines")) {
        _ in
        Data(repeating: 0x0a, count: 16 << 20)
      },
      vocabulary("merges.txt", "too large", .refused("expected at most 16777216")) { _ in
        Data(repeating: 0x61, count: (16 << 20) + 1)
      },
      vocabulary("preprocessor_config.json", "cut", .refused("not a preprocessor configuration")) {
        $0.prefix($0.count / 2)
      },
      vocabulary("preprocessor_config.json", "too large", .refused("expected at most 1048576")) {
        $0 + Data(repeating: 0x20, count: 1 << 20)
      },
    ]

  private static let vocabularyBits: [HostileFile] = [
    "vocab.json", "merges.txt", "preprocessor_config.json",
  ].flatMap { name in
    (0..<10).map { index in
      vocabulary(name, "bit \(index)", .any) {
        var damage = Damage(seed: UInt64(5000 + index))
        return damage.flip($0, in: 0..<$0.count)
      }
    }
  }
}
