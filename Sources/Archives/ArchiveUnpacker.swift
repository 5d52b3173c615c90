import CArchive
import Core
package import Foundation

/// Unpacks archives of strangers (tar, zip, rar, 7z; any compression that libarchive knows) into a folder, and nowhere else.
///
/// Everything goes into a new folder first, and is moved into place when all of it is there: an archive that is damaged or
/// interrupted leaves nothing behind. Links and devices are not made.
package struct ArchiveUnpacker: Sendable {
  /// Of one archive.
  package struct Limits: Sendable {
    package var files: Int
    /// Of all files together, unpacked.
    package var bytes: Int

    package init(files: Int = 4_000_000, bytes: Int = 1 << 41) {
      self.files = files
      self.bytes = bytes
    }
  }

  package struct Unpacked: Sendable, Equatable {
    package var files = 0
    package var bytes = 0
    /// Links and devices, which were left out.
    package var leftOut: [String] = []
    /// Names in the folder itself that it put there or added to, sorted.
    package var topNames: [String] = []
  }

  package var limits: Limits
  /// Of an encrypted archive.
  package var password: String?
  /// Whether the user wants to stop.
  package var shouldStop: @Sendable () -> Bool

  package init(
    limits: Limits = Limits(), password: String? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) {
    self.limits = limits
    self.password = password
    self.shouldStop = shouldStop
  }

  /// Unpacks a tar, zip, rar or 7z file into `folder`, over what is there.
  /// - Parameter progress: told of bytes written.
  /// - Throws: `EvalError.malformedData` for an archive that is damaged, leads outside, or is larger than the limits;
  ///   `.cannotWrite`, `.interrupted`.
  package func unpack(
    _ archive: URL, into folder: URL, progress: (_ bytes: Int) -> Void = { _ in }
  ) throws -> Unpacked {
    try staged(archive, into: folder) { staging in
      let reader = try ArchiveReader(archive, password: password)
      var unpacked = Unpacked()
      while let entry = try reader.next() {
        try checkStop(archive)
        let path = try Self.safePath(entry.path, in: archive)
        switch entry.kind {
        case .folder:
          if !path.isEmpty { try makeFolder(staging.appending(path: path)) }
        case .other: unpacked.leftOut.append(path)
        case .file:
          guard !path.isEmpty else { throw Self.outside(entry.path, archive) }
          unpacked.files += 1
          guard unpacked.files <= limits.files else {
            throw tooLarge(archive, "more than \(limits.files) files")
          }
          let url = staging.appending(path: path)
          try makeFolder(url.deletingLastPathComponent())
          try write(reader, to: url, of: archive, &unpacked, progress: progress)
        }
      }
      return unpacked
    }
  }

  /// Unpacks a file that is compressed and holds one file: `x.h5.gz` becomes `x.h5`.
  package func unpackSingle(
    _ archive: URL, into folder: URL, progress: (_ bytes: Int) -> Void = { _ in }
  ) throws -> Unpacked {
    try staged(archive, into: folder) { staging in
      let reader = try ArchiveReader(archive, isSingleFile: true)
      var unpacked = Unpacked(files: 1)
      guard try reader.next() != nil else {
        throw EvalError(.malformedData, "the file is empty", subject: archive.path)
      }
      let name = archive.deletingPathExtension().lastPathComponent
      try write(
        reader, to: staging.appending(path: name), of: archive, &unpacked, progress: progress)
      return unpacked
    }
  }

  // MARK: Files

  private func staged(
    _ archive: URL, into folder: URL, _ unpack: (URL) throws -> Unpacked
  ) throws -> Unpacked {
    let staging = folder.appending(path: ".\(archive.lastPathComponent).unpacking")
    try? FileManager.default.removeItem(at: staging)
    defer { try? FileManager.default.removeItem(at: staging) }
    try makeFolder(staging)
    var unpacked = try unpack(staging)
    guard unpacked.files > 0 else {
      throw EvalError(.malformedData, "the archive holds no files", subject: archive.path)
    }
    unpacked.topNames = try FileManager.default.contentsOfDirectory(atPath: staging.path).sorted()
    try merge(staging, into: folder)
    return unpacked
  }

  /// Moves what is in one folder into another; folders that are in both are merged, files replaced.
  private func merge(_ source: URL, into target: URL) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
      let (from, to) = (source.appending(path: name), target.appending(path: name))
      if isFolder(from), isFolder(to) {
        try merge(from, into: to)
      } else {
        guard isFolder(from) == isFolder(to) || !FileManager.default.fileExists(atPath: to.path),
          rename(from.path, to.path) == 0
        else {
          throw EvalError(
            .cannotWrite, "cannot put a file or folder of the archive here", subject: to.path,
            remedy: "Move away what is there.")
        }
      }
    }
  }

  private func write(
    _ reader: ArchiveReader, to url: URL, of archive: URL, _ unpacked: inout Unpacked,
    progress: (Int) -> Void
  ) throws {
    let descriptor = open(
      url.path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw EvalError(
        .cannotWrite, "cannot write: \(String(cString: strerror(errno)))", subject: url.path)
    }
    defer { close(descriptor) }
    try reader.data { bytes in
      try checkStop(archive)
      unpacked.bytes += bytes.count
      guard unpacked.bytes <= limits.bytes else {
        throw tooLarge(archive, "more than \(limits.bytes) bytes")
      }
      try AtomicFile.writeAll(bytes, to: descriptor, subject: url.path)
      progress(bytes.count)
    }
  }

  private func makeFolder(_ url: URL) throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw EvalError(.cannotWrite, "cannot make this folder", subject: url.path)
    }
  }

  private func checkStop(_ archive: URL) throws {
    guard !shouldStop() else {
      throw EvalError(
        .interrupted, "interrupted while unpacking; nothing was put in place",
        subject: archive.path, remedy: "The same command unpacks it again.")
    }
  }

  private func tooLarge(_ archive: URL, _ what: String) -> EvalError {
    EvalError(
      .malformedData, "unpacks to \(what)", subject: archive.path,
      remedy: "Unpack it by hand if it is what it should be.")
  }

  // MARK: Names

  /// The name without `.` parts; empty for the folder itself.
  private static func safePath(_ path: String, in archive: URL) throws(EvalError) -> String {
    guard !path.hasPrefix("/"), !path.hasPrefix("\\"), !path.contains("\0") else {
      throw outside(path, archive)
    }
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else { throw outside(path, archive) }
    return parts.joined(separator: "/")
  }

  private static func outside(_ path: String, _ archive: URL) -> EvalError {
    EvalError(
      .malformedData, "holds a file that would lie outside the folder: `\(path)`",
      subject: archive.path, remedy: "This is not a copy of the dataset to trust.")
  }
}
