import Core
package import Foundation

/// ImageNet-Vid-Robust (Shankar et al. 2019): 22,179 frames of 1109 videos in sets of an anchor and the similar frames around it.
///
/// A frame is right when its best class is any of those it may be called. Which frames are a set, and what they may be called, comes
/// with the program; the frames are those of ILSVRC's videos.
package struct ImageNetVidRobust: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "ImageNet-Vid-Robust", aliases: ["imagenet-vid", "imagenet_vid_robust", "vid-robust"],
    title: "ImageNet-Vid-Robust", task: .multiLabel, metric: "pm-0", classCount: 30,
    splits: [
      SplitInfo(
        name: "test", aliases: ["val"],
        variants: [SplitVariant("official", count: 22_179, classes: 30)])
    ], defaultSplit: "test")

  /// Of ILSVRC's videos, in the order of their numbers.
  static let classes = [
    "airplane", "antelope", "bear", "bicycle", "bird", "bus", "car", "cattle", "dog",
    "domestic cat", "elephant", "fox", "giant panda", "hamster", "horse", "lion", "lizard",
    "monkey", "motorcycle", "rabbit", "red panda", "sheep", "snake", "squirrel", "tiger", "train",
    "turtle", "watercraft", "whale", "zebra",
  ].map { DatasetClass(id: $0, name: $0) }

  private static let folders = [
    "imagenet-vid-robust", "imagenet_vid_ytbb_robust/imagenet-vid-robust", "imagenet_vid_robust",
    "ImageNet-Vid-Robust", "ILSVRC/Data/VID", "ILSVRC2015/Data/VID", "imagenet-vid",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let sets = try Self.sets()
    for base in candidateFolders(root, Self.folders) {
      // imagenet-testbed's copy lacks the folder `val`.
      for lead in ["val/", ""] {
        let folders = try Set(
          ClassFolders.names(in: lead.isEmpty ? base : base.appending(path: lead)))
        guard sets.contains(where: { folders.contains($0.video) }) else { continue }
        var frames = FramesInSets(base: base, classes: Self.classes)
        for set in sets {
          try frames.add(
            set.frames.map { ("\(lead)\(set.video)/\($0.name)", $0.labels, $0.isAnchor) },
            group: set.video)
        }
        var draft = try frames.draft(layout: "frames", unit: "anchors")
        let missing = sets.filter { !folders.contains($0.video) }
        if let first = missing.first {
          draft.notes.append(
            "\(missing.count) of \(sets.count) video folders are absent, the first is \(first.video)"
          )
        }
        return try draft.finish(info, split: split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map {
        $0 + "/val/ILSVRC2015_val_<8 digits>/<6 digits>.JPEG"
      })
  }

  private struct Frame {
    var name: String
    var labels: [Int]
    var isAnchor: Bool
  }

  /// The sets by folder of their video; each video has one.
  private static func sets() throws(EvalError) -> [(video: String, frames: [Frame])] {
    var sets: [(video: String, frames: [Frame])] = []
    for line in ImageNetVidSets.table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      let numbers = fields.prefix(3).compactMap { Int($0) }
      guard numbers.count == 3 else { throw EvalError(.bug, "not a set of frames: \(line)") }
      var frames: [Frame] = []
      for part in fields.dropFirst(3) {
        let halves = part.split(separator: ":")
        let labels = halves.last?.split(separator: "+").compactMap { Int($0) } ?? []
        for run in halves.first?.split(separator: ",") ?? [] {
          let ends = run.split(separator: "-").compactMap { Int($0) }
          guard let first = ends.first, let last = ends.last, first <= last else {
            throw EvalError(.bug, "not a run of frames: \(run)")
          }
          for number in first...last {
            frames.append(
              Frame(
                name: padded(number, 6) + ".JPEG", labels: labels, isAnchor: number == numbers[2]))
          }
        }
      }
      sets.append(("ILSVRC\(numbers[0])_val_\(padded(numbers[1], 8))", frames))
    }
    return sets
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
