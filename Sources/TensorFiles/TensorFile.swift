import Core
package import Foundation

/// What a tensor is, before its bytes are touched.
package struct TensorDescription: Sendable, Equatable {
  package let type: ElementType
  package let shape: [Int]

  package init(type: ElementType, shape: [Int]) {
    self.type = type
    self.shape = shape
  }

  /// Number of elements.
  package var count: Int { shape.reduce(1, *) }
  var byteCount: Int { count * type.byteCount }
}

/// Named tensors on disk, whatever file format holds them. Everything in `contents` has been checked: it lies in its file,
/// and its size can be computed without overflow.
package protocol TensorFile: Sendable {
  /// The file to name in messages.
  var url: URL { get }
  /// Every file that holds tensors, sorted by name.
  var files: [URL] { get }
  var format: TensorFileFormat { get }
  var contents: [String: TensorDescription] { get }
  /// Whole numbers that stand beside the tensors (TorchScript modules have them), by dotted name.
  var integers: [String: Int] { get }
  /// - Throws: `EvalError.malformedData` that lists near names when the tensor is absent.
  func tensor(_ name: String) throws -> TensorView
  /// Gives a tensor's pages back to the system once it has been copied out.
  func release(_ tensor: TensorView)
}

package enum TensorFileFormat: String, Sendable, Codable {
  case safetensors
  /// `torch.save` of a dictionary, in the zip format of PyTorch 1.6 and later.
  case torch = "torch state dict"
  /// `torch.jit.save`.
  case torchScript = "TorchScript"
}

extension TensorFile {
  func missing(_ name: String) -> EvalError {
    // Names of about the same length: a file may hold very many and very long ones.
    let length = name.utf8.count
    let near = contents.keys.filter { abs($0.utf8.count - length) <= length / 3 }.sorted()
      .prefix(500)
    return EvalError(
      .malformedData, "expected a tensor named \(name), found \(contents.count) others",
      subject: url.path, remedy: NearMiss.hint(for: name, among: Array(near)))
  }
}

/// Opens a file of tensors, its format told from its first bytes.
///
/// - Throws: `EvalError.notFound`, or `.malformedData` for a file of another kind or a broken one.
package func openTensorFile(_ url: URL) throws -> any TensorFile {
  let file = try MappedFile(url)
  let head = [UInt8](file.bytes.prefix(64))
  if head.starts(with: Array("PK".utf8)) { return try TorchArchive(file) }
  // The pickled magic number 0x1950a86a20f9469cfc6c.
  let legacy: [UInt8] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
  if head.dropFirst(2).starts(with: legacy) {
    throw EvalError(
      .malformedData, "is in torch.save's format from before PyTorch 1.6, which is not read",
      subject: url.path,
      remedy: "Save it again: python3 -c \"import torch; torch.save(torch.load('\(url.path)', "
        + "map_location='cpu'), 'converted.pt')\"")
  }
  if head.starts(with: Array("version https://git-lfs".utf8)) {
    throw EvalError(
      .malformedData, "is a Git LFS pointer, not the file it stands for", subject: url.path,
      remedy: "Fetch the file itself: git lfs pull.")
  }
  // A header is a JSON object after its 8-byte length.
  if url.pathExtension == "safetensors" || head.dropFirst(8).first == UInt8(ascii: "{") {
    return try SafetensorsFile(file)
  }
  let found = head.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
  throw EvalError(
    .malformedData,
    "expected safetensors or a PyTorch archive (a zip), found a file that begins with the bytes "
      + (found.isEmpty ? "(none: it is empty)" : found.joined(separator: " ")),
    subject: url.path, remedy: "Check that the whole file was fetched.")
}

extension MappedFile {
  /// Gives back the pages of bytes of this file; bytes from elsewhere are left alone.
  package func release(_ part: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, let start = part.baseAddress else { return }
    let offset = Int(bitPattern: start) - Int(bitPattern: base)
    guard (0...bytes.count).contains(offset), part.count <= bytes.count - offset else { return }
    release(offset..<offset + part.count)
  }
}
