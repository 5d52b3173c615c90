package import Core
package import Foundation

/// NumPy's array file (format versions 1 to 3): one C-ordered little-endian array.
package enum NPYFile {
  /// - Throws: `EvalError.malformedData` naming what in the header is not supported.
  package static func read(_ data: Data, name: String) throws -> TensorView {
    let owner = OwnedBytes(data)
    return try parse(owner.bytes, owner: owner, name: name)
  }

  package static func read(_ url: URL) throws -> TensorView {
    try read(readFile(url), name: url.path)
  }

  /// The array of a file mapped into memory: its pages are read when touched, and `MappedFile.release` gives
  /// them back.
  package static func map(_ url: URL) throws -> (array: TensorView, file: MappedFile) {
    let file = try MappedFile(url)
    return (try parse(file.bytes, owner: file, name: url.path), file)
  }

  private static func parse(
    _ bytes: UnsafeRawBufferPointer, owner: AnyObject, name: String
  ) throws -> TensorView {
    func malformed(_ message: String, at offset: Int) -> EvalError {
      EvalError(.malformedData, message, subject: "\(name), byte \(offset)")
    }
    guard bytes.count >= 10, bytes[0] == 0x93, bytes[1...5].elementsEqual("NUMPY".utf8) else {
      throw malformed("not an npy file (its first bytes are not \\x93NUMPY)", at: 0)
    }
    let version = bytes[6]
    let headerStart = version == 1 ? 10 : 12
    guard (1...3).contains(version), bytes.count >= headerStart else {
      throw malformed("npy format version \(version) is not supported", at: 6)
    }
    let length =
      version == 1
      ? Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
      : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    guard length <= longestHeader else {
      throw malformed("a header of \(length) bytes; the limit is \(longestHeader)", at: 8)
    }
    guard headerStart + length <= bytes.count else {
      throw malformed("the header claims \(length) bytes, more than the file has", at: 8)
    }
    let start = headerStart + length
    let header = String(decoding: bytes[headerStart..<start], as: UTF8.self)
    guard let descriptor = header.firstMatch(of: /'descr':\s*'([^']*)'/)?.1,
      let order = header.firstMatch(of: /'fortran_order':\s*(True|False)/)?.1,
      let dimensions = header.firstMatch(of: /'shape':\s*\(([0-9,\sL]*)\)/)?.1
    else { throw malformed("the header is not one NumPy writes: \(header)", at: headerStart) }
    guard let type = types[String(descriptor)] else {
      throw malformed("element type \(descriptor) is not supported", at: headerStart)
    }
    let shape = try dimensions.split(separator: ",").map(trimmed).filter { !$0.isEmpty }.map {
      // Python 2 wrote long integers as `3L`.
      guard let size = Int($0.hasSuffix("L") ? $0.dropLast() : $0[...]) else {
        throw malformed("impossible shape (\(dimensions))", at: headerStart)
      }
      return size
    }
    guard order == "False" || shape.count < 2 else {
      throw malformed(
        "the array is in Fortran order; save it with numpy.ascontiguousarray", at: headerStart)
    }
    var size = type.byteCount
    for dimension in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else {
        throw malformed("impossible shape \(shape)", at: headerStart)
      }
      size = product
    }
    guard size == bytes.count - start else {
      throw malformed(
        "shape \(shape) of \(descriptor) needs \(size) bytes, the file has \(bytes.count - start)",
        at: start)
    }
    return TensorView(
      name: name, type: type, shape: shape,
      bytes: UnsafeRawBufferPointer(rebasing: bytes[start...]), owner: owner)
  }

  /// Format version 1, the header padded to 64 bytes as NumPy does.
  package static func encode(shape: [Int], values: [Float]) -> Data {
    let dimensions =
      shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimensions)), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  package static func write(shape: [Int], values: [Float], to url: URL) throws {
    try AtomicFile.write(encode(shape: shape, values: values), to: url)
  }

  /// Far above what any array's type and shape take.
  private static let longestHeader = 1 << 16

  private static func trimmed(_ text: Substring) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let types: [String: ElementType] = [
    "<f8": .float64, "<f4": .float32, "<f2": .float16, "<i8": .int64, "<i4": .int32,
    "<i2": .int16, "|i1": .int8, "|u1": .uint8, "|b1": .bool,
  ]
}

/// Bytes copied once to memory of their own, with an address that stays.
final class OwnedBytes {
  let bytes: UnsafeRawBufferPointer

  init(_ data: Data) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 64)
    data.copyBytes(to: copy)
    bytes = UnsafeRawBufferPointer(copy)
  }

  deinit { bytes.deallocate() }
}
