import CArchive
import Core
package import Foundation

/// NumPy's zip of npy files, read through libarchive.
package enum NPZFile {
  /// Every array by its name without `.npy`.
  ///
  /// - Throws: `EvalError.malformedData` when the archive or an array in it is broken, or when the arrays
  ///   together exceed `limit` bytes uncompressed.
  package static func read(_ url: URL, limit: Int = 8 << 30) throws -> [String: TensorView] {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EvalError(.notFound, "not found", subject: url.path)
    }
    let archive = archive_read_new()
    defer { archive_read_free(archive) }
    func malformed(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: url.path)
    }
    func reason() -> String {
      archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
    }
    archive_read_support_format_zip(archive)
    guard archive_read_open_filename(archive, url.path, 1 << 16) == ARCHIVE_OK else {
      throw malformed("cannot be read as a zip: \(reason())")
    }
    var arrays: [String: TensorView] = [:]
    var total = 0
    var entry: OpaquePointer?
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK, let path = archive_entry_pathname(entry) else {
        throw malformed("cannot be read as a zip: \(reason())")
      }
      let name = String(cString: path)
      var data = Data()
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = archive_read_data(archive, &chunk, chunk.count)
        if count == 0 { break }
        guard count > 0 else { throw malformed("\(name): \(reason())") }
        total += count
        guard total <= limit else { throw malformed("holds more than \(limit) bytes") }
        data.append(contentsOf: chunk[..<count])
      }
      let key = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
      arrays[key] = try NPYFile.read(data, name: "\(url.path)/\(name)")
    }
    return arrays
  }
}
