import Foundation

/// Tells whether two paths are the same folder.
struct FileIdentity: Equatable {
  var device: UInt
  var inode: UInt
}

/// A folder at a moment: a name that comes, goes or changes in it changes its times.
struct FolderStamp: Equatable {
  var path: String
  var identity: FileIdentity
  /// Nanoseconds since 1970.
  var modified: Int
  var changed: Int

  init(path: String, identity: FileIdentity, modified: Int, changed: Int) {
    (self.path, self.identity, self.modified, self.changed) = (path, identity, modified, changed)
  }

  /// Nil where nothing can be found out about the path. Links are followed.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    self.path = path
    identity = FileIdentity(device: UInt(info.st_dev), inode: UInt(info.st_ino))
    modified = RawListing.nanoseconds(info.st_mtim)
    changed = RawListing.nanoseconds(info.st_ctim)
  }

  /// Whether the folder is still as it was.
  var isCurrent: Bool { FolderStamp(path) == self }
}
