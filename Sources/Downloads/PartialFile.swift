import Core
import Foundation

/// A download that is not finished: `<name>.partial`, and beside it `<name>.partial.json` that says which bytes of
/// what it holds, so that a later attempt continues only the same version of the same file.
///
/// The partial file is locked while it is open: two processes never write one file.
final class PartialFile {
  /// What the bytes are of.
  struct Origin: Codable, Equatable {
    var address: String
    /// The `ETag` or `Last-Modified` that the server must still stand by; nil when it gave neither.
    var validator: String?
    /// Bytes of the whole file; nil when the server did not say.
    var total: Int?
  }

  let destination: URL
  let url: URL
  private let originURL: URL
  private let descriptor: Int32
  /// Nil until a response told.
  private(set) var origin: Origin?
  /// Bytes held.
  private(set) var count: Int

  /// - Throws: `EvalError.cannotWrite`; `.incomplete` while another process downloads the same file.
  init(destination: URL) throws {
    self.destination = destination
    try AtomicFile.createFolder(destination.deletingLastPathComponent())
    url = destination.appendingPathExtension("partial")
    originURL = url.appendingPathExtension("json")
    descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(url) }
    var (opened, named) = (stat(), stat())
    // The name may meanwhile be another file, or none, when the process that held the lock has just finished.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &opened) == 0,
      stat(url.path, &named) == 0, opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
    else {
      close(descriptor)
      throw EvalError(
        .incomplete, "another process is downloading this file", subject: destination.path,
        remedy: "Wait for it, or stop it.")
    }
    origin = (try? Data(contentsOf: originURL)).flatMap {
      try? JSONDecoder().decode(Origin.self, from: $0)
    }
    count = Int(opened.st_size)
    if origin == nil || count > origin?.total ?? .max { try restart() }
  }

  deinit {
    if count == 0 { discard() }
    close(descriptor)
  }

  /// Forgets every byte.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw Self.failure(url) }
    count = 0
    origin = nil
  }

  /// Says what the bytes that follow are of, before the first of them is written.
  func begin(_ origin: Origin) throws {
    if self.origin == origin { return }
    try AtomicFile.write(CanonicalJSON.encode(origin), to: originURL)
    self.origin = origin
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard lseek(descriptor, off_t(count), SEEK_SET) == off_t(count) else { throw Self.failure(url) }
    try AtomicFile.writeAll(bytes, to: descriptor, subject: url.path)
    count += bytes.count
  }

  func flush() throws {
    guard fsync(descriptor) == 0 else { throw Self.failure(url) }
  }

  func hash() throws -> SHA256Digest { try SHA256.hash(fileAt: url) }

  /// The file is whole: it gets its name.
  func finish() throws {
    try flush()
    guard rename(url.path, destination.path) == 0 else { throw Self.failure(destination) }
    unlink(originURL.path)
    let folder = open(
      destination.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Removes what there is of it.
  func discard() {
    // After `finish` the name is free or somebody else's.
    var (opened, named) = (stat(), stat())
    guard fstat(descriptor, &opened) == 0, stat(url.path, &named) == 0,
      opened.st_ino == named.st_ino
    else { return }
    unlink(url.path)
    unlink(originURL.path)
  }

  private static func failure(_ url: URL) -> EvalError {
    EvalError(
      .cannotWrite, "cannot write: \(String(cString: strerror(errno)))", subject: url.path)
  }
}
