import Core
package import Foundation

/// A file read in pieces at given offsets (`pread`), so that walking a large archive touches only its headers.
package final class PositionedFile: Sendable {
  package let url: URL
  package let count: Int
  private let descriptor: Int32

  /// - Throws: `EvalError.notFound` when it cannot be opened or is not a regular file.
  package init(_ url: URL) throws {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw EvalError(
        .notFound, "cannot open: \(String(cString: strerror(errno)))", subject: url.path)
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw EvalError(.notFound, "expected a regular file", subject: url.path)
    }
    self.url = url
    self.count = Int(info.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Exactly `count` bytes.
  /// - Throws: `EvalError.malformedData` when the file ends before them.
  package func read(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      throw EvalError(
        .malformedData,
        "expected \(count) bytes at byte \(offset), but the file ends at \(self.count)",
        subject: url.path)
    }
    var done = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while done < count {
        let got = pread(
          descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        done += got
      }
      filled = done
    }
    guard done == count else {
      throw EvalError(
        .malformedData, "expected \(count) bytes at byte \(offset), could read \(done)",
        subject: url.path)
    }
    return bytes
  }
}
