import Foundation

/// A file's bytes piece by piece, for digests of files larger than memory.
enum FileChunks {
  /// Calls `body` with 1 MiB at a time.
  /// - Throws: `EvalError.notFound` when the file cannot be opened or read.
  static func forEach(in url: URL, _ body: (UnsafeRawBufferPointer) -> Void) throws {
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: url)
    } catch {
      throw EvalError(.notFound, "cannot be opened for reading", subject: url.path)
    }
    defer { try? handle.close() }
    while true {
      let chunk: Data
      do {
        chunk = try handle.read(upToCount: 1 << 20) ?? Data()
      } catch {
        throw EvalError(.notFound, "cannot be read", subject: url.path)
      }
      if chunk.isEmpty { return }
      chunk.withUnsafeBytes(body)
    }
  }
}
