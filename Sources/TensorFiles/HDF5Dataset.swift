import CHDF5Reading
import Core
import Foundation

/// Stands for an object of the file it was read from.
package struct HDF5Reference: Sendable, Hashable {
  var address: UInt64
}

/// An array in an HDF5 file.
package final class HDF5Dataset: Sendable {
  package enum Kind: Sendable, Equatable {
    case integer(bytes: Int, isSigned: Bool)
    case float
    case reference
    case other
  }

  package let name: String
  package let shape: [Int]
  package let kind: Kind
  private let file: HDF5File
  private let source: HDF5Source
  private let id: h5r_id
  /// Nil where the values stand in one piece.
  private let chunks: HDF5Chunks?

  init(
    file: HDF5File, source: HDF5Source, id: h5r_id, name: String, shape: [Int], kind: Kind,
    chunks: HDF5Chunks?
  ) {
    self.chunks = chunks
    self.file = file
    self.source = source
    self.id = id
    self.name = name
    self.shape = shape
    self.kind = kind
  }

  deinit { hdf5.withLock { _ in h5r_close(id) } }

  /// A row of an array of bytes: the elements with this number on the first axis.
  package func bytes(ofRow row: Int) throws -> [UInt8] {
    let rowSize = try elementCount(shape.dropFirst(), limit: 1 << 30)
    guard kind == .integer(bytes: 1, isSigned: false), let rows = shape.first,
      (0..<rows).contains(row)
    else { throw EvalError(.bug, "no row \(row) of bytes in `\(name)`", subject: file.url.path) }
    if let chunks { return try values(of: row..<row + 1, rowSize, in: chunks) }
    let start = [UInt64(row)] + shape.dropFirst().map { _ in 0 }
    let count = [1] + shape.dropFirst().map { UInt64($0) }
    return try read(rowSize, of: UInt8.self) { h5r_read_bytes(id, start, count, $0) }
  }

  /// A short text that the array carries (`MATLAB_class`); nil where it has none of the name.
  package func textAttribute(_ name: String) -> String? {
    var text = [CChar](repeating: 0, count: 64)
    let found = hdf5.withLock { _ in h5r_text_attribute(id, name, &text, text.count) == 0 }
    return found
      ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  /// All values of an array of numbers, the last axis fastest.
  /// - Parameter limit: most values it may have.
  package func numbers(limit: Int) throws -> [Double] {
    switch kind {
    case .integer, .float: break
    case .reference, .other:
      throw EvalError(.malformedData, "expected `\(name)` to hold numbers", subject: file.url.path)
    }
    let count = try elementCount(shape[...], limit: limit)
    guard let chunks else {
      return try read(count, of: Double.self) { h5r_read_doubles(id, $0) }
    }
    let bytes = try values(of: 0..<(shape.first ?? 0), count * chunks.elementSize, in: chunks)
    return try read(count, of: Double.self) { into in
      bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(into, base, $0.count) } }
      return h5r_convert_to_doubles(id, UInt64(count), into)
    }
  }

  /// All values of an array of object references.
  /// - Parameter limit: most values it may have.
  package func references(limit: Int) throws -> [HDF5Reference] {
    guard kind == .reference else {
      throw EvalError(
        .malformedData, "expected `\(name)` to hold object references", subject: file.url.path)
    }
    let count = try elementCount(shape[...], limit: limit)
    guard let chunks else {
      return try read(count, of: UInt64.self) { h5r_read_references(id, $0) }
        .map(HDF5Reference.init)
    }
    let bytes = try values(of: 0..<(shape.first ?? 0), count * chunks.elementSize, in: chunks)
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map {
        HDF5Reference(
          address: UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
      }
    }
  }

  /// Values as they are stored, rows of the first axis one behind the other.
  private func values(of rows: Range<Int>, _ byteCount: Int, in chunks: HDF5Chunks) throws
    -> [UInt8]
  {
    try chunks.values(of: rows, byteCount: byteCount) { offset, capacity in
      var (size, skipped): (UInt64, UInt32) = (0, 0)
      let stored = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
        try hdf5.withLock { _ in
          guard
            h5r_read_chunk(id, offset, buffer.baseAddress, UInt64(capacity), &size, &skipped) == 0
          else {
            throw HDF5Source.failure("cannot read a chunk of `\(name)`", file.url, source)
          }
        }
        filled = min(Int(clamping: size), capacity)
      }
      guard size <= UInt64(capacity) else {
        throw EvalError(
          .malformedData, "a chunk of `\(name)` has \(size) bytes, expected at most \(capacity)",
          subject: file.url.path)
      }
      return (stored, skipped)
    }
  }

  private func elementCount(_ shape: ArraySlice<Int>, limit: Int) throws -> Int {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= limit else {
        throw EvalError(
          .malformedData, "`\(name)` has \(self.shape) values, more than the limit of \(limit)",
          subject: file.url.path)
      }
      count = product
    }
    return count
  }

  private func read<Element>(
    _ count: Int, of _: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Int32
  ) throws -> [Element] {
    if count == 0 { return [] }
    return try [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      // Values that a damaged file does not have stay as they are here.
      memset(base, 0, count * MemoryLayout<Element>.stride)
      try hdf5.withLock { _ in
        guard body(base) == 0 else {
          throw HDF5Source.failure("cannot read the values of `\(name)`", file.url, source)
        }
      }
      filled = count
    }
  }
}
