import Core
import Foundation

/// The Parquet files of a split, as the Hugging Face hub lays them out: `data/<split>-00000-of-00014.parquet`,
/// `<split>.parquet` or `<split>/0000.parquet`, in the folder or in its `data`.
struct ParquetShards {
  /// Below the folder, in the order of their numbers.
  var names: [String]
  /// Says which files are absent, if names tell how many there should be.
  var notes: [String] = []

  /// Nil when there is none.
  /// - Parameter split: the names the split may have; the first that is found counts.
  static func find(in base: URL, split spelled: [String]) throws -> ParquetShards? {
    for name in spelled {
      for lead in ["data/", ""] {
        let flat = try files(in: base.appending(path: lead)).filter { splitName($0) == name }
        if !flat.isEmpty { return ParquetShards(names: flat.map { lead + $0 }).counted() }
        let folder = try files(in: base.appending(path: lead + name))
        if !folder.isEmpty {
          return ParquetShards(names: folder.map { "\(lead)\(name)/\($0)" }).counted()
        }
      }
    }
    return nil
  }

  /// Names of the splits that a folder has.
  static func splits(in base: URL) throws -> [String] {
    var splits: Set<String> = []
    for folder in [base.appending(path: "data"), base] where isFolder(folder) {
      splits.formUnion(try files(in: folder).map(splitName))
      for entry in try listFolder(folder.path).entries
      where entry.kind == .folder && !ImageFiles.isJunkFolder(entry.name) {
        if entry.name != "data", try !files(in: folder.appending(path: entry.name)).isEmpty {
          splits.insert(entry.name)
        }
      }
    }
    return splits.sorted(by: bytewise)
  }

  private static func files(in folder: URL) throws -> [String] {
    guard isFolder(folder) else { return [] }
    return try listFolder(folder.path).entries
      .filter { $0.kind == .file && ImageFiles.isNamed($0.name, "parquet") }.map(\.name)
      .map { (key: WebDataset.naturalKey($0), name: $0) }
      .sorted { a, b in
        a.key == b.key ? bytewise(a.name, b.name) : a.key.lexicographicallyPrecedes(b.key)
      }.map(\.name)
  }

  /// `validation` of `validation-00000-of-00014.parquet`.
  private static func splitName(_ file: String) -> String {
    let stem = file.dropLast(".parquet".count)
    guard let range = stem.firstRange(of: /-[0-9]+-of-[0-9]+/) else { return String(stem) }
    return String(stem[..<range.lowerBound])
  }

  private func counted() -> ParquetShards {
    let stated = Set(names.compactMap { $0.firstMatch(of: /-of-([0-9]+)/).flatMap { Int($0.1) } })
    guard let total = stated.first, stated.count == 1, total != names.count else { return self }
    var shards = self
    shards.notes.append("\(names.count) of \(total) Parquet files are there")
    return shards
  }
}
