import CHDF5Reading
import CZlib
import Core
import Foundation
import Synchronization

/// The chunks that a dataset is stored in, unpacked here, where their sizes are checked, and not by the library.
final class HDF5Chunks: Sendable {
  let elementSize: Int
  private let shape: [Int]
  /// Elements along each axis.
  private let chunk: [Int]
  private let byteCount: Int
  private let filters: [Filter]
  private let name: String
  private let url: URL
  private let cache = Mutex(Cache())

  private enum Filter: Int32 {
    case deflate = 1
    /// All first bytes of the elements, then all second ones, ….
    case shuffle = 2
  }

  /// Unpacked bytes of the chunks used last; always at least one.
  private struct Cache: Sendable {
    static let limit = 64 << 20
    var chunks: [(offset: [UInt64], bytes: [UInt8])] = []
    var byteCount = 0
  }

  private static let largest: UInt64 = 128 << 20

  /// - Throws: `EvalError.malformedData` for chunks too large, and filters that are not read.
  init(_ found: h5r_description, shape: [Int], name: String, url: URL) throws {
    guard found.chunk_bytes > 0, found.chunk_bytes <= Self.largest else {
      throw EvalError(
        .malformedData,
        "dataset `\(name)` has chunks of \(found.chunk_bytes) bytes; the limit is \(Self.largest)",
        subject: url.path)
    }
    let numbers = withUnsafeBytes(of: found.filters) {
      Array($0.bindMemory(to: Int32.self).prefix(max(Int(found.filter_count), 0)))
    }
    let filters = numbers.compactMap(Filter.init)
    guard found.filter_count >= 0, filters.count == numbers.count else {
      throw EvalError(
        .malformedData,
        "dataset `\(name)` went through HDF5's filters \(numbers); deflate (1) and shuffle (2) are read",
        subject: url.path, remedy: "Write it again with gzip, or without compression.")
    }
    self.filters = filters
    self.shape = shape
    self.name = name
    self.url = url
    elementSize = Int(found.element_size)
    byteCount = Int(found.chunk_bytes)
    chunk = withUnsafeBytes(of: found.chunk) { bytes in
      bytes.bindMemory(to: UInt64.self).prefix(Int(found.rank)).map { Int(clamping: $0) }
    }
  }

  /// A stored chunk and the filters it skipped; nothing for one that was never written.
  typealias Reader = (_ offset: [UInt64], _ capacity: Int) throws -> (
    bytes: [UInt8], skipped: UInt32
  )

  /// The values of some rows of the first axis, one behind the other; 0 where nothing was written.
  /// - Parameter byteCount: of these values.
  func values(of rows: Range<Int>, byteCount: Int, _ read: Reader) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: byteCount)
    if byteCount == 0 { return result }
    // The box that is asked for begins at `rows` and has all of the other axes.
    let lower = [rows.lowerBound] + shape.dropFirst().map { _ in 0 }
    let upper = [rows.upperBound] + shape.dropFirst()
    var corner = zip(lower, chunk).map { $0 / $1 * $1 }
    let first = corner
    repeat {
      let bytes = try unpacked(corner, read)
      if !bytes.isEmpty { copy(bytes, at: corner, lower, upper, into: &result) }
    } while Self.advance(&corner, from: first, to: upper, by: chunk)
    return result
  }

  /// The next corner, the last axis first; false after the last one.
  private static func advance(
    _ corner: inout [Int], from first: [Int], to upper: [Int], by step: [Int]
  ) -> Bool {
    for axis in corner.indices.reversed() {
      corner[axis] += step[axis]
      if corner[axis] < upper[axis] { return true }
      corner[axis] = first[axis]
    }
    return false
  }

  /// Copies what a chunk has of a box, run by run along the last axis.
  private func copy(
    _ bytes: [UInt8], at corner: [Int], _ lower: [Int], _ upper: [Int], into result: inout [UInt8]
  ) {
    let from = zip(corner, lower).map { max($0, $1) }
    let to = zip(zip(corner, chunk), upper).map { min($0.0 + $0.1, $1) }
    guard let last = from.indices.last else { return }
    let run = (to[last] - from[last]) * elementSize
    let ends = to.dropLast() + [from[last] + 1]
    let steps = from.map { _ in 1 }
    var position = from
    repeat {
      var (source, target) = (0, 0)
      for axis in position.indices {
        source = source * chunk[axis] + position[axis] - corner[axis]
        target = target * (upper[axis] - lower[axis]) + position[axis] - lower[axis]
      }
      source *= elementSize
      target *= elementSize
      result.replaceSubrange(target..<target + run, with: bytes[source..<source + run])
    } while Self.advance(&position, from: from, to: Array(ends), by: steps)
  }

  private func unpacked(_ corner: [Int], _ read: Reader) throws -> [UInt8] {
    let offset = corner.map { UInt64($0) }
    // The reader's array has the library's number of axes.
    let padded = offset + [UInt64](repeating: 0, count: Int(H5R_MAX_RANK) - offset.count)
    let known = cache.withLock { cache -> [UInt8]? in
      guard let at = cache.chunks.firstIndex(where: { $0.offset == offset }) else { return nil }
      let found = cache.chunks.remove(at: at)
      cache.chunks.append(found)
      return found.bytes
    }
    if let known { return known }
    // Deflate makes what cannot be compressed a little longer.
    var (bytes, skipped) = try read(padded, byteCount + byteCount / 1000 + 1024)
    if bytes.isEmpty { return [] }
    for (number, filter) in filters.enumerated().reversed() where skipped & 1 << number == 0 {
      switch filter {
      case .deflate: bytes = try inflated(bytes)
      case .shuffle: bytes = unshuffled(bytes)
      }
    }
    guard bytes.count == byteCount else { throw damaged("has \(bytes.count) bytes") }
    cache.withLock { cache in
      while !cache.chunks.isEmpty, cache.byteCount + byteCount > Cache.limit {
        cache.byteCount -= cache.chunks.removeFirst().bytes.count
      }
      cache.chunks.append((offset, bytes))
      cache.byteCount += byteCount
    }
    return bytes
  }

  private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
    var count = uLong(byteCount)
    var status = Z_OK
    let result = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      status = uncompress(buffer.baseAddress, &count, bytes, uLong(bytes.count))
      filled = status == Z_OK ? Int(count) : 0
    }
    guard status == Z_OK else { throw damaged("cannot be unpacked") }
    return result
  }

  private func unshuffled(_ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count / elementSize
    var result = bytes
    for byte in 0..<elementSize {
      for element in 0..<count {
        result[element * elementSize + byte] = bytes[byte * count + element]
      }
    }
    return result
  }

  private func damaged(_ what: String) -> EvalError {
    EvalError(
      .malformedData, "a chunk of `\(name)` \(what), expected \(byteCount) bytes",
      subject: url.path, remedy: "The file is damaged: fetch it again.")
  }
}
