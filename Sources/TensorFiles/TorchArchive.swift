import Core
package import Foundation

/// A zip written by `torch.save` (PyTorch 1.6 and later) or `torch.jit.save`: a pickle that describes tensors, and one
/// stored entry with the bytes of each storage. Mapped into memory; nothing in the pickle is imported or run.
///
/// Tensors are found under dotted names: a state dict's keys, a TorchScript module's attributes, `state_dict` of a training
/// checkpoint.
package struct TorchArchive: TensorFile {
  package let url: URL
  package let format: TensorFileFormat
  package let contents: [String: TensorDescription]
  package let integers: [String: Int]
  private let tensors: [String: TorchTensor]
  private let file: MappedFile

  /// Far above the pickle of any checkpoint (OpenAI's are below 200 kB).
  private static let largestPickle = 16 << 20
  private static let objectLimit = 1_000_000
  /// How many times the file's size all tensors may have.
  private static let mostSharing = 4

  /// - Throws: `EvalError.notFound`, or `.malformedData` naming the entry, opcode or tensor.
  package init(_ url: URL) throws { try self.init(MappedFile(url)) }

  init(_ file: MappedFile) throws {
    let url = file.url
    let directory = try ZipDirectory(file)
    func malformed(_ message: String) -> EvalError {
      EvalError(
        .malformedData, message, subject: url.path,
        remedy: "Expected a file written by torch.save or torch.jit.save.")
    }
    let pickles = directory.entries.keys.filter {
      let path = $0.split(separator: "/", omittingEmptySubsequences: false)
      return path.last == "data.pkl" && path.count <= 2
    }
    guard let name = pickles.first, pickles.count == 1, let pickle = try directory.range(of: name)
    else {
      throw malformed("expected one data.pkl in the archive, found \(pickles.count)")
    }
    guard pickle.count <= Self.largestPickle else {
      throw malformed("\(name) has \(pickle.count) bytes, the limit is \(Self.largestPickle)")
    }
    let folder = name.dropLast("data.pkl".count)
    if let order = try directory.range(of: "\(folder)byteorder"),
      !file.bytes[order].elementsEqual("little".utf8)
    {
      throw malformed("was written on a big-endian machine, which is not read")
    }
    let document = try PickleDocument(
      parsing: Data(file.bytes[pickle]), subject: "\(url.path)/\(name)",
      dialect: .torch, nodeLimit: Self.objectLimit)
    let reader = TorchPickle(
      document: document, subject: url.path,
      storage: { try directory.range(of: "\(folder)data/\($0)") })
    let found = try reader.read()
    // Tensors may share a storage, and each becomes an array of its own: a small file could ask for any number.
    let (size, claimed) = (file.bytes.count, found.byteCount)
    guard claimed / Self.mostSharing <= size else {
      throw malformed(
        "its tensors share storages: together they have \(claimed) bytes, the file \(size)")
    }
    self.url = url
    self.file = file
    format = found.isScript ? .torchScript : .torch
    tensors = found.tensors
    integers = found.integers
    contents = found.tensors.mapValues(\.description)
  }

  package var files: [URL] { [url] }

  package func tensor(_ name: String) throws -> TensorView {
    guard let tensor = tensors[name] else { throw missing(name) }
    let (type, shape) = (tensor.description.type, tensor.description.shape)
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[tensor.range])
    if tensor.isContiguous {
      return TensorView(name: name, type: type, shape: shape, bytes: bytes, owner: file)
    }
    let copy = ContiguousCopy(of: bytes, tensor)
    return TensorView(name: name, type: type, shape: shape, bytes: copy.bytes, owner: copy)
  }

  package func release(_ tensor: TensorView) { file.release(tensor.bytes) }
}

/// A tensor of an archive, checked to lie in its storage.
struct TorchTensor: Sendable {
  let description: TensorDescription
  /// From its first to its last element, in the file.
  let range: Range<Int>
  /// Elements from one index to the next, of each dimension.
  let strides: [Int]

  var isContiguous: Bool {
    if description.count == 0 { return true }
    var expected = 1
    for (size, stride) in zip(description.shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }
}

/// A tensor with other strides (transposed, channels last), brought into C order. Since its elements do not share memory,
/// it is no larger than the storage it comes from.
private final class ContiguousCopy: Sendable {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(of source: UnsafeRawBufferPointer, _ tensor: TorchTensor) {
    let (shape, strides) = (tensor.description.shape, tensor.strides)
    let size = tensor.description.type.byteCount
    let count = tensor.description.count
    let target = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, count * size), alignment: 64)
    bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[0..<count * size])
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    var index = [Int](repeating: 0, count: shape.count)
    var offset = 0
    for element in 0..<count {
      (to + element * size).copyMemory(from: from + offset * size, byteCount: size)
      for dimension in shape.indices.reversed() {
        index[dimension] += 1
        offset += strides[dimension]
        if index[dimension] < shape[dimension] { break }
        offset -= shape[dimension] * strides[dimension]
        index[dimension] = 0
      }
    }
  }

  deinit { bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0).deallocate() } }
}
