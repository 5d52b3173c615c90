import Core
import Foundation
import TensorFiles

/// The containers that any dataset may come in: tar shards, ELEVATER's zips with lists, Parquet files. One reader each, and what
/// they share: where the split lies, and whose classes the container's names are.
struct ContainerLayouts {
  let dataset: DatasetInfo
  /// Nil takes the container's classes for the dataset's.
  let canonical: [DatasetClass]?
  /// Names that the split may have in a container, the likeliest first.
  let splits: [String]
  /// False where the folder's name says nothing about the dataset: then most class names have to be the dataset's.
  var isNamed = true

  /// What the split is called in containers: by its names, and `test` for the one that results are reported on.
  static func spellings(of split: SplitInfo, in dataset: DatasetInfo) -> [String] {
    var names = [split.name] + split.aliases
    if names.contains("val") || names.contains("validation") {
      names += ["val", "validation", "valid"]
    }
    let hasTest = dataset.splits.contains { $0.name == "test" || $0.aliases.contains("test") }
    if split.name == dataset.defaultSplit, !hasTest { names.append("test") }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The split of the container in `base`; nil where there is none.
  func index(_ base: URL, split: SplitInfo) throws -> DatasetIndex? {
    if let draft = try webDataset(base) {
      return try draft.finish(dataset, split: split, sorted: false)
    }
    if let draft = try elevater(base) {
      return try draft.finish(dataset, split: split, sorted: true)
    }
    if let draft = try parquet(base) {
      return try draft.finish(dataset, split: split, sorted: false)
    }
    return nil
  }

  /// Names of the splits that a container has.
  static func splits(in base: URL) throws -> [String] {
    var found = try ClassFolders.names(in: base).filter {
      try !WebDataset.shards(in: base.appending(path: $0)).isEmpty
    }
    if try !WebDataset.shards(in: base).isEmpty { found.append("all") }
    found += try Elevater.splits(in: base)
    if isFolder(base) { found += try ParquetShards.splits(in: base) }
    var seen: Set<String> = []
    return found.filter { seen.insert($0).inserted }
  }

  /// Class names, one a line: labels count the lines, so none may be empty.
  static func classNames(_ list: URL) throws -> [String] {
    try numberedLines(list).enumerated().map { number, found in
      guard found.line == number + 1 else {
        throw EvalError(
          .malformedData,
          "expected a class name, found an empty line; labels are numbers of lines, so those after it may be off by one",
          subject: "\(list.path):\(number + 1)",
          remedy: "Name the class, or take the line out where the labels do not count it.")
      }
      return found.text
    }
  }

  /// The classes that a container's names stand for; nil when they are those of another dataset.
  func classes(_ names: [String], file: String) throws -> ContainerClasses? {
    if !isNamed {
      guard let canonical,
        ContainerClasses.agreement(names, canonical: canonical, dataset: dataset.id) > names.count
          / 2
      else { return nil }
    }
    do {
      return try ContainerClasses(
        names: names, canonical: canonical, dataset: dataset, file: file)
    } catch let error as EvalError {
      // CIFAR-10 has all but one of STL-10's names.
      if !isNamed, Self.areAnotherDatasets(names, than: dataset.id) { return nil }
      throw error
    }
  }

  private static func areAnotherDatasets(_ names: [String], than dataset: String) -> Bool {
    DatasetRegistry.all.contains { other in
      guard other.info.id != dataset, let canonical = other.canonicalClasses else { return false }
      let joined = try? ContainerClasses(
        names: names, canonical: canonical, dataset: other.info, file: "")
      return joined != nil
    }
  }

  // MARK: Parquet

  /// Nil without Parquet files of the split, or where their classes are another dataset's.
  private func parquet(_ base: URL) throws -> IndexDraft? {
    guard dataset.task == .classification, isFolder(base),
      let shards = try ParquetShards.find(in: base, split: splits)
    else { return nil }
    let cache = ParquetPageCache()
    var draft: IndexDraft?
    for file in shards.names {
      let url = base.appending(path: file)
      let table = try ParquetTable(contentsOf: url, cache: cache)
      guard let names = table.classNames else {
        guard isNamed else { return nil }
        throw EvalError(
          .malformedData, "the file names no classes, so its labels are numbers of nothing",
          subject: url.path,
          remedy:
            "Write the file with Hugging Face's `datasets`, which keeps class names, or read it as data of your own with layout: parquet."
        )
      }
      guard let classes = try classes(names, file: url.path) else { return nil }
      var filled = draft ?? IndexDraft(layout: "parquet", classes: classes.classes)
      if draft == nil { filled.notes = shards.notes + classes.notes }
      guard filled.classes == classes.classes else {
        throw EvalError(
          .malformedData, "the class names differ from those of \(shards.names[0])",
          subject: url.path)
      }
      try table.addSamples(named: file, to: &filled) { classes.label($0) }
      draft = filled
    }
    return draft
  }
}
