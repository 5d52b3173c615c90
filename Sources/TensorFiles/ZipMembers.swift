import CArchive
import Core
package import Foundation

/// The members of a zip that is mapped into memory, stored or deflated, read one at a time and checked against their CRC-32.
/// Nothing is unpacked to the disk.
package final class ZipMembers: Sendable {
  package let url: URL
  private let file: MappedFile
  private let entries: [ZipDirectory.Entry]
  private let numbers: [String: Int]

  /// Ten times the images of PatchCamelyon, the largest set that is published in zips.
  private static let mostEntries = 4_000_000
  private static let remedy = "The archive is cut short or damaged: fetch it again."

  /// - Throws: `EvalError.notFound`, or `.malformedData` with the byte where the directory is no zip's.
  package init(_ url: URL) throws {
    self.url = url
    file = try MappedFile(url)
    let directory = try ZipDirectory(file, mostEntries: Self.mostEntries, remedy: Self.remedy)
    entries = directory.entries.values.sorted { $0.header < $1.header }
    numbers = Dictionary(
      entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// In the order of their places in the archive.
  package var names: [String] { entries.map(\.name) }

  /// The number of a member; nil when there is none of that name.
  package func member(named name: String) -> Int? { numbers[name] }

  /// Of its content.
  package func size(of member: Int) -> Int { entries[member].size }

  /// Where the member lies in the file.
  package func extent(of member: Int) -> Range<Int> { entries[member].range }

  /// Calls `body` with the content of a member, which is valid during the call only. Called from many threads.
  /// - Parameter limit: most bytes the content may have.
  /// - Throws: `EvalError.malformedData` for another compression, for encryption, for content of another length or checksum.
  package func withBytes<Result>(
    of member: Int, limit: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let entry = entries[member]
    func fail(_ message: String) -> EvalError {
      EvalError(
        .malformedData, "\(entry.name) \(message)",
        subject: "\(url.path), byte \(entry.range.lowerBound)", remedy: Self.remedy)
    }
    guard !entry.isEncrypted else { throw fail("is encrypted") }
    guard entry.size <= limit else {
      throw fail("has \(entry.size) bytes, expected at most \(limit)")
    }
    switch entry.method {
    case 0:
      let stored = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
      guard Gzip.crc32(stored) == entry.crc32 else {
        throw fail("does not match its checksum")
      }
      return try body(stored)
    case 8:
      // A local header and what follows it are, to libarchive, a zip that is being streamed; it compares the checksum.
      let longestDescriptor = 24
      let end = min(entry.range.upperBound + longestDescriptor, file.bytes.count)
      let packed = UnsafeRawBufferPointer(rebasing: file.bytes[entry.header..<end])
      let content = try Self.inflate(packed, size: entry.size) { fail("cannot be unpacked: \($0)") }
      return try content.withUnsafeBytes { bytes in
        guard Gzip.crc32(bytes) == entry.crc32 else {
          throw fail("does not match its checksum")
        }
        return try body(bytes)
      }
    default:
      throw fail("is compressed by method \(entry.method), expected it stored (0) or deflated (8)")
    }
  }

  private static func inflate(
    _ packed: UnsafeRawBufferPointer, size: Int, fail: (String) -> EvalError
  ) throws -> [UInt8] {
    guard let archive = archive_read_new() else {
      throw EvalError(.bug, "libarchive cannot start")
    }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip_streamable(archive)
    func reason() -> String {
      archive_error_string(archive).map { String(cString: $0) } ?? "unknown reason"
    }
    var entry: OpaquePointer?
    guard archive_read_open_memory(archive, packed.baseAddress, packed.count) == ARCHIVE_OK,
      archive_read_next_header(archive, &entry) == ARCHIVE_OK
    else { throw fail(reason()) }
    var done = 0
    var failed = false
    // One byte more than there should be, so that longer content is noticed.
    var content = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, filled in
      while done <= size {
        let got = archive_read_data(
          archive, buffer.baseAddress?.advanced(by: done), size + 1 - done)
        failed = got < 0
        if got <= 0 { break }
        done += got
      }
      filled = done
    }
    guard !failed else { throw fail(reason()) }
    guard done == size else {
      throw fail("expected \(size) bytes, found \(done > size ? "more" : "\(done)")")
    }
    content.removeLast(content.count - size)
    return content
  }
}
