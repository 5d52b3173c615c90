import CArchive
import Core
package import Foundation

/// gzip files (RFC 1952) held in memory, decompressed by libarchive.
package enum Gzip {
  /// The data start with gzip's magic number.
  package static func isCompressed(_ data: Data) -> Bool { data.starts(with: [0x1F, 0x8B]) }

  /// The uncompressed content of all members.
  ///
  /// libarchive 3.6 does not compare the checksum that ends a gzip member; here that of the last one is.
  /// - Parameter limit: most bytes the content may have; more is an error, before memory for it is taken.
  /// - Throws: `EvalError.malformedData` when the data are not gzip, damaged, cut short or above the limit.
  package static func decompress(_ data: Data, limit: Int, subject: String? = nil) throws -> Data {
    guard isCompressed(data) else {
      throw EvalError(
        .malformedData, "expected gzip data (first bytes 1f 8b)", subject: subject)
    }
    let content = try data.withUnsafeBytes { try inflate($0, limit: limit, subject: subject) }
    let trailer = data.suffix(8).enumerated().reduce(into: UInt64(0)) {
      $0 |= UInt64($1.element) << UInt64(8 * $1.offset)
    }
    // CRC-32 and byte count modulo 2³² of the last member.
    let lastCount = Int(trailer >> 32)
    guard lastCount <= content.count,
      crc32(content.suffix(lastCount)) == UInt32(truncatingIfNeeded: trailer)
    else {
      throw EvalError(
        .malformedData, "the decompressed content does not match gzip's checksum.",
        subject: subject,
        remedy: "The file is damaged: fetch it again.")
    }
    return content
  }

  private static func inflate(
    _ bytes: UnsafeRawBufferPointer, limit: Int, subject: String?
  ) throws -> Data {
    guard let archive = archive_read_new() else {
      throw EvalError(.bug, "libarchive cannot start reading", subject: subject)
    }
    defer { archive_read_free(archive) }
    func failure() -> EvalError {
      let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown reason"
      return EvalError(
        .malformedData, "cannot decompress gzip data: \(reason).", subject: subject,
        remedy: "The file is damaged or cut short: fetch it again.")
    }
    var entry: OpaquePointer?
    guard archive_read_support_filter_gzip(archive) == ARCHIVE_OK,
      archive_read_support_format_raw(archive) == ARCHIVE_OK,
      // The raw format does not recognise empty content.
      archive_read_support_format_empty(archive) == ARCHIVE_OK,
      archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK
    else { throw failure() }
    switch archive_read_next_header(archive, &entry) {
    case ARCHIVE_OK: break
    case ARCHIVE_EOF: return Data()
    default: throw failure()
    }
    guard archive_filter_count(archive) > 1 else {
      throw EvalError(.malformedData, "the gzip header is damaged", subject: subject)
    }
    var content = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = archive_read_data(archive, &chunk, chunk.count)
      if count == 0 { return content }
      guard count > 0 else { throw failure() }
      guard content.count + count <= limit else {
        throw EvalError(
          .malformedData, "the decompressed content is above the limit of \(limit) bytes",
          subject: subject)
      }
      content.append(contentsOf: chunk[0..<count])
    }
  }

  /// CRC-32 of ISO 3309, as gzip uses it.
  package static func crc32(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { crc32($0) }
  }

  package static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    crcTable.withUnsafeBufferPointer { table in
      var crc: UInt32 = .max
      for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
      return ~crc
    }
  }

  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
  }
}
