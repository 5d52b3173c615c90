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
  private(set) var table: SampleTable.Draft
  /// The folders that were listed, with what changes when names come or go.
  private(set) var folders: [FolderStamp] = []
  /// Paths below `base` of what is no image.
  private(set) var ignored: [String] = []

  private let accepts: (@Sendable (String) -> Bool)?

  /// - Parameter accepts: which names are samples; nil for those of images.
  init(base: URL, accepts: (@Sendable (String) -> Bool)? = nil) {
    self.base = base
    self.accepts = accepts
    table = SampleTable.Draft(.folder(base.path))
  }

  /// A tree that was listed before.
  init(base: URL, table: SampleTable.Draft, folders: [FolderStamp], ignored: [String]) {
    self.base = base
    accepts = nil
    (self.table, self.folders, self.ignored) = (table, folders, ignored)
  }

  /// Deeper trees than this are loops of links that `stat` cannot tell.
  private static let depthLimit = 24

  /// Number of images found so far.
  var count: Int { table.count }

  /// Adds what lies below `base/path`.
  mutating func scan(_ path: String) throws {
    try scan(path, ancestors: [])
  }

  /// Adds the files that lie in `base` itself.
  mutating func scanFiles() throws {
    for entry in try listFolder(base.path).entries
    where entry.kind != .folder && (accepts?(entry.name) ?? ImageFiles.isImage(entry.name)) {
      table.append(lead: [], name: entry.name.utf8, size: entry.size)
    }
  }

  private mutating func scan(_ path: String, ancestors: [FileIdentity]) throws {
    let folder = path.isEmpty ? base.path : base.path + "/" + path
    let prefix = path.isEmpty ? "" : path + "/"
    guard let stamp = FolderStamp(folder) else {
      throw EvalError(.notFound, "cannot list this folder", subject: folder)
    }
    let identity = stamp.identity
    guard !ancestors.contains(identity), ancestors.count < Self.depthLimit else {
      ignored.append(path + "/ (a link to a folder around it)")
      return
    }
    // Taken before the names, so that one that comes meanwhile makes the stamp old.
    folders.append(stamp)
    let listing = try RawListing(folder)
    let lead = Array(prefix.utf8)
    for entry in listing.entries {
      let name = listing.name(entry)
      let isFile = entry.kind == .file || entry.kind == .broken
      if isFile, accepts == nil, name.allSatisfy({ $0 < 0x80 }), ImageFiles.isImage(name) {
        table.append(lead: lead, name: name, size: entry.size, time: entry.modified)
        continue
      }
      guard let text = String(validating: name, as: UTF8.self) else {
        ignored.append(
          prefix + String(decoding: name, as: UTF8.self) + " (its name is not UTF-8)")
        continue
      }
      switch entry.kind {
      case .folder where ImageFiles.isJunkFolder(text): ignored.append(prefix + text + "/")
      case .folder: try scan(prefix + text, ancestors: ancestors + [identity])
      case .file where accepts?(text) ?? ImageFiles.isImage(text),
        .broken where accepts?(text) ?? ImageFiles.isImage(text):
        table.append(lead: lead, name: name, size: entry.size, time: entry.modified)
      case .file, .broken, .other: ignored.append(prefix + text)
      }
    }
  }

  /// The images found, in the order of the walk. A link to nothing counts, has no size, and fails when it is read.
  func samples(label: Int) -> [DatasetSample] { table.samples(label: label) }

  /// The same one by one, for trees whose images' classes are told by something else than the folder.
  var files: [File] { samples(label: 0).map { File(path: $0.id, size: $0.byteCount) } }

  /// A sample for a file of the tree.
  func sample(_ file: File, label: Int) -> DatasetSample {
    DatasetSample(
      id: file.path, label: label,
      source: .file(URL(filePath: base.path + "/" + file.path, directoryHint: .notDirectory)),
      byteCount: file.size)
  }
}
