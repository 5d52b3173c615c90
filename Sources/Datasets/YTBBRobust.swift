import Core
package import Foundation

/// YTBB-Robust (Shankar et al. 2019): frames of YouTube-BoundingBoxes in sets of an anchor and the reviewed frames around it.
///
/// Which frames count, and what they may be called, is in files that come with imagenet-testbed
/// (`src/eval_settings/ytbb-robust_metadata`): the first labels of the anchors, those that reviewers added, and the reviewed pairs of
/// anchor and frame. Its published numbers are fractions of 2030 anchors.
package struct YTBBRobust: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "YTBB-Robust", aliases: ["ytbb", "ytbb_robust", "youtube-bb"], title: "YTBB-Robust",
    task: .multiLabel, metric: "pm-0", classCount: 23,
    // How many frames 2030 anchors have in their sets is not published.
    splits: [SplitInfo(name: "test", aliases: ["val"])], defaultSplit: "test")

  /// YouTube-BoundingBoxes' classes in the order of their numbers here, without 22, `none`.
  static let classes = [
    "person", "bird", "bicycle", "boat", "bus", "bear", "cow", "cat", "giraffe", "potted plant",
    "horse", "motorcycle", "knife", "airplane", "skateboard", "train", "truck", "zebra", "toilet",
    "dog", "elephant", "umbrella", "car",
  ].map { DatasetClass(id: $0, name: $0) }

  private static let publishedAnchorCount = 2030

  private static let folders = [
    "ytbb-robust", "imagenet_vid_ytbb_robust/ytbb-robust", "ytbb_robust", "YTBB-Robust", "ytbb",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      let clips = try Set(ClassFolders.names(in: base))
      let hasClip = clips.contains { clip in
        YTBBLabels.Clip(clip) != nil
          && ((try? listFolder(base.path + "/" + clip).entries) ?? []).contains {
            $0.name.hasPrefix("frame-")
          }
      }
      guard hasClip else { continue }
      let labels = try YTBBLabels(near: base, root: root, info: info)
      return try draft(labels, base: base, clips: clips).finish(info, split: split, sorted: true)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { $0 + "/<video>_<milliseconds>/frame-<n>.jpg" })
  }

  private func draft(_ labels: YTBBLabels, base: URL, clips: Set<String>) throws -> IndexDraft {
    let position = Dictionary(
      uniqueKeysWithValues: Self.classes.enumerated().map { ($1.id, $0) })
    var frames = FramesInSets(base: base, classes: Self.classes)
    var withoutClass = 0
    for set in labels.sets {
      let allowed = set.labels.compactMap { position[$0] }
      if allowed.isEmpty { withoutClass += 1 }
      try frames.add(
        [(set.anchor, allowed, true)] + set.frames.map { ($0, allowed, false) }, group: set.video)
    }
    var draft = try frames.draft(layout: "frames", unit: "videos")
    draft.frameSets?.expectedCount = Self.publishedAnchorCount
    let missing = Set(labels.sets.map(\.clip)).subtracting(clips).sorted(by: bytewise)
    if let first = missing.first {
      draft.notes.append("\(missing.count) clip folders are absent, the first is \(first)")
    }
    if withoutClass > 0 {
      draft.notes.append("\(withoutClass) anchors show none of the 23 classes, and are never right")
    }
    if labels.sets.count != Self.publishedAnchorCount {
      draft.notes.append(
        "\(labels.sets.count) anchors; published numbers are of \(Self.publishedAnchorCount)")
    }
    return draft
  }
}
