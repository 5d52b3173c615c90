import Core
package import Foundation
import TensorFiles

/// Any labelled image dataset in Parquet, as the Hugging Face hub keeps them: `data/<split>-00000-of-00001.parquet`.
///
/// Classes are the names in the metadata, or else the distinct labels as numbers. A class's id is its name; where
/// several have one name, it is `name#number` for each of them.
package struct ParquetFolder: DatasetAdapter {
  package let info: DatasetInfo

  /// - Parameter id: the dataset's name in results.
  package init(id: String = "parquet", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: ["huggingface-parquet"], title: "Hugging Face Parquet files", metric: metric,
      classCount: nil, splits: [], defaultSplit: "test")
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    guard isFolder(root), let shards = try ParquetShards.find(in: root, split: [name]) else {
      let found = isFolder(root) ? try ParquetShards.splits(in: root) : []
      throw datasetNotFound(
        info, split: name, root: root,
        lookedFor: ["data/\(name)-*.parquet", "\(name)-*.parquet", "\(name)/*.parquet"],
        found: found.isEmpty ? [] : ["It has the splits \(found.joined(separator: ", "))."])
    }
    let cache = ParquetPageCache()
    let tables = try shards.names.map { file in
      (file, try ParquetTable(contentsOf: root.appending(path: file), cache: cache))
    }
    for (_, table) in tables where table.classNames != tables[0].1.classNames {
      throw EvalError(
        .malformedData, "the class names differ from those of \(tables[0].0)",
        subject: table.images.url.path)
    }
    let names = tables[0].1.classNames
    let numbers = names.map { Array($0.indices) } ?? Self.distinctLabels(tables.map(\.1))
    var draft = IndexDraft(
      layout: "parquet", classes: Self.classes(names ?? numbers.map { String($0) }))
    draft.notes = shards.notes
    let indices = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
    for (file, table) in tables {
      try table.addSamples(named: file, to: &draft) { indices[$0] }
    }
    return try draft.finish(info, split: SplitInfo(name: name), sorted: false)
  }

  package func splits(root: URL) throws -> [String] { try ParquetShards.splits(in: root) }

  private static func distinctLabels(_ tables: [ParquetTable]) -> [Int] {
    tables.reduce(into: Set<Int>()) { $0.formUnion($1.labels) }.filter { $0 >= 0 }.sorted()
  }

  private static func classes(_ names: [String]) -> [DatasetClass] {
    let uses = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    return names.enumerated().map { number, name in
      DatasetClass(id: uses[name] == 1 ? name : "\(name)#\(number)", name: name)
    }
  }
}
