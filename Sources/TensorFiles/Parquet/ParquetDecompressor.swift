import CArchive
import CSnappy
import Core
import Foundation

/// Unpacks the body of a page to the size that its header announces.
enum ParquetDecompressor {
  static func unpack(
    _ bytes: ArraySlice<UInt8>, _ codec: ParquetCodec, count: Int, fail: (String) -> EvalError
  ) throws -> ArraySlice<UInt8> {
    // Some writers compress nothing to nothing, which no codec would.
    if count == 0, bytes.isEmpty { return [] }
    switch codec {
    case .uncompressed:
      guard bytes.count == count else {
        throw fail("an uncompressed page of \(bytes.count) bytes, announced with \(count)")
      }
      return bytes
    case .other(let name):
      throw fail("compression with \(name) is not read (Snappy, gzip and Zstandard are)")
    case .snappy: return try snappy(bytes, count: count, fail)[...]
    case .gzip: return try stream(bytes, ARCHIVE_FILTER_GZIP, "gzip", count: count, fail)[...]
    case .zstd: return try stream(bytes, ARCHIVE_FILTER_ZSTD, "Zstandard", count: count, fail)[...]
    }
  }

  private static func snappy(
    _ bytes: ArraySlice<UInt8>, count: Int, _ fail: (String) -> EvalError
  ) throws -> [UInt8] {
    var stated = 0
    let isRight = bytes.withUnsafeBytes { source in
      snappy_uncompressed_length(source.baseAddress, source.count, &stated) == SNAPPY_OK
    }
    // Three bytes of Snappy make 64 at most: no memory is taken for what cannot be.
    guard isRight, stated == count, count <= 22 * bytes.count else {
      throw fail("Snappy data that announce another size than the page's \(count) bytes")
    }
    var status = SNAPPY_INVALID_INPUT
    let unpacked = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.withUnsafeBytes { source in
        var room = count
        status = snappy_uncompress(source.baseAddress, source.count, buffer.baseAddress, &room)
        filled = status == SNAPPY_OK ? room : 0
      }
    }
    guard status == SNAPPY_OK, unpacked.count == count else { throw fail("damaged Snappy data") }
    return unpacked
  }

  /// One stream through libarchive. Memory grows with what comes out, and not beyond `count`.
  private static func stream(
    _ bytes: ArraySlice<UInt8>, _ filter: Int32, _ name: String, count: Int,
    _ fail: (String) -> EvalError
  ) throws -> [UInt8] {
    // libarchive's raw format does not know empty content.
    if count == 0 { return [] }
    guard let archive = archive_read_new() else { throw fail("libarchive cannot start reading") }
    defer { archive_read_free(archive) }
    return try bytes.withUnsafeBytes { source in
      var entry: OpaquePointer?
      // The filter is set, not guessed: content that looks compressed itself must stay as it is.
      guard archive_read_append_filter(archive, filter) == ARCHIVE_OK,
        archive_read_support_format_raw(archive) == ARCHIVE_OK,
        archive_read_open_memory(archive, source.baseAddress, source.count) == ARCHIVE_OK,
        archive_read_next_header(archive, &entry) == ARCHIVE_OK
      else { throw fail("damaged \(name) data") }
      var content: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: min(count + 1, 1 << 18))
      while true {
        let got = archive_read_data(archive, &chunk, chunk.count)
        if got == 0 { break }
        guard got > 0, got <= count - content.count else {
          throw fail(got < 0 ? "damaged \(name) data" : "\(name) data of more than \(count) bytes")
        }
        content.append(contentsOf: chunk[..<got])
      }
      guard content.count == count else {
        throw fail("\(name) data of \(content.count) bytes, announced with \(count)")
      }
      return content
    }
  }
}
