package import Foundation

/// A file mapped read-only into memory; pages are read when touched and can be given back.
///
/// Sendable because the mapping is never written. A file that another process truncates while it is mapped
/// raises SIGBUS, as with every memory-mapped reader.
package final class MappedFile: @unchecked Sendable {
  package let url: URL
  package let bytes: UnsafeRawBufferPointer

  /// - Throws: `EvalError.notFound` when the file cannot be opened or mapped.
  package init(_ url: URL) throws {
    self.url = url
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw EvalError(
        .notFound, "cannot open: \(String(cString: strerror(errno)))", subject: url.path)
    }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw EvalError(.notFound, "expected a regular file", subject: url.path)
    }
    let count = Int(info.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      address != MAP_FAILED
    else {
      throw EvalError(
        .notFound, "cannot map into memory: \(String(cString: strerror(errno)))", subject: url.path)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  deinit {
    if let base = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
  }

  /// Gives the pages of a range back to the system; they are read again when touched.
  package func release(_ range: Range<Int>) {
    guard let base = bytes.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let lower = (range.lowerBound + page - 1) / page * page
    let upper = range.upperBound / page * page
    guard lower < upper else { return }
    madvise(
      UnsafeMutableRawPointer(mutating: base.advanced(by: lower)), upper - lower, MADV_DONTNEED)
  }
}

/// The whole of a file in memory.
/// - Parameter limit: most bytes it may have, and it has to be a regular file then; none are read otherwise.
/// - Throws: `EvalError.notFound` when it cannot be read, `.malformedData` when it is too large.
package func readFile(_ url: URL, limit: Int? = nil) throws -> Data {
  if let limit {
    var info = stat()
    if stat(url.path, &info) == 0 {
      switch info.st_mode & S_IFMT {
      case S_IFDIR: break
      case S_IFREG:
        guard info.st_size <= limit else {
          throw EvalError(
            .malformedData, "has \(info.st_size) bytes, expected at most \(limit)",
            subject: url.path)
        }
      default: throw EvalError(.notFound, "expected a regular file", subject: url.path)
      }
    }
  }
  do {
    return try Data(contentsOf: url)
  } catch {
    let exists = FileManager.default.fileExists(atPath: url.path)
    let reason =
      isFolder(url) ? "is a folder, expected a file" : exists ? "cannot be read" : "not found"
    throw EvalError(.notFound, reason, subject: url.path)
  }
}
