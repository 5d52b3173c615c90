import Core
package import Foundation

/// SUN397 (Xiao et al. 2010): 397 scenes, some in folders of folders (`apartment_building/outdoor`), and ten partitions with 50
/// training and 50 test images a class. The paper uses one of them; here it is the first.
package struct SUN397: DatasetAdapter {
  private let partition: String

  package init() { partition = "1" }

  private init(partition: String) { self.partition = partition }

  package let info = DatasetInfo(
    id: "SUN397", aliases: ["sun-397", "vtab/sun397"], title: "SUN397", metric: "accuracy",
    classCount: 397,
    splits: [
      SplitInfo(name: "train", variants: [half]),
      SplitInfo(name: "test", variants: [half]),
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 108_754)]),
    ] + SplitZhou.splits(train: 15_880, val: 3970, test: 19_850), defaultSplit: "test")

  private static let half = SplitVariant("official", count: 19_850, perClass: 50)

  package let options = [
    DatasetOption(
      "partition", default: "1", of: (1...10).map(String.init),
      meaning: "Which of the ten official partitions; the paper does not say which it uses.")
  ]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    SUN397(partition: choices["partition"] ?? "1")
  }

  private static let table = ClassTable(ids: FolderNames.sun397)
  private static let folders = ["SUN397", "sun397/SUN397", "sun397", "SUN397/SUN397"]

  /// `Training_01.txt`; beside the letters' folders, in a folder of their own, or above.
  private func lists(_ base: URL, _ split: String) -> [URL] {
    let number = partition.count == 1 ? "0\(partition)" : partition
    let name = "\(split == "train" ? "Training" : "Testing")_\(number).txt"
    return ["", "Partitions/", "../", "../Partitions/"].map {
      base.appending(path: $0 + name).standardizedFileURL
    }
  }

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        if split.name == "all" { return ["a/abbey/"] }
        if split.name.hasPrefix("coop-") { return ["split_zhou_SUN397.json with a/abbey/"] }
        return [lists(URL(filePath: "/"), split.name)[0].lastPathComponent + " with a/abbey/"]
      }, read: read)
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    // The folder of the letters: what a data folder holds may be called a, b, … by chance only.
    let letters = try ClassFolders.names(in: base).filter { $0.utf8.count == 1 }
    guard !letters.isEmpty else { return nil }
    if split.name == "all" { return try all(base, letters) }
    if split.name.hasPrefix("coop-") {
      for parent in [base, base.deletingLastPathComponent()] {
        if let draft = try SplitZhou.draft(
          parent.appending(path: "split_zhou_SUN397.json"), split: split.name, base: base,
          classes: Self.table.classes,
          classID: {
            Self.entry($0).flatMap { Self.table.label(of: $0.owner) }.map { FolderNames.sun397[$0] }
          })
        {
          return draft
        }
      }
      return nil
    }
    let lists = ImageLists(
      base: base, table: Self.table, form: "/<letter>/<class>/<image>", entry: Self.entry)
    for url in self.lists(base, split.name) {
      if let draft = try lists.draft(url, layout: "sun397") { return draft }
    }
    return nil
  }

  private func all(_ base: URL, _ letters: [String]) throws -> IndexDraft? {
    var draft = IndexDraft(layout: "sun397-folders", classes: Self.table.classes)
    var tree = ImageTree(base: base)
    for letter in letters { try tree.scan(letter) }
    draft.ignored = tree.ignored
    for file in tree.files {
      guard let entry = Self.entry(file.path), let label = Self.table.label(of: entry.owner) else {
        throw EvalError(
          .malformedData, "`\(file.path)` lies in no folder of a class of SUN397",
          subject: base.path, remedy: "Move it away.")
      }
      draft.samples.append(tree.sample(file, label: label))
    }
    guard !draft.samples.isEmpty else { return nil }
    let present = Set(draft.samples.map(\.label))
    let absent = Self.table.classes.indices.filter { !present.contains($0) }
    if !absent.isEmpty {
      draft.notes.append(
        counted(absent.count, "class has", "classes have") + " no images: "
          + absent.prefix(20).map { Self.table.classes[$0].id }.joined(separator: ", ")
          + (absent.count > 20 ? ", …" : ""))
    }
    return draft
  }

  /// `/a/apartment_building/outdoor/sun_….jpg`, with or without the first slash.
  private static func entry(_ text: String) -> ImageLists.Entry? {
    let path = text.hasPrefix("/") ? String(text.dropFirst()) : text
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].utf8.count == 1, ImageFiles.isImage(path) else { return nil }
    return (path, parts.dropFirst().dropLast().joined(separator: "/"))
  }
}
