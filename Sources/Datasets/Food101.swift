import Core
package import Foundation

/// Food-101 (Bossard et al. 2014): 101 dishes of a thousand images each, 250 of them for tests.
package struct Food101: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "Food101", aliases: ["food-101", "vtab/food101"], title: "Food-101", metric: "accuracy",
    classCount: 101,
    splits: [
      SplitInfo(
        name: "train", variants: [SplitVariant("official", count: 75_750, perClass: 750)]),
      SplitInfo(
        name: "test", aliases: ["val", "validation"],
        variants: [SplitVariant("official", count: 25_250, perClass: 250)]),
      SplitInfo(
        name: "all", variants: [SplitVariant("official", count: 101_000, perClass: 1000)]),
    ] + SplitZhou.splits(train: 50_500, val: 20_200, test: 30_300), defaultSplit: "test")

  private static let table = ClassTable(ids: FolderNames.food101)
  private static let folders = [
    "food-101", "food101", "Food101", "food-101/food-101", "food101/food-101", "food41",
  ]
  private static let metaFolders = ["meta", "meta/meta", "."]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        if split.name == "all" { return ["images/<class>/"] }
        if split.name.hasPrefix("coop-") { return ["split_zhou_Food101.json with images/"] }
        return ["meta/\(split.name).txt or .json with images/", "\(split.name)/<class>/"]
      }, read: read)
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    let images = base.appending(path: "images")
    if split.name.hasPrefix("coop-") {
      return try SplitZhou.draft(
        base.appending(path: "split_zhou_Food101.json"), split: split.name, base: images,
        classes: Self.table.classes, classID: { Self.entry($0)?.owner })
    }
    if split.name == "all" {
      return try ClassFolders.draft(
        layout: "food-101-folders", base: base, prefix: "images", of: Self.table, dataset: info)
    }
    guard isFolder(images) else {
      return try ClassFolders.draft(
        layout: "split-folders", base: base, prefix: split.name, of: Self.table, dataset: info)
    }
    for meta in Self.metaFolders.map({ base.appending(path: $0).standardizedFileURL }) {
      let lists = ImageLists(
        base: base, table: Self.table, form: "<class>/<number>", entry: Self.entry)
      let text = meta.appending(path: "\(split.name).txt")
      let json = meta.appending(path: "\(split.name).json")
      guard var draft = try lists.draft(text, layout: "food-101") ?? jsonDraft(json, base: base)
      else { continue }
      let others = ["train", "test"].map { meta.appending(path: "\($0).txt") }
      // Where there are JSON lists alone, what they name need not be held against the folder.
      if others.allSatisfy(isFile) {
        try draft.ignoreUnlisted(below: "images", base: base, listed: lists.paths(others))
      }
      return draft
    }
    return nil
  }

  /// `{"apple_pie": ["apple_pie/1005649", …], …}`: what torchvision reads.
  private func jsonDraft(_ url: URL, base: URL) throws -> IndexDraft? {
    guard isFile(url) else { return nil }
    let lists: [String: [String]]
    do {
      lists = try JSONDecoder().decode([String: [String]].self, from: readFile(url))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "expected {\"<class>\": [\"<class>/<number>\", …], …}: \(error.place)",
        subject: url.path)
    }
    var draft = IndexDraft(layout: "food-101", classes: Self.table.classes)
    var files = ListedFiles(base: base)
    for (name, entries) in lists {
      for (number, text) in entries.enumerated() {
        let place = "\(url.path), \(name) entry \(number)"
        guard let (path, owner) = Self.entry(text), owner == name,
          let label = Self.table.label(of: owner)
        else {
          throw EvalError(
            .malformedData, "expected `\(name)/<number>` of a known class, found `\(text)`",
            subject: place)
        }
        try files.add(path, label: label, at: place)
      }
    }
    draft.samples = files.samples
    return draft
  }

  /// `apple_pie/1005649`, with or without an ending.
  private static func entry(_ text: String) -> ImageLists.Entry? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return ("images/\(text)\(ImageFiles.isImage(text) ? "" : ".jpg")", String(parts[0]))
  }
}
