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

/// The names in a folder in bytewise order.
///
/// Names that are not UTF-8 cannot be kept in a path; they come back as `unreadable`, repaired, to be reported.
/// - Throws: `EvalError.notFound` when the folder cannot be read.
func listFolder(_ path: String) throws -> (entries: [FolderEntry], unreadable: [String]) {
  let listing = try RawListing(path)
  var entries: [FolderEntry] = []
  var unreadable: [String] = []
  for entry in listing.entries {
    let bytes = listing.name(entry)
    guard let name = String(validating: bytes, as: UTF8.self) else {
      unreadable.append(String(decoding: bytes, as: UTF8.self))
      continue
    }
    entries.append(FolderEntry(name: name, kind: entry.kind, size: entry.size))
  }
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
