import CHDF5Reading
import Core
package import Foundation
import Synchronization

/// The HDF5 library may be built for one thread; every call of it is made while this is held.
private let hdf5 = Mutex(())

/// An HDF5 file, or a gzipped one, of which nothing is read but what is asked for. May be used from many threads; one reads at a
/// time.
package final class HDF5File: Sendable {
  package let url: URL
  private let source: HDF5Source
  private let id: h5r_id

  /// More than the largest file known here (PCam's training images, 7 GB) unpacks to.
  private static let unpackedLimit = 16 << 30

  /// - Throws: `EvalError.notFound` when it cannot be opened, `.malformedData` when it is no HDF5 file or cut short.
  package init(_ url: URL) throws {
    self.url = url
    let file = try PositionedFile(url)
    let magic = try file.read(at: 0, count: min(2, file.count))
    let bytes: any RandomAccessBytes =
      magic == [0x1f, 0x8b]
      ? try SeekableInflate(file, wrapper: .gzip, limit: Self.unpackedLimit) : file
    let source = HDF5Source(bytes)
    self.source = source
    id = try hdf5.withLock { _ in
      let id = h5r_open(
        HDF5Source.read, Unmanaged.passUnretained(source).toOpaque(), UInt64(bytes.count))
      guard id >= 0 else {
        throw HDF5Source.failure("expected an HDF5 file that can be opened", url, source)
      }
      return id
    }
  }

  deinit { hdf5.withLock { _ in h5r_close(id) } }

  /// - Parameter path: `x`, `digitStruct/name`.
  /// - Throws: `EvalError.malformedData` when there is none in the file itself.
  package func dataset(_ path: String) throws -> HDF5Dataset {
    try hdf5.withLock { _ in try open(h5r_dataset(id, path), path) }
  }

  /// The dataset that an object reference means, or one below the group that it means.
  package func dataset(_ reference: HDF5Reference, member: String? = nil) throws -> HDF5Dataset {
    let name = "object \(reference.address)" + (member.map { "/\($0)" } ?? "")
    return try hdf5.withLock { _ in
      let object = h5r_referenced(id, reference.address)
      guard let member else { return try open(object, name) }
      defer { h5r_close(object) }
      return try open(h5r_is_group(object) != 0 ? h5r_dataset(object, member) : -1, name)
    }
  }

  /// Takes over a dataset, with the lock held.
  private func open(_ id: h5r_id, _ name: String) throws -> HDF5Dataset {
    var found = h5r_description()
    guard id >= 0, h5r_is_dataset(id) != 0, h5r_describe(id, &found) == 0 else {
      let error = HDF5Source.failure("expected a dataset `\(name)`", url, source)
      h5r_close(id)
      throw error
    }
    let shape = withUnsafeBytes(of: found.shape) { bytes in
      bytes.bindMemory(to: UInt64.self).prefix(Int(found.rank)).map { Int(clamping: $0) }
    }
    let kind: HDF5Dataset.Kind =
      switch found.type {
      case h5r_integer:
        .integer(bytes: Int(clamping: found.element_size), isSigned: found.is_signed != 0)
      case h5r_float: .float
      case h5r_object_reference: .reference
      default: .other
      }
    let limit = HDF5Dataset.chunkLimit
    guard found.is_external == 0, found.chunk_bytes <= limit else {
      h5r_close(id)
      throw EvalError(
        .malformedData,
        found.is_external == 0
          ? "dataset `\(name)` has chunks of \(found.chunk_bytes) bytes; the limit is \(limit)"
          : "dataset `\(name)` keeps its values in other files, which are not read",
        subject: url.path)
    }
    return HDF5Dataset(file: self, source: source, id: id, name: name, shape: shape, kind: kind)
  }
}

/// Stands for an object of the file it was read from.
package struct HDF5Reference: Sendable, Hashable {
  fileprivate var address: UInt64
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

  fileprivate static let chunkLimit: UInt64 = 256 << 20

  fileprivate init(
    file: HDF5File, source: HDF5Source, id: h5r_id, name: String, shape: [Int], kind: Kind
  ) {
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
    return try read(elementCount(shape[...], limit: limit), of: Double.self) {
      h5r_read_doubles(id, $0)
    }
  }

  /// All values of an array of object references.
  /// - Parameter limit: most values it may have.
  package func references(limit: Int) throws -> [HDF5Reference] {
    guard kind == .reference else {
      throw EvalError(
        .malformedData, "expected `\(name)` to hold object references", subject: file.url.path)
    }
    return try read(elementCount(shape[...], limit: limit), of: UInt64.self) {
      h5r_read_references(id, $0)
    }.map(HDF5Reference.init)
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

/// What the library's file driver reads from, and the last error there, which the library has no words for.
private final class HDF5Source: Sendable {
  let bytes: any RandomAccessBytes
  private let lastError = Mutex<EvalError?>(nil)

  init(_ bytes: any RandomAccessBytes) { self.bytes = bytes }

  /// An `h5r_source` whose context is one of these.
  static let read: h5r_source = { context, offset, count, into in
    guard let context, let into, let offset = Int(exactly: offset) else { return -1 }
    let source = Unmanaged<HDF5Source>.fromOpaque(context).takeUnretainedValue()
    do {
      try source.bytes.read(at: offset, count: count).withUnsafeBytes {
        if let base = $0.baseAddress { memcpy(into, base, count) }
      }
      return 0
    } catch {
      source.lastError.withLock { $0 = error as? EvalError }
      return -1
    }
  }

  static func failure(_ expected: String, _ url: URL, _ source: HDF5Source) -> EvalError {
    if let error = source.lastError.withLock({ error in
      defer { error = nil }
      return error
    }) {
      return error
    }
    var text = [CChar](repeating: 0, count: 256)
    h5r_last_error(&text, text.count)
    let reason = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return EvalError(
      .malformedData, expected + (reason.isEmpty ? "." : " (HDF5 says: \(reason))."),
      subject: url.path, remedy: "The file may be damaged or cut short: fetch it again.")
  }
}
