import Core
package import Foundation

/// Listings of large trees, kept on the disk: `indexes/<hash of the path>.tree` in the program's cache folder.
///
/// A folder whose inode and times are what they were has the names that it had, so it is not listed again. What its times do not
/// tell is that a file was written over in place: that is why `exact` looks at every file all the same.
package struct FolderCache: Sendable {
  package enum Trust: Sendable {
    /// Every file's size and time are looked at.
    case exact
    /// Names and sizes are believed where the folders are unchanged: for a look at what a disk holds.
    case folders
    /// Nothing is believed: everything is listed.
    case nothing
  }

  package var root: URL
  package var trust: Trust
  /// Smaller trees are listed sooner than a file is read.
  package var leastFiles: Int
  /// A folder that changed so shortly before it was listed may change again without its times telling, whose clock is coarse.
  package var settlingNanoseconds: Int

  package init(
    root: URL = CacheFolder.url(), trust: Trust = .exact, leastFiles: Int = 50_000,
    settlingNanoseconds: Int = 3_000_000_000
  ) {
    self.root = root
    self.trust = trust
    self.leastFiles = leastFiles
    self.settlingNanoseconds = settlingNanoseconds
  }

  /// What listings of this task use.
  @TaskLocal package static var current = FolderCache()

  /// Lists the image files below each path.
  ///
  /// - Parameter key: what the paths belong to; their cache file is named after it and `base`.
  func trees(_ paths: [String], below base: URL, key: String) throws -> [ImageTree] {
    let file = self.file(base, key: key)
    let known = trust == .nothing ? [:] : TreeFile.read(file, base: base)
    let believed = trust == .folders
    let now = Self.now
    let results = try Listers.map(paths) { path -> (tree: ImageTree, isNew: Bool) in
      if let tree = known[path], tree.folders.allSatisfy(\.isCurrent) {
        return (believed ? tree : tree.refreshed(path), false)
      }
      var tree = ImageTree(base: base)
      try tree.scan(path)
      return (tree, true)
    }
    let count = results.reduce(0) { $0 + $1.tree.count }
    if count >= leastFiles, results.contains(where: \.isNew) || known.count != paths.count {
      let settled = zip(paths, results).filter { _, result in
        result.tree.folders.allSatisfy { max($0.modified, $0.changed) < now - settlingNanoseconds }
      }
      // A cache that cannot be written costs time alone.
      try? TreeFile.write(settled.map { ($0, $1.tree) }, to: file)
    }
    return results.map(\.tree)
  }

  private func file(_ base: URL, key: String) -> URL {
    let name = SHA256.hash("\(base.standardizedFileURL.path)\0\(key)").hex
    return root.appending(path: "indexes").appending(path: "\(name.prefix(32)).tree")
  }

  private static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return RawListing.nanoseconds(time)
  }
}

extension ImageTree {
  /// The same names, with the sizes and times that the files have now.
  fileprivate func refreshed(_ path: String) -> ImageTree {
    var table = table
    let folder = open(base.path + "/" + path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if folder >= 0 { close(folder) } }
    let lead = path.isEmpty ? 0 : path.utf8.count + 1
    var name: [CChar] = []
    var start = 0
    for row in 0..<table.count {
      let end = table.ends[row]
      name.removeAll(keepingCapacity: true)
      for byte in table.ids[min(start + lead, end)..<end] { name.append(CChar(bitPattern: byte)) }
      name.append(0)
      start = end
      var info = stat()
      let isFile = fstatat(folder, name, &info, 0) == 0 && info.st_mode & S_IFMT == S_IFREG
      table.update(
        row, size: isFile ? Int(info.st_size) : nil,
        time: isFile ? RawListing.nanoseconds(info.st_mtim) : 0)
    }
    return ImageTree(base: base, table: table, folders: folders, ignored: ignored)
  }
}
