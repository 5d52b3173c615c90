import Core
import Foundation

/// The image files below a folder, recursively.
struct ImageTree {
  struct File {
    /// Below `base`, with `/`.
    var path: String
    /// Nil for a link to nothing: counted, and fails when it is read.
    var size: Int?
  }

  /// Ids are paths below it.
  let base: URL
  private(set) var files: [File] = []
  /// Paths below `base` of what is no image.
  private(set) var ignored: [String] = []

  private let accepts: (String) -> Bool

  /// - Parameter accepts: which names are samples.
  init(base: URL, accepts: @escaping (String) -> Bool = ImageFiles.isImage) {
    self.base = base
    self.accepts = accepts
  }

  /// Deeper trees than this are loops of links that `stat` cannot tell.
  private static let depthLimit = 24

  /// Adds what lies below `base/path`.
  mutating func scan(_ path: String) throws {
    try scan(path, ancestors: [])
  }

  /// Adds the files that lie in `base` itself.
  mutating func scanFiles() throws {
    for entry in try listFolder(base.path).entries
    where entry.kind != .folder && accepts(entry.name) {
      files.append(File(path: entry.name, size: entry.size))
    }
  }

  private mutating func scan(_ path: String, ancestors: [FileIdentity]) throws {
    let folder = path.isEmpty ? base.path : base.path + "/" + path
    let prefix = path.isEmpty ? "" : path + "/"
    guard let identity = FileIdentity(folder) else {
      throw EvalError(.notFound, "cannot list this folder", subject: folder)
    }
    guard !ancestors.contains(identity), ancestors.count < Self.depthLimit else {
      ignored.append(path + "/ (a link to a folder around it)")
      return
    }
    let (entries, unreadable) = try listFolder(folder)
    ignored += unreadable.map { prefix + $0 + " (its name is not UTF-8)" }
    for entry in entries {
      let below = prefix + entry.name
      switch entry.kind {
      case .folder where ImageFiles.isJunkFolder(entry.name): ignored.append(below + "/")
      case .folder: try scan(below, ancestors: ancestors + [identity])
      case .file where accepts(entry.name), .broken where accepts(entry.name):
        files.append(File(path: below, size: entry.size))
      case .file, .broken, .other: ignored.append(below)
      }
    }
  }

  /// A sample for a file of the tree.
  func sample(_ file: File, label: Int) -> DatasetSample {
    DatasetSample(
      id: file.path, label: label,
      source: .file(URL(filePath: base.path + "/" + file.path, directoryHint: .notDirectory)),
      byteCount: file.size)
  }
}

/// Tells whether two paths are the same folder.
struct FileIdentity: Equatable {
  var device: UInt
  var inode: UInt

  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    device = UInt(info.st_dev)
    inode = UInt(info.st_ino)
  }
}
