import Core
package import Foundation
package import Imaging

/// UCF101 (Soomro et al. 2012): clips of 101 actions, cut from the same 25 groups of videos a class, in three published splits.
///
/// Read are the videos, in folders by class or all in one, and frames taken out of them that bear the clips' names (CoOp's
/// `UCF-101-midframes`). The paper reports the mean over the three test splits, which the split `test` joins; no clip is in two.
package struct UCF101: DatasetAdapter {
  private let frames: FrameChoice
  private let reader: VideoReader

  package init(frames: FrameChoice = .middle, reader: VideoReader = VideoReader()) {
    self.frames = frames
    self.reader = reader
  }

  package let info = DatasetInfo(
    id: "UCF101", aliases: ["ucf-101", "ucf101_midframes"], title: "UCF101", metric: "accuracy",
    classCount: 101,
    splits: [
      SplitInfo(name: "test", variants: [SplitVariant("the three test lists", count: 11_213)]),
      split("test1", 3783), split("test2", 3734), split("test3", 3696),
      split("train1", 9537, aliases: ["train"]), split("train2", 9586), split("train3", 9624),
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 13_320)]),
    ] + SplitZhou.splits(train: 7639, val: 1898, test: 3783), defaultSplit: "test")

  private static func split(_ name: String, _ count: Int, aliases: [String] = []) -> SplitInfo {
    SplitInfo(name: name, aliases: aliases, variants: [SplitVariant("official", count: count)])
  }

  package let options = [DatasetOption.frames]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    UCF101(frames: try FrameChoice(option: choices["frames"], dataset: info.id), reader: reader)
  }

  static let folders = ["UCF101", "ucf101", "UCF-101", "ucf-101"]
  private static let listFolders = [
    "ucfTrainTestlist", "UCF101TrainTestSplits-RecognitionTask/ucfTrainTestlist",
    "../ucfTrainTestlist", "../UCF101TrainTestSplits-RecognitionTask/ucfTrainTestlist", "",
  ]

  package var canonicalClasses: [DatasetClass]? { UCF101Classes.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    var found: [String] = []
    for base in candidateFolders(root, Self.folders) {
      guard let clips = try UCF101Clips(below: base) else { continue }
      if let draft = try draft(of: split.name, base: base, clips) {
        return try draft.finish(info, split: split, sorted: true)
      }
      found.append("It has \(clips.files.count) clips in \(clips.base.path), but not the list.")
    }
    throw datasetNotFound(
      info, split: split.name, root: root, lookedFor: Self.lookedFor(split.name), found: found)
  }

  private static func lookedFor(_ split: String) -> [String] {
    let media = ["UCF-101/<Class>/v_<Class>_gNN_cNN.avi", "UCF-101-midframes/<Class_Name>/*.jpg"]
    if split == "all" { return media }
    let list =
      split.hasPrefix("coop-")
      ? "split_zhou_UCF101.json"
      : lists(of: split).map { "ucfTrainTestlist/\($0.name)" }.joined(separator: ", ")
    return media.map { "\($0) with \(list)" }
  }

  /// Nil where the split's lists are not there.
  private func draft(
    of split: String, base: URL, _ clips: UCF101Clips
  ) throws -> IndexDraft? {
    var listed: [Clip] = []
    var ignored = clips.ignored
    var layout = clips.hasVideos ? "ucf101" : "ucf101-midframes"
    if split == "all" {
      listed = try clips.files.values.map { try clips.clip(of: $0) }
    } else if split.hasPrefix("coop-") {
      let json = ["split_zhou_UCF101.json", "../split_zhou_UCF101.json"]
        .map { base.appending(path: $0) }.first(where: isFile)
      guard let json, let entries = try SplitZhou.read(json).entries(split) else { return nil }
      layout = "split_zhou"
      var seen: Set<String> = []
      for (number, entry) in entries.enumerated() {
        let place = "\(json.path), \(split.dropFirst(5)) entry \(number)"
        listed.append(try clips.clip(listed: entry.path, at: place, &seen))
      }
    } else {
      let folder = Self.listFolders.map { base.appending(path: $0).standardizedFileURL }
        .first {
          isFile($0.appending(path: "classInd.txt")) || isFile($0.appending(path: "testlist01.txt"))
        }
      guard let folder else { return nil }
      let lists = Self.lists(of: split).map { ($0.fold, folder.appending(path: $0.name)) }
      guard lists.allSatisfy({ isFile($0.1) }) else { return nil }
      let numbers = try UCF101Lists.classNumbers(folder.appending(path: "classInd.txt"))
      var seen: Set<String> = []
      for (fold, list) in lists {
        for entry in try UCF101Lists.entries(list, classNumbers: numbers) {
          var clip = try clips.clip(listed: entry.path, at: entry.place, &seen)
          clip.fold = fold
          listed.append(clip)
        }
      }
      ignored += try clips.unlisted(in: folder)
    }
    var draft = try IndexDraft.clips(
      listed, layout: layout, classes: UCF101Classes.classes, frames: frames, reader: reader,
      groupUnit: "source groups")
    draft.ignored = ignored
    return draft
  }

  /// The list files of a split, and what to call the fold that each is.
  private static func lists(of split: String) -> [(fold: String, name: String)] {
    guard split != "test" else { return (1...3).map { ("\($0)", "testlist0\($0).txt") } }
    return split.last.map { [("\($0)", "\(split.dropLast())list0\($0).txt")] } ?? []
  }
}
