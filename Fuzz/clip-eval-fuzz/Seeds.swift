import Core
import Foundation
import TensorFiles

/// Inputs to start from: the fixtures of every format, without the bytes of their tensors.
extension FuzzTarget {
  func writeSeeds(from fixtures: URL, to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (index, seed) in try seeds(fixtures).enumerated() {
      try seed.write(to: folder.appending(path: "seed-\(index)"))
    }
  }

  /// Files that the index of a `ShardedTensors` may name.
  static func writeShards(to folder: URL) throws {
    for name in ["a", "b"] {
      try SafetensorsFile.write(
        [
          TensorPayload(name: name, shape: [2], floats: [1, 2]),
          TensorPayload(name: "both", shape: [], floats: [3]),
        ], to: folder.appending(path: "\(name).safetensors"))
    }
  }

  private func seeds(_ fixtures: URL) throws -> [Data] {
    func read(_ path: String) throws -> Data { try readFile(fixtures.appending(path: path)) }
    let checkpoints = "checkpoints/"
    switch self {
    case .safetensors:
      let small = try SafetensorsFile.encode(
        [
          TensorPayload(name: "a", shape: [2, 2], floats: [1, 2, 3, 4]),
          TensorPayload(name: "b", shape: [1], integers: [5]),
        ], metadata: ["key": "value"])
      return [[0] + small, [0] + (try read(checkpoints + "vit-gelu.expected.safetensors"))]
        + (try [
          "vit-gelu-open_clip/open_clip_model.safetensors",
          "vit-gelu-bf16-open_clip/open_clip_model.safetensors",
        ].map { [1] + header(try read(checkpoints + $0)) })
    case .torch:
      let archives = ["kinds", "gappy", "plain", "zip64", "expanded", "deflated", "sparse"]
        .map { checkpoints + "archives/\($0).pt" }
      return try archives.map { [0] + (try read($0)) }
        + (archives.dropLast(2) + weightArchives.map { checkpoints + $0 }).map {
          [1] + (try pickle(fixtures.appending(path: $0)))
        }
    case .index:
      return [
        [0] + Data(#"{"metadata":{},"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}"#.utf8),
        [0] + Data(#"{"weight_map":{"both":"b.safetensors","a":"a.safetensors"}}"#.utf8),
      ]
    case .checkpoint:
      func seed(_ kind: UInt8, _ config: String, _ weights: Data) throws -> Data {
        let config = try read(checkpoints + config)
        return [kind, UInt8(config.count & 255), UInt8(config.count >> 8)] + config + weights
      }
      let openCLIP = "vit-gelu-open_clip/open_clip_config.json"
      return [
        try seed(
          0, "vit-gelu-huggingface-bin/config.json",
          header(hubWeights(fixtures))),
        try seed(
          1, openCLIP, header(read(checkpoints + "vit-gelu-open_clip/open_clip_model.safetensors"))),
        try seed(
          1, openCLIP,
          header(read(checkpoints + "vit-gelu-bf16-open_clip/open_clip_model.safetensors"))),
        try seed(
          2, "vit-gelu-open_clip-bin/open_clip_config.json",
          pickle(fixtures.appending(path: checkpoints + weightArchives[1]))),
        try seed(
          2, openCLIP, pickle(fixtures.appending(path: checkpoints + weightArchives[2]))),
        try seed(
          3, openCLIP, read(checkpoints + "vit-gelu-open_clip-training/epoch_3.pt")),
      ]
    case .tokenizer:
      let vocabulary = try read("tokenizer/vocab.json")
      return [
        [0, UInt8(vocabulary.count & 255), UInt8(vocabulary.count >> 8)] + vocabulary
          + (try read("tokenizer/merges.txt")),
        [1] + (try read("tokenizer/bpe_small.txt")), [1] + (try read("tokenizer/bpe_small.txt.gz")),
      ]
    }
  }

  private var weightArchives: [String] {
    [
      "vit-gelu-huggingface-bin/pytorch_model.bin",
      "vit-gelu-open_clip-bin/open_clip_pytorch_model.bin",
      "vit-gelu-open_clip-training/epoch_3.pt",
    ]
  }

  /// A safetensors file up to its tensors.
  private func header(_ file: Data) -> Data {
    let count = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return file.prefix(8 + count)
  }

  private func pickle(_ url: URL) throws -> Data {
    try zipMember("data.pkl", of: url, limit: 1 << 20) ?? Data()
  }

  /// Hugging Face's names in one safetensors file of fewer bytes than the fuzzer pads to.
  private func hubWeights(_ fixtures: URL) throws -> Data {
    let file = try openTensorFile(
      fixtures.appending(path: "checkpoints/vit-gelu-huggingface-bin/pytorch_model.bin"))
    return try SafetensorsFile.encode(
      file.contents.keys.sorted().map { name in
        let tensor = try file.tensor(name)
        return TensorPayload(
          name: name, type: tensor.type, shape: tensor.shape, bytes: Data(tensor.bytes))
      })
  }
}
