import CArchive
import Core
package import Foundation

/// The first member of a zip whose path ends in `/suffix` (or is `suffix`), unpacked into memory.
///
/// For small members of small archives (the pickle in a `torch.save` file); weights are mapped elsewhere.
/// - Returns: nil when no member has that name.
/// - Throws: `EvalError.notFound` when the file cannot be opened, `.malformedData` when it is not a zip or the
///   member is larger than `limit`.
package func zipMember(_ suffix: String, of url: URL, limit: Int) throws -> Data? {
  guard let archive = archive_read_new() else {
    throw EvalError(.bug, "libarchive cannot start", subject: url.path)
  }
  defer { archive_read_free(archive) }
  archive_read_support_format_zip(archive)
  func fail() -> EvalError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown reason"
    return EvalError(.malformedData, "cannot be read as a zip: \(reason)", subject: url.path)
  }
  guard FileManager.default.isReadableFile(atPath: url.path) else {
    throw EvalError(.notFound, "cannot be opened for reading", subject: url.path)
  }
  guard archive_read_open_filename(archive, url.path, 1 << 16) == ARCHIVE_OK else { throw fail() }
  var entry: OpaquePointer?
  while true {
    let status = archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw fail() }
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    guard name == suffix || name.hasSuffix("/" + suffix) else { continue }
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = buffer.withUnsafeMutableBytes {
        archive_read_data(archive, $0.baseAddress, $0.count)
      }
      guard got >= 0 else { throw fail() }
      if got == 0 { return data }
      guard data.count + got <= limit else {
        throw EvalError(
          .malformedData, "member \(name) is larger than \(limit) bytes", subject: url.path)
      }
      data.append(contentsOf: buffer[0..<got])
    }
  }
}
