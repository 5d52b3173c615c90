import Core
package import Foundation

/// EuroSAT, RGB (Helber et al. 2019): 27,000 tiles of 64×64 in ten folders.
///
/// The paper's 10,000/5,000 subset is unpublished: its preset chooses as many from `all`. The four other splits that circulate are
/// read from lists beside the images.
package struct EuroSAT: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "EuroSAT", aliases: ["eurosat_rgb", "vtab/eurosat"], title: "EuroSAT (RGB)",
    metric: "accuracy", classCount: 10,
    splits: [
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 27_000)]),
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("CLIP", count: 10_000),
          SplitVariant("ELEVATER", count: 5000), SplitVariant("VTAB", count: 16_200),
        ]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation"],
        variants: [SplitVariant("VTAB", count: 5400), SplitVariant("ELEVATER", count: 5000)]
      ),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [
          SplitVariant("CLIP, ELEVATER", count: 10_000), SplitVariant("VTAB", count: 21_600),
        ]),
      SplitInfo(
        name: "test",
        variants: [
          SplitVariant("CLIP, ELEVATER", count: 5000),
          SplitVariant("VTAB", count: 5400),
        ]),
    ] + SplitZhou.splits(train: 13_500, val: 5400, test: 8100), defaultSplit: "all")

  private static let folders = [
    "eurosat/2750", "EuroSAT/2750", "2750", "eurosat/EuroSAT_RGB", "EuroSAT_RGB",
    "eurosat/EuroSAT", "eurosat", "EuroSAT",
  ]

  package var canonicalClasses: [DatasetClass]? {
    FolderNames.eurosat.map { DatasetClass(id: $0, name: $0) }
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let classes = FolderNames.eurosat.map { DatasetClass(id: $0, name: $0) }
    for base in candidateFolders(root, Self.folders) {
      let folders = try ClassFolders.names(in: base)
      guard !Set(folders).isDisjoint(with: FolderNames.eurosat) else { continue }
      if split.name == "all" {
        var draft = try ClassFolders.draft(
          layout: "eurosat-folders", base: base, prefix: "", classes: classes,
          label: { FolderNames.eurosat.firstIndex(of: $0) })
        let missing = FolderNames.eurosat.filter { !folders.contains($0) }
        draft.notes = missing.map { "class folder \($0) is absent" }
        return try draft.finish(info, split: split, sorted: true)
      }
      if let draft = try listed(split, base: base, classes: classes) {
        return try draft.finish(info, split: split, sorted: true)
      }
    }
    let lists = Self.parts(split).map { Self.listNames($0).joined(separator: " or ") }
      .joined(separator: ", and ")
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/<Class>" }
        + (split.name == "all" ? [] : ["\(lists) beside or above the class folders"]))
  }

  private static func parts(_ split: SplitInfo) -> [String] {
    split.name == "trainval" ? ["train", "val"] : [split.name]
  }

  private static func listNames(_ split: String) -> [String] {
    if split.hasPrefix("coop-") { return ["split_zhou_EuroSAT.json"] }
    let names = split == "val" ? ["val", "validation", "valid"] : [split]
    return names.flatMap { ["eurosat-\($0).txt", "\($0).txt", "\($0).csv"] }
  }

  private func listed(
    _ split: SplitInfo, base: URL, classes: [DatasetClass]
  ) throws -> IndexDraft? {
    guard split.name.hasPrefix("coop-") else {
      let images = PrefixedImages(base: base, table: ClassTable(classes), dataset: info)
      return try IndexDraft.joining(Self.parts(split), in: base) {
        try images.draft(layout: "eurosat-list", lists: Self.listNames($0))
      }
    }
    for place in [base, base.deletingLastPathComponent()] {
      for name in Self.listNames(split.name) {
        if let draft = try SplitZhou.draft(
          place.appending(path: name), split: split.name, base: base, classes: classes,
          classID: { PrefixedImages.location($0)?.owner })
        {
          return draft
        }
      }
    }
    return nil
  }
}
