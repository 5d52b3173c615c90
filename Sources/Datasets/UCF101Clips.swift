import Core
import Foundation

/// The clips of UCF101 on a disk, by their names, whatever folders they lie in.
struct UCF101Clips {
  let base: URL
  /// By name in lower case: `v_HandStandPushups_…` is also spelled `v_HandstandPushups_…`.
  private(set) var files: [String: ImageTree.File] = [:]
  private(set) var ignored: [String]
  let hasVideos: Bool

  private static let mediaFolders = [
    "UCF-101", "UCF101", "videos", "UCF-101/UCF-101", "", "UCF-101-midframes",
  ]

  /// Nil where there are none. Videos are preferred to frames.
  init?(below root: URL) throws {
    for folder in Self.mediaFolders {
      let base = folder.isEmpty ? root : root.appending(path: folder)
      guard isFolder(base) else { continue }
      var tree = ImageTree(base: base, accepts: VideoFiles.isVideoOrImage)
      var files: [ImageTree.File] = []
      var ignored: [String] = []
      for entry in try listFolder(base.path).entries {
        if entry.kind == .folder, UCF101Classes.label(entry.name) != nil {
          try tree.scan(entry.name)
        } else if VideoFiles.isVideoOrImage(entry.name), UCF101Classes.Name(entry.name) != nil {
          files.append(ImageTree.File(path: entry.name, size: entry.size))
        } else if !folder.isEmpty || UCF101.folders.contains(root.lastPathComponent) {
          ignored.append(entry.kind == .folder ? entry.name + "/" : entry.name)
        }
      }
      files += tree.files
      guard files.contains(where: { UCF101Classes.Name($0.path) != nil }) else { continue }
      self.base = base
      self.ignored = ignored + tree.ignored
      hasVideos = files.contains { VideoFiles.isVideo($0.path) }
      for file in files {
        guard UCF101Classes.Name(file.path) != nil else {
          self.ignored.append(file.path)
          continue
        }
        let key = VideoFiles.stem(file.path).lowercased()
        if let other = self.files[key] {
          // A frame beside its clip, or the same clip in two folders.
          let keepsNew = VideoFiles.isVideo(file.path) && !VideoFiles.isVideo(other.path)
          self.ignored.append((keepsNew ? other.path : file.path) + " (another file of this clip)")
          if !keepsNew { continue }
        }
        self.files[key] = file
      }
      return
    }
    return nil
  }

  /// - Throws: `EvalError.malformedData` for a name that is no clip's, or whose class is not that of its folder.
  func clip(of file: ImageTree.File, at place: String? = nil) throws -> Clip {
    let place = place ?? base.path
    guard let name = UCF101Classes.Name(file.path) else {
      throw EvalError(
        .malformedData, "expected `<Class>/v_<Class>_g<NN>_c<NN>`, found `\(file.path)`",
        subject: place)
    }
    let parts = file.path.split(separator: "/")
    if parts.count > 1, let label = UCF101Classes.label(parts[parts.count - 2]), label != name.label
    {
      throw EvalError(
        .malformedData, "`\(file.path)` lies in the folder of another class", subject: place)
    }
    return Clip(
      id: file.path, url: URL(filePath: base.path + "/" + file.path, directoryHint: .notDirectory),
      byteCount: file.size, label: name.label, group: name.group)
  }

  /// The clip of a list's entry; without a size where it is not on the disk.
  func clip(listed path: String, at place: String, _ seen: inout Set<String>) throws -> Clip {
    let key = VideoFiles.stem(path).lowercased()
    let listed = try clip(of: ImageTree.File(path: path, size: nil), at: place)
    guard seen.insert(key).inserted else {
      throw EvalError(
        .malformedData, "`\(path)` is listed twice", subject: place,
        remedy: "Each clip may occur once in a split.")
    }
    return try files[key].map { try clip(of: $0, at: place) } ?? listed
  }

  /// Clips on the disk that none of the lists of a folder names.
  func unlisted(in folder: URL) throws -> [String] {
    var known: Set<String> = []
    for name in ["train", "test"].flatMap({ kind in (1...3).map { "\(kind)list0\($0).txt" } }) {
      let list = folder.appending(path: name)
      guard isFile(list) else { continue }
      known.formUnion(
        try UCF101Lists.entries(list, classNumbers: [:]).map {
          VideoFiles.stem($0.path).lowercased()
        })
    }
    return files.filter { !known.contains($0.key) }.map {
      $0.value.path + " (in none of the lists)"
    }
  }
}
