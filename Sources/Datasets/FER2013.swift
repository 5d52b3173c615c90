import Core
package import Foundation

/// FER-2013 (Goodfellow et al. 2013): faces of 48×48 with one of seven emotions, in a table of pixels or as images in folders.
///
/// `test` is the private test set where the two are told apart; folders usually have both in one.
package struct FER2013: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "FER2013", aliases: ["fer-2013", "fer", "facialemotionrecognition2013", "vtab/fer2013"],
    title: "FER-2013", metric: "accuracy", classCount: 7,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 28_709)]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation", "publictest"],
        variants: [SplitVariant("PublicTest", count: 3589)]),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [SplitVariant("Training and PublicTest", count: 32_298)]),
      SplitInfo(
        name: "test", aliases: ["privatetest"],
        variants: [
          SplitVariant("PrivateTest", count: 3589),
          SplitVariant("PublicTest and PrivateTest", count: 7178),
        ]),
      SplitInfo(
        name: "public+private",
        variants: [SplitVariant("PublicTest and PrivateTest", count: 7178)]),
    ], defaultSplit: "test")

  /// In the order of the table's numbers, which is not that of the alphabet: neutral is last.
  static let emotions = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]

  static let table = ClassTable(
    ids: emotions,
    aliases: Dictionary(
      uniqueKeysWithValues: emotions.enumerated().map { (String($0), $1) } + [
        ("disgusted", "disgust"), ("fearful", "fear"), ("surprised", "surprise"),
        ("anger", "angry"), ("happiness", "happy"), ("sadness", "sad"),
      ]))

  private static let folders = [
    "fer2013", "FER2013", "fer-2013", "fer2013/fer2013", "FER-2013",
    "challenges-in-representation-learning-facial-expression-recognition-challenge",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    // The table's own order is kept; folders are sorted.
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      if let table = try FERTable(in: base, split: split.name) {
        return try table.draft(split: split.name).finish(info, split: split, sorted: false)
      }
      if let draft = try folderDraft(base, split) {
        return try draft.finish(info, split: split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: FERTable.names.map { "\(Self.folders[0])/\($0)" }
        + ["\(Self.folders[0])/\(split.name)/<emotion>/"],
      found: ["Folders it may be called: \(Self.folders.joined(separator: ", "))."])
  }

  private static let splitFolders = [
    "train": ["train", "Training", "Train"],
    "val": ["PublicTest", "val", "valid", "validation", "Val"],
    "test": ["PrivateTest", "test", "Test"],
  ]

  private func folderDraft(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    let parts =
      switch split.name {
      case "trainval": ["train", "val"]
      case "public+private":
        isFolder(base.appending(path: "PublicTest")) ? ["val", "test"] : ["test"]
      default: [split.name]
      }
    let draft = try IndexDraft.joining(parts, in: base) { part in
      for folder in Self.splitFolders[part] ?? [] {
        if let draft = try ClassFolders.draft(
          layout: "emotion-folders", base: base, prefix: folder, of: Self.table, dataset: info)
        {
          return draft
        }
      }
      return nil
    }
    guard var draft else { return nil }
    noteCopies(&draft, split: split.name)
    return draft
  }

  /// Images of each emotion, in the order of `emotions`; of `test` both halves together.
  private static let official = [
    "train": [3995, 436, 4097, 7215, 4830, 3171, 4965],
    "val": [467, 56, 496, 895, 653, 415, 607],
    "test": [958, 111, 1024, 1774, 1247, 831, 1233],
  ]

  private static func officialCounts(_ split: String) -> [Int]? {
    switch split {
    case "public+private": official["test"]
    case "trainval":
      official["train"].flatMap { train in official["val"].map { zip(train, $0).map(+) } }
    default: official[split]
    }
  }

  /// Copies circulate that were filled up with altered images: disgust, the smallest class, has 3924 for training.
  private func noteCopies(_ draft: inout IndexDraft, split: String) {
    guard let official = Self.officialCounts(split) else { return }
    var counts = [Int](repeating: 0, count: official.count)
    for sample in draft.samples { counts[sample.label] += 1 }
    for (emotion, (count, limit)) in zip(Self.emotions, zip(counts, official)) where count > limit {
      draft.mayMatchVariant = false
      draft.notes.append(
        "\(count) images of \(emotion), of which FER-2013 has \(limit): a copy with altered images added"
      )
    }
  }
}
