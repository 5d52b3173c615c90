import Core
package import Foundation

/// A dataset in the layouts of its own, and, where none of them is found, in a container: CLIP_benchmark's tar shards, ELEVATER's
/// zips and lists, Hugging Face's Parquet files. The adapter behind it knows nothing of them.
package struct WithContainers: DatasetAdapter {
  package let info: DatasetInfo
  private let native: any DatasetAdapter

  package init(_ native: any DatasetAdapter) {
    self.native = native
    var info = native.info
    // A generic dataset lists no splits.
    if !info.splits.isEmpty {
      for split in Self.publishedSplits[info.id] ?? []
      where !info.splits.contains(where: {
        $0.name == split.name || $0.aliases.contains(split.name)
      }) {
        info.splits.append(split)
      }
    }
    self.info = info
  }

  /// Splits that a dataset has in containers only.
  private static let publishedSplits: [String: [SplitInfo]] = [
    "Caltech101": [
      SplitInfo(name: "train", variants: [SplitVariant("ELEVATER", count: 3060)]),
      SplitInfo(
        name: "test",
        variants: [SplitVariant("VTAB", count: 6085), SplitVariant("ELEVATER", count: 6084)]),
    ]
  ]

  package var options: [DatasetOption] { native.options }

  package var canonicalClasses: [DatasetClass]? { native.canonicalClasses }

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    WithContainers(try native.choosing(choices))
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    var failure: EvalError?
    if native.info.splits.isEmpty || native.info.splits.contains(where: { $0.name == split.name }) {
      do {
        return try native.index(root: root, split: split.name)
      } catch let error as EvalError where error.kind == .notFound {
        failure = error
      }
    }
    // Questions about captions come in files of the datasets' own.
    if info.task == .composition, let failure { throw failure }
    for base in try ContainerFolders.candidates(root, of: info) {
      let layouts = ContainerLayouts(
        dataset: info, canonical: canonicalClasses,
        splits: ContainerLayouts.spellings(of: split, in: info), isNamed: isNamed(base, root))
      guard layouts.isNamed || mayHoldIt(base) else { continue }
      if let index = try layouts.index(base, split: split) { return index }
    }
    let found = try held(root).map {
      "\($0.base.path) has the splits \($0.splits.joined(separator: ", "))."
    }
    guard var failure else {
      throw datasetNotFound(
        info, split: split.name, root: root,
        lookedFor: [
          "wds_<name>/\(split.name)/*.tar", "<name>_<date>/\(split.name).txt with labelmap.txt",
          "<name>/data/\(split.name)-*.parquet",
        ], found: found)
    }
    if !found.isEmpty { failure.message += " " + found.joined(separator: " ") }
    throw failure
  }

  /// The containers of the dataset, by the names of their folders, and the splits in each.
  func held(_ root: URL) throws -> [(base: URL, splits: [String])] {
    try ContainerFolders.candidates(root, of: info).filter { isNamed($0, root) }
      .map { (base: $0, splits: try ContainerLayouts.splits(in: $0)) }
      .filter { !$0.splits.isEmpty }
  }

  /// Data of one's own are what the suite says that they are; of a dataset with a name, the folder has to have it.
  private func isNamed(_ base: URL, _ root: URL) -> Bool {
    if native.info.splits.isEmpty { return true }
    return base != root || ContainerFolders.isName(root.lastPathComponent, of: info)
  }

  /// Whether the class names in a folder of no known name can tell that it is this dataset: not where the name is another
  /// dataset's, nor where another one has the same classes (ImageNet and its shifts, MNIST and SVHN) and comes first.
  private func mayHoldIt(_ base: URL) -> Bool {
    guard let canonicalClasses else { return false }
    let ids = Set(canonicalClasses.map(\.id))
    let named = DatasetRegistry.all.filter { !$0.info.splits.isEmpty }
    return named.allSatisfy {
      $0.info.id == info.id || !ContainerFolders.isName(base.lastPathComponent, of: $0.info)
    }
      && named.prefix { $0.info.id != info.id }.allSatisfy {
        $0.canonicalClasses.map { Set($0.map(\.id)) } != ids
      }
  }

  package func splits(root: URL) throws -> [String] {
    let native = try native.splits(root: root)
    let more = info.splits.isEmpty ? try ContainerLayouts.splits(in: root) : info.splits.map(\.name)
    return native + more.filter { !native.contains($0) }
  }
}
