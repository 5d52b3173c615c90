package import Core
package import Foundation

/// A memory-mapped safetensors file: an 8-byte little-endian header length, a JSON header, then tensor bytes.
///
/// The header is checked in full before any tensor is handed out: every tensor lies inside the file, no two
/// overlap, and shape × element size equals the byte count.
package struct SafetensorsFile: Sendable {
  package let url: URL
  package let tensors: [String: TensorView]
  /// The header's `__metadata__`.
  package let metadata: [String: String]
  package let file: MappedFile
  /// Where tensor data begins in the file.
  package let dataOffset: Int

  /// The reference implementation's own limit on the header.
  private static let largestHeader = 100_000_000

  /// - Throws: `EvalError.notFound`, or `.malformedData` naming the tensor and byte offset.
  package init(_ url: URL) throws { try self.init(MappedFile(url)) }

  init(_ file: MappedFile) throws {
    let url = file.url
    func malformed(_ message: String, at offset: Int) -> EvalError {
      EvalError(
        .malformedData, message, subject: "\(url.path), byte \(offset)",
        remedy: "The file is truncated or not a safetensors file: fetch it again.")
    }
    guard file.bytes.count >= 8 else {
      throw malformed("expected an 8-byte header length, found \(file.bytes.count) bytes", at: 0)
    }
    let declared = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard declared <= UInt64(min(Self.largestHeader, file.bytes.count - 8)) else {
      throw malformed(
        "the header claims \(declared) bytes, the file has \(file.bytes.count - 8) after its length field",
        at: 0)
    }
    let start = 8 + Int(declared)
    let header = Data(file.bytes[8..<start])
    guard let parsed = try? JSONSerialization.jsonObject(with: header),
      let entries = parsed as? [String: Any]
    else { throw malformed("the header is not a JSON object", at: 8) }

    var tensors: [String: TensorView] = [:]
    var metadata: [String: String] = [:]
    let available = file.bytes.count - start
    for (name, value) in entries.sorted(by: { $0.key < $1.key }) {
      if name == "__metadata__" {
        metadata = value as? [String: String] ?? [:]
        continue
      }
      guard let entry = value as? [String: Any], let typeName = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int],
        offsets.count == 2
      else {
        throw malformed("tensor \(name) has no dtype, shape and data_offsets", at: 8)
      }
      guard let type = ElementType(rawValue: typeName) else {
        throw malformed("tensor \(name) has the unsupported dtype \(typeName)", at: 8)
      }
      guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= available else {
        throw malformed(
          "tensor \(name) claims bytes \(offsets[0])..<\(offsets[1]) of \(available)",
          at: start)
      }
      var size = type.byteCount
      for dimension in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
        guard dimension >= 0, !overflow else {
          throw malformed("tensor \(name) has the impossible shape \(shape)", at: 8)
        }
        size = product
      }
      guard size == offsets[1] - offsets[0] else {
        throw malformed(
          "tensor \(name) of shape \(shape) and type \(typeName) needs \(size) bytes, has \(offsets[1] - offsets[0])",
          at: start + offsets[0])
      }
      tensors[name] = TensorView(
        name: name, type: type, shape: shape,
        bytes: UnsafeRawBufferPointer(
          rebasing: file.bytes[start + offsets[0]..<start + offsets[1]]),
        owner: file)
    }
    var end = 0
    var previous = ""
    let ranges = entries.compactMap { name, value -> (lower: Int, upper: Int, name: String)? in
      guard let offsets = (value as? [String: Any])?["data_offsets"] as? [Int] else { return nil }
      return (offsets[0], offsets[1], name)
    }
    for range in ranges.sorted(by: { ($0.lower, $0.upper) < ($1.lower, $1.upper) }) {
      guard range.lower >= end else {
        throw malformed("tensors \(previous) and \(range.name) overlap", at: start + range.lower)
      }
      (end, previous) = (range.upper, range.name)
    }
    self.url = url
    self.tensors = tensors
    self.metadata = metadata
    self.file = file
    dataOffset = start
  }
}

extension SafetensorsFile: TensorFile {
  package var files: [URL] { [url] }
  package var format: TensorFileFormat { .safetensors }
  package var integers: [String: Int] { [:] }
  package var contents: [String: TensorDescription] {
    tensors.mapValues { TensorDescription(type: $0.type, shape: $0.shape) }
  }

  package func tensor(_ name: String) throws -> TensorView {
    guard let tensor = tensors[name] else { throw missing(name) }
    return tensor
  }

  /// Gives a tensor's pages back to the system once it has been copied out.
  package func release(_ tensor: TensorView) { file.release(tensor.bytes) }
}
