import Core
package import Foundation
package import Imaging

/// Kinetics-700 (Carreira et al. 2019): ten seconds each of 700 actions, as far as the videos are still online.
///
/// Read are folders by class (`val/<class>/<id>_<start>_<end>.mp4`), the publishers' tables with all clips in one folder, and middle
/// frames that somebody has taken out (`<clip>.jpg`). A table says which clips there should be; those that are not there count as
/// failed, so that nobody takes the rest for the whole.
package struct Kinetics700: DatasetAdapter {
  private let frames: FrameChoice
  private let reader: VideoReader

  package init(frames: FrameChoice = .middle, reader: VideoReader = VideoReader()) {
    self.frames = frames
    self.reader = reader
  }

  package let info = DatasetInfo(
    id: "Kinetics700", aliases: ["kinetics-700", "k700", "kinetics"], title: "Kinetics-700",
    metric: "mean-top1-top5", classCount: 700,
    splits: [
      // Publishers' tables of 2019; what can be had is less, and less each year.
      SplitInfo(name: "train", variants: [SplitVariant("paper, Table 9", count: 494_801)]),
      SplitInfo(
        name: "val", aliases: ["validate", "validation", "test"],
        variants: [SplitVariant("paper, Table 9", count: 31_669)]),
    ], defaultSplit: "val")

  package let options = [DatasetOption.frames]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    Kinetics700(
      frames: try FrameChoice(option: choices["frames"], dataset: info.id), reader: reader)
  }

  private static let folders = [
    "kinetics700", "kinetics-700", "Kinetics700", "Kinetics-700", "k700", "kinetics700_2019",
    "k700-2019", "kinetics",
  ]
  /// What a split's folder and table are called.
  private static let spellings = [
    "train": ["train"], "val": ["val", "validate", "validation"],
  ]

  package var canonicalClasses: [DatasetClass]? { Kinetics700Classes.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let names = Self.spellings[split.name] ?? [split.name]
    for base in candidateFolders(root, Self.folders) {
      let folder = try names.map { base.appending(path: $0) }.first {
        try ClassFolders.names(in: $0).contains { Kinetics700Classes.label($0) != nil }
      }
      let tables = names.flatMap {
        ["\($0).csv", "annotations/\($0).csv", "kinetics700_\($0).csv"]
      }
      // Other datasets have tables of these names, too.
      let table = tables.map { base.appending(path: $0) }.first { url in
        isFile(url)
          && (folder != nil || base.path != root.path || Kinetics700Table.isOne(url))
      }
      guard folder != nil || table != nil else { continue }
      let tree = try clips(base: base, names: names, classFolder: folder)
      let draft = try draft(table: table, tree: tree, base: base)
      return try draft.finish(info, split: split, sorted: true)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: names.flatMap {
        ["kinetics700/\($0)/<class>/<clip>.mp4", "kinetics700/\($0).csv"]
      })
  }

  /// The files of a split: of its class folders, or, where clips are not sorted by class, of all that may hold them.
  private func clips(base: URL, names: [String], classFolder: URL?) throws -> ImageTree {
    var tree = ImageTree(base: base, accepts: VideoFiles.isVideoOrImage)
    if let classFolder {
      try tree.scan(classFolder.lastPathComponent)
      return tree
    }
    for name in names + ["videos", "clips", "frames"] where isFolder(base.appending(path: name)) {
      try tree.scan(name)
    }
    try tree.scanFiles()
    return tree
  }

  private func draft(table: URL?, tree: ImageTree, base: URL) throws -> IndexDraft {
    var files: [String: ImageTree.File] = [:]
    var ignored = tree.ignored
    for file in tree.files {
      let key = String(VideoFiles.stem(file.path))
      if let other = files[key] {
        let keepsNew = VideoFiles.isVideo(file.path) && !VideoFiles.isVideo(other.path)
        ignored.append((keepsNew ? other.path : file.path) + " (another file of this clip)")
        if !keepsNew { continue }
      }
      files[key] = file
    }
    var clips: [Clip] = []
    if let table {
      var listed: Set<String> = []
      for row in try Kinetics700Table.rows(table) {
        guard listed.insert(row.clip).inserted else {
          throw EvalError(
            .malformedData, "the clip \(row.clip) is listed twice", subject: row.place)
        }
        // Copies leave the times out where a video has one clip.
        let file = files[row.clip] ?? files[row.video]
        try file.map { try requireClass(row.label, of: $0, at: row.place) }
        let path = file?.path ?? "\(Kinetics700Classes.names[row.label])/\(row.clip).mp4"
        clips.append(clip(path, size: file?.size, label: row.label, video: row.video, base: base))
        files[row.clip] = nil
        if file != nil, files[row.video]?.path == path { files[row.video] = nil }
      }
      ignored += files.values.map { $0.path + " (not in \(table.lastPathComponent))" }
    } else {
      for file in files.values {
        guard let label = Self.folderClass(file.path) else {
          ignored.append(file.path)
          continue
        }
        let video = Kinetics700Table.video(ofClip: String(VideoFiles.stem(file.path)))
        clips.append(clip(file.path, size: file.size, label: label, video: video, base: base))
      }
    }
    var draft = try IndexDraft.clips(
      clips, layout: table == nil ? "class-folders" : "table",
      classes: Kinetics700Classes.classes, frames: frames,
      reader: reader, groupUnit: "videos")
    draft.ignored = ignored
    return draft
  }

  private func clip(_ path: String, size: Int?, label: Int, video: String, base: URL) -> Clip {
    Clip(
      id: path, url: URL(filePath: base.path + "/" + path, directoryHint: .notDirectory),
      byteCount: size, label: label, group: video)
  }

  private static func folderClass(_ path: String) -> Int? {
    let parts = path.split(separator: "/")
    return parts.count > 1 ? Kinetics700Classes.label(parts[parts.count - 2]) : nil
  }

  private func requireClass(_ label: Int, of file: ImageTree.File, at place: String)
    throws(EvalError)
  {
    guard let other = Self.folderClass(file.path), other != label else { return }
    throw EvalError(
      .malformedData,
      "the table says \(Kinetics700Classes.names[label]), but the clip lies in `\(file.path)`",
      subject: place)
  }
}
