import Core
package import Foundation

/// One name in a folder. Links are followed.
struct FolderEntry {
  enum Kind {
    case file
    case folder
    /// A link to nothing.
    case broken
    case other
  }
  var name: String
  var kind: Kind
  /// Of a file.
  var size: Int?
}

/// The names in a folder in bytewise order, read with one `readdir` pass and one `fstatat` a name: ImageNet has
/// 1.3 million.
///
/// Names that are not UTF-8 cannot be kept in a path; they come back as `unreadable`, repaired, to be reported.
/// - Throws: `EvalError.notFound` when the folder cannot be read.
func listFolder(_ path: String) throws -> (entries: [FolderEntry], unreadable: [String]) {
  guard let folder = opendir(path) else {
    throw EvalError(
      .notFound, "cannot list this folder: \(String(cString: strerror(errno)))", subject: path)
  }
  defer { closedir(folder) }
  let descriptor = dirfd(folder)
  var entries: [FolderEntry] = []
  var unreadable: [String] = []
  while let entry = readdir(folder) {
    // d_name is declared as 256 bytes; the offset to it is the same for every entry.
    let pointer = UnsafeRawPointer(entry)
      .advanced(by: MemoryLayout<dirent>.offset(of: \.d_name) ?? 19)
      .assumingMemoryBound(to: CChar.self)
    guard let name = String(validatingCString: pointer) else {
      unreadable.append(String(cString: pointer))
      continue
    }
    if name == "." || name == ".." { continue }
    var info = stat()
    if fstatat(descriptor, pointer, &info, 0) != 0 {
      entries.append(FolderEntry(name: name, kind: .broken, size: nil))
      continue
    }
    switch info.st_mode & S_IFMT {
    case S_IFREG: entries.append(FolderEntry(name: name, kind: .file, size: Int(info.st_size)))
    case S_IFDIR: entries.append(FolderEntry(name: name, kind: .folder, size: nil))
    default: entries.append(FolderEntry(name: name, kind: .other, size: nil))
    }
  }
  entries.sort { bytewise($0.name, $1.name) }
  return (entries, unreadable)
}

/// `root/name` for each name that is a folder, then `root` itself.
func candidateFolders(_ root: URL, _ names: [String]) -> [URL] {
  names.map { root.appending(path: $0, directoryHint: .isDirectory) }.filter(isFolder) + [root]
}

/// The error when no layout of a dataset is found.
func datasetNotFound(
  _ info: DatasetInfo, split: String, root: URL, lookedFor: [String], found: [String] = []
) -> EvalError {
  guard isFolder(root) else {
    return EvalError(
      .notFound, "the data folder does not exist", subject: root.path,
      remedy: "Pass the folder that holds the datasets with --data-root.")
  }
  let extra = found.isEmpty ? "" : " " + found.joined(separator: " ")
  return EvalError(
    .notFound,
    "\(info.id), split \(split): looked in this folder for "
      + lookedFor.joined(separator: "; ") + "; found none of them.\(extra)",
    subject: root.path,
    remedy: "Pass the folder that holds the dataset with --data-root.")
}

/// What lies in a folder, for those who only want to tell what kind of folder it is.
package enum FolderContents {
  /// Without junk, in bytewise order.
  package static func folders(in url: URL) throws -> [String] { try ClassFolders.names(in: url) }

  package static func hasImages(in url: URL) throws -> Bool {
    try listFolder(url.path).entries.contains { $0.kind == .file && ImageFiles.isImage($0.name) }
  }
}
