import Core
package import Foundation

/// NWPU-RESISC45 (Cheng et al. 2017): 45 kinds of land, 700 satellite images each, and no official split.
///
/// The paper's 3150/25,200 are unpublished: its preset chooses as many from `all`. Others are read from lists beside the images.
package struct RESISC45: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "RESISC45", aliases: ["nwpu-resisc45", "vtab/resisc45"], title: "NWPU-RESISC45",
    metric: "accuracy", classCount: 45,
    splits: [
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 31_500, perClass: 700)]),
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("CLIP, ELEVATER", count: 3150),
          SplitVariant("Google's lists", count: 18_900),
        ]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation"],
        variants: [
          SplitVariant("Google's lists", count: 6300), SplitVariant("ELEVATER", count: 3150),
        ]),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [
          SplitVariant("ELEVATER", count: 6300), SplitVariant("Google's lists", count: 25_200),
        ]),
      SplitInfo(
        name: "test",
        variants: [
          SplitVariant("CLIP, ELEVATER", count: 25_200),
          SplitVariant("Google's lists, VTAB", count: 6300),
        ]),
    ], defaultSplit: "all")

  private static let table = ClassTable(ids: FolderNames.resisc45)
  private static let folders = [
    "NWPU-RESISC45", "resisc45/NWPU-RESISC45", "resisc45", "RESISC45",
    "NWPU-RESISC45/NWPU-RESISC45",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        if split.name == "all" { return ["<class>/"] }
        return Self.parts(split).flatMap {
          ["\(Self.lists($0)[0]) beside or above the class folders", "\($0)/<class>/"]
        }
      }, read: read)
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    let folders = try ClassFolders.names(in: base)
    guard folders.contains(where: { Self.table.label(of: $0) != nil }) else {
      return split.name == "all" ? nil : try splitFolders(base, split)
    }
    if split.name == "all" {
      return try ClassFolders.draft(
        layout: "resisc45-folders", base: base, prefix: "", of: Self.table, dataset: info)
    }
    let images = PrefixedImages(base: base, table: Self.table, dataset: info)
    return try IndexDraft.joining(Self.parts(split), in: base) {
      try images.draft(layout: "resisc45-list", lists: Self.lists($0))
    }
  }

  private func splitFolders(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    try IndexDraft.joining(Self.parts(split), in: base) { part in
      for folder in part == "val" ? ["val", "valid", "validation"] : [part] {
        if let draft = try ClassFolders.draft(
          layout: "split-folders", base: base, prefix: folder, of: Self.table, dataset: info)
        {
          return draft
        }
      }
      return nil
    }
  }

  private static func parts(_ split: SplitInfo) -> [String] {
    split.name == "trainval" ? ["train", "val"] : [split.name]
  }

  private static func lists(_ part: String) -> [String] {
    let names = part == "val" ? ["val", "validation", "valid"] : [part]
    return names.flatMap { ["resisc45-\($0).txt", "\($0).txt", "\($0).csv"] }
  }
}
