import Core
package import Foundation

/// A dataset that OpenAI published as `<split>/<class>/<image>`: Country211 and Rendered SST2.
package struct SplitFolders: DatasetAdapter {
  package let info: DatasetInfo
  private let folders: [String]
  private let table: ClassTable

  private init(info: DatasetInfo, folders: [String], table: ClassTable) {
    self.info = info
    self.folders = folders
    self.table = table
  }

  /// Photos of 211 countries from YFCC100M, 300 each. A class is its ISO 3166-1 code.
  package static let country211 = SplitFolders(
    info: DatasetInfo(
      id: "Country211", aliases: ["country-211"], title: "Country211", metric: "accuracy",
      classCount: 211,
      splits: splits(train: (31_650, 150), val: (10_550, 50), test: (21_100, 100)),
      defaultSplit: "test"),
    folders: ["country211", "Country211", "country211/country211"],
    table: ClassTable(
      zip(Countries.codes, Countries.names).map { DatasetClass(id: $0, name: $1) }))

  /// Sentences of the Stanford Sentiment Treebank as images.
  package static let renderedSST2 = SplitFolders(
    info: DatasetInfo(
      id: "RenderedSST2", aliases: ["rendered-sst2", "rendered_sst2", "sst2"],
      title: "Rendered SST2", metric: "accuracy", classCount: 2,
      splits: splits(train: (6920, nil), val: (872, nil), test: (1821, nil)), defaultSplit: "test"),
    folders: ["rendered-sst2", "rendered_sst2", "RenderedSST2", "rendered-sst2/rendered-sst2"],
    table: ClassTable(ids: ["negative", "positive"]))

  private static func splits(
    train: (Int, Int?), val: (Int, Int?), test: (Int, Int?)
  ) -> [SplitInfo] {
    let both = (train.0 + val.0, train.1.flatMap { count in val.1.map { count + $0 } })
    return [
      ("train", [], train), ("val", ["valid", "validation"], val),
      ("trainval", ["train+val"], both), ("test", [], test),
    ].map { name, aliases, size in
      SplitInfo(
        name: name, aliases: aliases,
        variants: [SplitVariant("official", count: size.0, perClass: size.1)])
    }
  }

  /// The archives say `valid`; copies `val`.
  private static let names = ["val": ["valid", "val", "validation"]]

  package var canonicalClasses: [DatasetClass]? { table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: folders,
      wanted: { Self.parts($0).map { "\($0 == "val" ? "valid" : $0)/<class>/" } },
      read: { base, split in
        try IndexDraft.joining(Self.parts(split), in: base) { part in
          for folder in Self.names[part] ?? [part] {
            if let draft = try ClassFolders.draft(
              layout: "split-folders", base: base, prefix: folder, of: table, dataset: info)
            {
              return draft
            }
          }
          return nil
        }
      })
  }

  private static func parts(_ split: SplitInfo) -> [String] {
    split.name == "trainval" ? ["train", "val"] : [split.name]
  }
}
