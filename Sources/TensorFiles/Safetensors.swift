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

  /// A hundred times the header of any CLIP: a header takes several times its size in memory.
  private static let largestHeader = 16 << 20

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
        "the header claims \(declared) bytes, the file has \(file.bytes.count - 8) after its length field "
          + "(and \(Self.largestHeader) are read at most)", at: 0)
    }
    let start = 8 + Int(declared)
    let header = try SafetensorsHeader(
      [UInt8](file.bytes[8..<start]), subject: url.path, origin: 8)

    var tensors = [String: TensorView](minimumCapacity: header.entries.count)
    let available = file.bytes.count - start
    for entry in header.entries {
      let (name, shape) = (entry.name, entry.shape)
      guard let type = ElementType(rawValue: entry.dtype) else {
        throw malformed("tensor \(name) has the unsupported dtype \(entry.dtype)", at: 8)
      }
      guard entry.begin <= entry.end, entry.end <= available else {
        throw malformed(
          "tensor \(name) claims bytes \(entry.begin)..<\(entry.end) of \(available)", at: start)
      }
      var size = type.byteCount
      for dimension in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
        guard !overflow else {
          throw malformed("tensor \(name) has the impossible shape \(shape)", at: 8)
        }
        size = product
      }
      guard size == entry.end - entry.begin else {
        throw malformed(
          "tensor \(name) of shape \(shape) and type \(entry.dtype) needs \(size) bytes, has \(entry.end - entry.begin)",
          at: start + entry.begin)
      }
      let view = TensorView(
        name: name, type: type, shape: shape,
        bytes: UnsafeRawBufferPointer(
          rebasing: file.bytes[start + entry.begin..<start + entry.end]),
        owner: file)
      guard tensors.updateValue(view, forKey: name) == nil else {
        throw malformed("two tensors are called \(name), in different spellings of Unicode", at: 8)
      }
    }
    var end = 0
    var previous = ""
    for entry in header.entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin >= end else {
        throw malformed("tensors \(previous) and \(entry.name) overlap", at: start + entry.begin)
      }
      (end, previous) = (entry.end, entry.name)
    }
    self.url = url
    self.tensors = tensors
    metadata = header.metadata
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
