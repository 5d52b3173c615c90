import CArchive
import Core
import Foundation

/// The entries of an archive, one after another.
final class ArchiveReader {
  struct Entry {
    enum Kind {
      case file
      case folder
      case other
    }
    var path: String
    var kind: Kind
  }

  private let archive: OpaquePointer
  private let url: URL

  init(_ url: URL, password: String? = nil, isSingleFile: Bool = false) throws(EvalError) {
    guard let archive = archive_read_new() else {
      throw EvalError(.bug, "libarchive cannot start reading", subject: url.path)
    }
    self.archive = archive
    self.url = url
    archive_read_support_filter_all(archive)
    if isSingleFile {
      archive_read_support_format_raw(archive)
    } else {
      archive_read_support_format_all(archive)
    }
    if let password { archive_read_add_passphrase(archive, password) }
    guard archive_read_open_filename(archive, url.path, 1 << 20) == ARCHIVE_OK else {
      throw failure()
    }
  }

  deinit { archive_read_free(archive) }

  /// Nil at the end.
  func next() throws(EvalError) -> Entry? {
    var entry: OpaquePointer?
    switch archive_read_next_header(archive, &entry) {
    case ARCHIVE_EOF: return nil
    case ARCHIVE_OK, ARCHIVE_WARN: break
    default: throw failure()
    }
    guard let entry, let name = Self.name(of: entry) else {
      throw EvalError(
        .malformedData, "holds a file whose name is not UTF-8", subject: url.path)
    }
    // A hard link has the type of a file, and no content of its own.
    guard archive_entry_hardlink(entry) == nil else { return Entry(path: name, kind: .other) }
    switch archive_entry_filetype(entry) & 0o170000 {
    case 0o100000: return Entry(path: name, kind: .file)
    case 0o040000: return Entry(path: name, kind: .folder)
    default: return Entry(path: name, kind: .other)
    }
  }

  /// The content of the entry, piece by piece; holes are zeros.
  func data(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let size = 1 << 18
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = archive_read_data(archive, buffer.baseAddress, size)
      if count == 0 { return }
      guard count > 0 else { throw failure() }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private static func name(of entry: OpaquePointer) -> String? {
    if let name = archive_entry_pathname(entry) { return String(validatingCString: name) }
    // Where the bytes are no text of the locale: zip and rar keep UTF-8 or UTF-16 beside them.
    return archive_entry_pathname_utf8(entry).flatMap { String(validatingCString: $0) }
  }

  private func failure() -> EvalError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "it is damaged"
    return EvalError(
      .malformedData, "cannot be unpacked: \(reason)", subject: url.path,
      remedy: "Delete it and fetch it again.")
  }
}
