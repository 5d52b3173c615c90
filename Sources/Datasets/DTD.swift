import Core
package import Foundation

/// Describable Textures (Cimpoi et al. 2014): 47 textures of 120 images, in ten partitions of equal thirds. The paper uses the first.
package struct DTD: DatasetAdapter {
  private let partition: String

  package init() { partition = "1" }

  private init(partition: String) { self.partition = partition }

  package let info = DatasetInfo(
    id: "DTD", aliases: ["describable_textures", "describabletextures", "vtab/dtd"],
    title: "Describable Textures", metric: "accuracy", classCount: 47,
    splits: [
      SplitInfo(name: "train", variants: [third]),
      SplitInfo(name: "val", aliases: ["valid", "validation"], variants: [third]),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [SplitVariant("official", count: 3760, perClass: 80)]),
      SplitInfo(name: "test", variants: [third]),
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 5640, perClass: 120)]),
    ] + SplitZhou.splits(train: 2820, val: 1128, test: 1692), defaultSplit: "test")

  private static let third = SplitVariant("official", count: 1880, perClass: 40)

  package let options = [
    DatasetOption(
      "partition", default: "1", of: (1...10).map(String.init),
      meaning: "Which of the ten official partitions; the paper uses the first.")
  ]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    DTD(partition: choices["partition"] ?? "1")
  }

  private static let table = ClassTable(ids: FolderNames.dtd)
  private static let folders = ["dtd/dtd", "dtd", "DTD", "dtd-r1.0.1/dtd", "dtd-r1.0.1"]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        if split.name == "all" { return ["images/<class>/"] }
        if split.name.hasPrefix("coop-") {
          return ["split_zhou_DescribableTextures.json with images/"]
        }
        return Self.parts(split).map { "labels/\($0)\(partition).txt with images/" }
      }, read: read)
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    let images = base.appending(path: "images")
    if split.name.hasPrefix("coop-") {
      return try SplitZhou.draft(
        base.appending(path: "split_zhou_DescribableTextures.json"), split: split.name,
        base: images, classes: Self.table.classes, classID: { Self.entry($0)?.owner })
    }
    if split.name == "all" {
      return try ClassFolders.draft(
        layout: "dtd-folders", base: base, prefix: "images", of: Self.table, dataset: info)
    }
    guard isFolder(images) else { return nil }
    let lists = ImageLists(
      base: base, table: Self.table, form: "<class>/<image>", entry: Self.entry)
    func list(_ part: String) -> URL { base.appending(path: "labels/\(part)\(partition).txt") }
    let draft = try IndexDraft.joining(Self.parts(split), in: base) {
      try lists.draft(list($0), layout: "dtd")
    }
    guard var draft else { return nil }
    let all = ["train", "val", "test"].map(list)
    if all.allSatisfy(isFile) {
      try draft.ignoreUnlisted(below: "images", base: base, listed: lists.paths(all))
    }
    return draft
  }

  private static func parts(_ split: SplitInfo) -> [String] {
    split.name == "trainval" ? ["train", "val"] : [split.name]
  }

  /// `banded/banded_0002.jpg`
  private static func entry(_ text: String) -> ImageLists.Entry? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, ImageFiles.isImage(text) else { return nil }
    return ("images/\(text)", String(parts[0]))
  }
}
