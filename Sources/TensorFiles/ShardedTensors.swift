import Core
package import Foundation

/// Tensors spread over several files by an index, as transformers saves large models
/// (`model.safetensors.index.json`, `pytorch_model.bin.index.json`).
package struct ShardedTensors: TensorFile {
  package let url: URL
  package let files: [URL]
  package let format: TensorFileFormat
  package let contents: [String: TensorDescription]
  package let integers: [String: Int] = [:]
  private let shards: [String: any TensorFile]
  private let shardOfTensor: [String: String]

  private struct Index: Decodable {
    let weight_map: [String: String]
  }

  private static let mostShards = 1000
  /// A hundred times the index of any CLIP.
  private static let largestIndex = 16 << 20

  /// - Parameter url: the index. Its files lie beside it.
  /// - Throws: `EvalError.notFound` for a file that is missing; `.malformedData` when one lacks a tensor that the index
  ///   places there.
  package init(index url: URL) throws {
    let map: [String: String]
    do {
      map = try JSONDecoder().decode(Index.self, from: readFile(url, limit: Self.largestIndex))
        .weight_map
    } catch let error as DecodingError {
      throw EvalError(.malformedData, "not an index of shards: \(error.place)", subject: url.path)
    }
    let names = Set(map.values).sorted()
    guard (1...Self.mostShards).contains(names.count) else {
      throw EvalError(
        .malformedData, "expected an index of 1…\(Self.mostShards) files, found \(names.count)",
        subject: url.path)
    }
    var shards: [String: any TensorFile] = [:]
    var contents: [String: TensorDescription] = [:]
    var shardOfTensor: [String: String] = [:]
    for name in names {
      guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.contains("\0")
      else {
        throw EvalError(
          .malformedData,
          "names the file \(name.prefix(80).debugDescription), expected one in its own folder",
          subject: url.path)
      }
      let shard = try openTensorFile(url.deletingLastPathComponent().appending(path: name))
      shards[name] = shard
      // Tensors that the index does not list are kept too; where two files have one, the index decides.
      for (tensor, description) in shard.contents where map[tensor] ?? name == name {
        contents[tensor] = description
        shardOfTensor[tensor] = name
      }
    }
    if let (tensor, name) = map.sorted(by: { $0.key < $1.key })
      .first(where: { shardOfTensor[$0.key] == nil })
    {
      throw EvalError(
        .malformedData,
        "places the tensor \(tensor.prefix(200)) in \(name), which does not hold it",
        subject: url.path)
    }
    self.url = url
    self.shards = shards
    self.contents = contents
    self.shardOfTensor = shardOfTensor
    files = shards.values.flatMap(\.files).sorted { $0.path < $1.path }
    format = shards[names[0]]?.format ?? .safetensors
  }

  package func tensor(_ name: String) throws -> TensorView {
    guard let shard = shardOfTensor[name].flatMap({ shards[$0] }) else { throw missing(name) }
    return try shard.tensor(name)
  }

  package func release(_ tensor: TensorView) {
    shardOfTensor[tensor.name].flatMap { shards[$0] }?.release(tensor)
  }
}
