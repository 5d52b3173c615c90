import CHDF5Reading
import Core
package import Foundation
import Synchronization

/// The HDF5 library may be built for one thread; every call of it is made while this is held.
let hdf5 = Mutex(())

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
    guard found.is_external == 0 else {
      h5r_close(id)
      throw EvalError(
        .malformedData, "dataset `\(name)` keeps its values in other files, which are not read",
        subject: url.path)
    }
    do {
      let chunks =
        try found.is_chunked != 0 ? HDF5Chunks(found, shape: shape, name: name, url: url) : nil
      return HDF5Dataset(
        file: self, source: source, id: id, name: name, shape: shape, kind: kind, chunks: chunks)
    } catch {
      h5r_close(id)
      throw error
    }
  }
}
