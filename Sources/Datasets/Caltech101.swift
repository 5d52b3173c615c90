import Core
package import Foundation

/// Caltech-101 (Fei-Fei et al. 2004): one folder a class, with or without the background folder.
///
/// The paper draws 30 training images a class at random and does not publish which; `all` is every image.
package struct Caltech101: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "Caltech101", aliases: ["caltech-101", "vtab/caltech101"], title: "Caltech-101",
    metric: "mean-per-class", classCount: 102,
    splits: [
      SplitInfo(
        name: "all",
        variants: [
          SplitVariant("official, with background", count: 9144, classes: 102),
          SplitVariant("torchvision, without background", count: 8677, classes: 101),
          SplitVariant("CoOp, without background and Faces_easy", count: 8242, classes: 100),
        ])
    ] + SplitZhou.splits(train: 4128, val: 1649, test: 2465), defaultSplit: "all")

  private static let folders = [
    "caltech101/101_ObjectCategories", "caltech-101/101_ObjectCategories",
    "Caltech101/101_ObjectCategories", "101_ObjectCategories",
    "caltech101/caltech101/101_ObjectCategories", "caltech101", "caltech-101",
  ]
  /// Copies leave these out; every other class stays a candidate even when its folder is missing.
  private static let optional: Set<String> = ["BACKGROUND_Google", "Faces_easy"]

  package var canonicalClasses: [DatasetClass]? { Self.classes { _ in true } }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      let folders = try ClassFolders.names(in: base)
      guard Set(folders.map(Self.id)).intersection(FolderNames.caltech101).count >= 2 else {
        continue
      }
      if split.name == "all" {
        return try index(folders, base: base).finish(info, split: split, sorted: true)
      }
      for parent in [base.deletingLastPathComponent(), base] {
        let list = parent.appending(path: "split_zhou_Caltech101.json")
        let classes = Self.classes { !Self.optional.contains($0) }
        if let draft = try SplitZhou.draft(
          list, split: split.name, base: base, classes: classes,
          classID: { $0.split(separator: "/").first.map(String.init) })
        {
          return try draft.finish(info, split: split, sorted: true)
        }
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: split.name == "all"
        ? Self.folders.map { $0 + "/<class>" } + ["./<class>"]
        : ["caltech-101/split_zhou_Caltech101.json with 101_ObjectCategories/"])
  }

  private func index(_ folders: [String], base: URL) throws -> IndexDraft {
    let present = Set(folders.map(Self.id))
    let unknown = present.subtracting(FolderNames.caltech101).sorted(by: bytewise)
    guard unknown.isEmpty else {
      throw EvalError(
        .malformedData,
        counted(unknown.count, "folder is", "folders are")
          + " no class of Caltech-101: \(unknown.prefix(3).joined(separator: ", "))",
        subject: base.path,
        remedy: "Move them away, or read this copy as an image folder.")
    }
    let classes = Self.classes { present.contains($0) || !Self.optional.contains($0) }
    let labels = Dictionary(
      uniqueKeysWithValues: classes.enumerated().map { ($1.id, $0) })
    var draft = try ClassFolders.draft(
      layout: "101_ObjectCategories", base: base, prefix: "", classes: classes,
      label: { labels[Self.id($0)] })
    let missing = classes.map(\.id).filter { !present.contains($0) }
    if !missing.isEmpty {
      draft.notes.append(
        counted(missing.count, "class folder is", "class folders are")
          + " absent: \(missing.joined(separator: ", "))")
    }
    return draft
  }

  private static func classes(_ isKept: (String) -> Bool) -> [DatasetClass] {
    FolderNames.caltech101.filter(isKept).map {
      DatasetClass(id: $0, name: $0.replacing("_", with: " "))
    }
  }

  /// TFDS writes the background folder in lower case.
  private static func id(_ folder: String) -> String {
    folder == "background_google" ? "BACKGROUND_Google" : folder
  }
}
