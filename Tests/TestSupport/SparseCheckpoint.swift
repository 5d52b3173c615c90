package import Foundation

/// A checkpoint in OpenAI's names that has the shapes of a published ViT and no weights: zeros that take no room on the disk.
/// It holds the tensors alone that sizes are read from.
package enum SparseCheckpoint {
  /// ViT-B/32's shapes, unless told otherwise.
  package static func write(
    to url: URL, layers: Int = 12, width: Int = 768, side: Int = 224, textWidth: Int = 512
  ) throws {
    var header: [String: Any] = [:]
    var end = 0
    func add(_ name: String, _ type: String, _ bytes: Int, _ shape: [Int]) {
      let size = shape.reduce(bytes, *)
      header[name] = ["dtype": type, "shape": shape, "data_offsets": [end, end + size]]
      end += size
    }
    var data = Data()
    for (name, value) in [
      ("input_resolution", side), ("context_length", 77), ("vocab_size", 49_408),
    ] {
      add(name, "I64", 8, [])
      withUnsafeBytes(of: Int64(value).littleEndian) { data.append(contentsOf: $0) }
    }
    add("visual.conv1.weight", "F16", 2, [width, 3, 32, 32])
    add("visual.positional_embedding", "F16", 2, [(side / 32) * (side / 32) + 1, width])
    add("visual.proj", "F16", 2, [width, 512])
    add("positional_embedding", "F16", 2, [77, textWidth])
    add("token_embedding.weight", "F16", 2, [49_408, textWidth])
    add("text_projection", "F16", 2, [textWidth, 512])
    add("logit_scale", "F16", 2, [])
    for layer in 0..<layers {
      add("visual.transformer.resblocks.\(layer).mlp.c_fc.weight", "F16", 2, [4 * width, width])
    }
    for layer in 0..<12 {
      add("transformer.resblocks.\(layer).mlp.c_fc.weight", "F16", 2, [4 * textWidth, textWidth])
    }
    let text = try JSONSerialization.data(withJSONObject: header)
    var whole = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    whole += text + data
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try whole.write(to: url)
    let file = try FileHandle(forWritingTo: url)
    try file.truncate(atOffset: UInt64(8 + text.count + end))
    try file.close()
  }
}
