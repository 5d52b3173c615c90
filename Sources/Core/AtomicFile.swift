package import Foundation

/// Writes whole files so that a reader, or a process started after a crash, sees the old bytes or the new
/// ones and never a part: temporary name in the same folder, fsync, rename, fsync of the folder.
package enum AtomicFile {
  /// - Throws: `EvalError.cannotWrite` with the system's reason.
  package static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { descriptor in
      try data.withUnsafeBytes { try writeAll($0, to: descriptor, subject: url.path) }
    }
  }

  package static func write(_ text: String, to url: URL) throws {
    try write(Data(text.utf8), to: url)
  }

  /// Calls `body` with the open temporary file; the rename happens only if it returns.
  package static func write(to url: URL, _ body: (_ descriptor: Int32) throws -> Void) throws {
    let folder = url.deletingLastPathComponent()
    try createFolder(folder)
    let temporary = folder.appending(
      path: ".\(url.lastPathComponent).\(UUID().uuidString).partial")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(url.path) }
    var renamed = false
    defer {
      close(descriptor)
      if !renamed { unlink(temporary.path) }
    }
    try body(descriptor)
    guard fsync(descriptor) == 0, rename(temporary.path, url.path) == 0 else {
      throw failure(url.path)
    }
    renamed = true
    let directory = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Creates a folder and those above it, as far as they are missing.
  package static func createFolder(_ folder: URL) throws {
    func failure(_ code: Int32) -> EvalError {
      EvalError(
        .cannotWrite, "cannot create this folder: \(String(cString: strerror(code)))",
        subject: folder.path)
    }
    // From the first that is missing downwards.
    var missing: [String] = []
    var next = folder.standardizedFileURL
    while !isFolder(next), next.path != "/" {
      missing.append(next.path)
      next = next.deletingLastPathComponent()
    }
    for path in missing.reversed() where mkdir(path, 0o777) != 0 {
      let code = errno
      // Another process may have been faster; a file of that name is in the way.
      guard code == EEXIST else { throw failure(code) }
      guard isFolder(URL(filePath: path)) else { throw failure(ENOTDIR) }
    }
  }

  /// Adds a line to a file that is read line by line, and makes the file where there is none.
  /// - Throws: `EvalError.cannotWrite`.
  package static func appendLine(_ text: Data, to url: URL) throws {
    // A torn last line must not swallow the next one, so every line brings its own leading break.
    var line = Data("\n".utf8)
    line.append(text)
    line.append(UInt8(ascii: "\n"))
    try createFolder(url.deletingLastPathComponent())
    let descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw EvalError(
        .cannotWrite, "cannot open: \(String(cString: strerror(errno)))", subject: url.path)
    }
    defer { close(descriptor) }
    try line.withUnsafeBytes { try writeAll($0, to: descriptor, subject: url.path) }
    fsync(descriptor)
  }

  /// Removes a file, or a folder with all that is in it; of links, the links.
  /// - Throws: `EvalError.cannotWrite` with the system's reason.
  package static func remove(_ url: URL) throws {
    var status = stat()
    if lstat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      // What cannot be listed is told when the folder, which is then not empty, is removed.
      for name in (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [] {
        try remove(url.appending(path: name))
      }
    }
    guard Foundation.remove(url.path) == 0 else {
      throw EvalError(
        .cannotWrite, "cannot be removed: \(String(cString: strerror(errno)))", subject: url.path)
    }
  }

  package static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, subject: String
  ) throws {
    var offset = 0
    while offset < bytes.count {
      let written = Foundation.write(
        descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        throw failure(subject)
      }
      offset += written
    }
  }

  private static func failure(_ path: String) -> EvalError {
    EvalError(.cannotWrite, "cannot write: \(String(cString: strerror(errno)))", subject: path)
  }
}
