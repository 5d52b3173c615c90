import CLIPModels
import Core
import Foundation
import TensorFiles
import TestSupport

/// A reader of files that strangers write, and how an input becomes its files.
///
/// Whatever the input, the reader has to succeed or to throw an `EvalError` about the input that names a file;
/// anything else ends the process, which is what libFuzzer calls a finding.
enum FuzzTarget: String, CaseIterable {
  case safetensors, torch, index, checkpoint, tokenizer

  func run(_ input: Data, in folder: URL) {
    do {
      try read(input, in: folder)
    } catch let error as EvalError {
      precondition(
        [.malformedData, .notFound, .usage].contains(error.kind), "of kind \(error.kind): \(error)")
      precondition(error.description.contains(folder.path), "names no file: \(error)")
    } catch {
      preconditionFailure("not an EvalError: \(error)")
    }
  }

  private func read(_ input: Data, in folder: URL) throws {
    var input = Input(input)
    let kind = input.byte()
    switch self {
    case .safetensors:
      let url = folder.appending(path: "model.safetensors")
      try (kind & 1 == 0 ? input.rest : Self.padded(input.rest)).write(to: url)
      try readEveryTensor(of: openTensorFile(url))
    case .torch:
      let url = folder.appending(path: "model.pt")
      try (kind & 1 == 0 ? input.rest : Self.archive(pickle: input.rest, storages: 4)).write(
        to: url)
      try readEveryTensor(of: openTensorFile(url))
    case .index:
      let url = folder.appending(path: "model.safetensors.index.json")
      try input.rest.write(to: url)
      try readEveryTensor(of: ShardedTensors(index: url))
    case .checkpoint: try readCheckpoint(&input, kind: kind, in: folder)
    case .tokenizer:
      if kind & 1 == 0 {
        try input.sized().write(to: folder.appending(path: "vocab.json"))
        try input.rest.write(to: folder.appending(path: "merges.txt"))
        _ = try CLIPTokenizer(contentsOf: folder).tokenize("a photo of a café", truncate: true)
      } else {
        let url = folder.appending(path: "bpe.txt")
        try input.rest.write(to: url)
        _ = try CLIPTokenizer(contentsOf: url).tokenize("a photo of a café", truncate: true)
      }
    }
  }

  private func readEveryTensor(of file: any TensorFile) throws {
    for (name, description) in file.contents {
      let tensor = try file.tensor(name)
      precondition(tensor.shape == description.shape && tensor.type == description.type)
      precondition(tensor.bytes.count == description.count * description.type.byteCount)
      if description.type.isFloatingPoint {
        _ = try tensor.floats()
      } else {
        _ = try tensor.integers()
      }
      file.release(tensor)
    }
  }

  /// Both towers, as `embed` loads them, and everything that `inspect` reads.
  private func readCheckpoint(_ input: inout Input, kind: UInt8, in folder: URL) throws {
    let config = input.sized()
    let (name, configName) = Self.checkpointNames[Int(kind % 4)]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
    try config.write(to: folder.appending(path: configName))
    try
      (name.hasSuffix(".bin")
      ? Self.archive(pickle: input.rest)
      : name.hasSuffix(".pt") ? input.rest : Self.padded(input.rest))
      .write(to: folder.appending(path: name))
    let checkpoint = try Checkpoint(
      name.hasSuffix(".pt") ? folder.appending(path: name) : folder)
    _ = try checkpoint.weightsHash()
    precondition(checkpoint.parameterCount > 0)
    _ = try checkpoint.preprocessing()
    _ = try checkpoint.textTower()
    _ = try checkpoint.imageTower(forImages: 1)
  }

  static let checkpointNames = [
    ("model.safetensors", "config.json"), ("open_clip_model.safetensors", "open_clip_config.json"),
    ("open_clip_pytorch_model.bin", "open_clip_config.json"), ("model.pt", "open_clip_config.json"),
  ]

  /// Zeros after the input stand for tensors, so that none of it is spent on them.
  private static func padded(_ data: Data) -> Data {
    data + Data(count: max(0, (1 << 16) - data.count))
  }

  /// An archive that holds a pickle and storages of zeros.
  private static func archive(pickle: Data, storages: Int = 64) -> Data {
    StoredZip(
      [StoredZip.Entry("archive/data.pkl", pickle)]
        + (0..<storages).map { StoredZip.Entry("archive/data/\($0)", zeros) }
    ).encoded()
  }

  private static let zeros = Data(count: 1 << 13)
}

/// The bytes of an input, taken from the front.
struct Input {
  private var data: Data

  init(_ data: Data) { self.data = data }

  var rest: Data { Data(data) }

  mutating func byte() -> UInt8 { data.popFirst() ?? 0 }

  /// A part that says how long it is in two bytes.
  mutating func sized() -> Data {
    let count = Int(byte()) | Int(byte()) << 8
    defer { data = data.dropFirst(count) }
    return Data(data.prefix(count))
  }
}
