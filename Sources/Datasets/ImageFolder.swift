import Core
package import Foundation

/// Any dataset that is a folder of images a class: `root/<split>/<class>/…` or, as split `all`, `root/<class>/…`.
///
/// Classes are the folders' names, sorted bytewise; as numbers when all are numbers.
package struct ImageFolder: DatasetAdapter {
  package let info: DatasetInfo

  /// - Parameter id: the dataset's name in results.
  package init(id: String = "image-folder", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: [], title: "Folder of images", metric: metric, classCount: nil, splits: [],
      defaultSplit: "all")
  }

  /// Folders that are splits rather than classes.
  package static let splitNames: Set<String> = ["train", "val", "valid", "validation", "test"]

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    guard isFolder(root) else {
      throw datasetNotFound(info, split: name, root: root, lookedFor: ["<class>/<image>"])
    }
    let folders = try ClassFolders.names(in: root)
    let isSplit = folders.contains(name)
    guard isSplit || name == "all" else {
      throw datasetNotFound(
        info, split: name, root: root, lookedFor: ["\(name)/<class>/<image>"],
        found: folders.isEmpty
          ? [] : ["It holds the folders \(folders.prefix(5).joined(separator: ", ")) …"])
    }
    if !isSplit, !folders.isEmpty, Set(folders).isSubset(of: Self.splitNames) {
      throw EvalError(
        .notFound,
        "split `all` would take the splits \(folders.joined(separator: ", ")) for classes",
        subject: root.path, remedy: "Name one of them as the split.")
    }
    let prefix = isSplit ? name : ""
    let directory = isSplit ? root.appending(path: name) : root
    let names = ClassFolders.sortedClassNames(try ClassFolders.names(in: directory))
    var labels: [String: Int] = [:]
    for (label, folder) in names.enumerated() {
      // To Swift, two spellings of one text (é as one or as two code points) are the same key.
      guard labels.updateValue(label, forKey: folder) == nil else {
        throw EvalError(
          .malformedData, "two class folders are both called `\(folder)`, in other code points",
          subject: directory.path, remedy: "Rename or merge one of them.")
      }
    }
    let draft = try ClassFolders.draft(
      layout: "image-folder", base: root, prefix: prefix,
      classes: names.map { DatasetClass(id: $0, name: $0.replacing("_", with: " ")) },
      label: { labels[$0] })
    guard !draft.samples.isEmpty else {
      throw datasetNotFound(
        info, split: name, root: root,
        lookedFor: ["\(prefix.isEmpty ? "" : prefix + "/")<class>/<image>"])
    }
    return try draft.finish(info, split: SplitInfo(name: name), sorted: true)
  }

  package func splits(root: URL) throws -> [String] {
    let splits = try ClassFolders.names(in: root).filter(Self.splitNames.contains)
    return splits.isEmpty ? ["all"] : splits
  }
}
