import Core
import Foundation

/// `base/<prefix>/<class>/…/<image>`: one folder a class.
enum ClassFolders {
  /// Folder names below `folder`, without junk, in bytewise order; empty when it is no folder.
  static func names(in folder: URL) throws -> [String] {
    guard isFolder(folder) else { return [] }
    return try listFolder(folder.path).entries
      .filter { $0.kind == .folder && !ImageFiles.isJunkFolder($0.name) }.map(\.name)
  }

  /// - Parameters:
  ///   - prefix: path from `base` to the folder that holds the class folders; empty for `base` itself.
  ///   - label: class index of a folder name; nil leaves the folder out, and reports it.
  static func draft(
    layout: String, base: URL, prefix: String, classes: [DatasetClass],
    label: (String) throws -> Int?
  ) throws -> IndexDraft {
    let folder = prefix.isEmpty ? base : base.appending(path: prefix)
    let lead = prefix.isEmpty ? "" : prefix + "/"
    var draft = IndexDraft(layout: layout, classes: classes)
    let (entries, unreadable) = try listFolder(folder.path)
    draft.ignored = unreadable.map { lead + $0 + " (its name is not UTF-8)" }
    var found: [(path: String, label: Int)] = []
    for entry in entries {
      let path = lead + entry.name
      guard entry.kind == .folder, !ImageFiles.isJunkFolder(entry.name),
        let label = try label(entry.name)
      else {
        draft.ignored.append(entry.kind == .folder ? path + "/" : path)
        continue
      }
      found.append((path, label))
    }
    let trees = try FolderCache.current.trees(found.map(\.path), below: base, key: prefix)
    draft.samples.reserveCapacity(trees.reduce(0) { $0 + $1.count })
    for (tree, folder) in zip(trees, found) {
      draft.ignored += tree.ignored
      draft.samples += tree.samples(label: folder.label)
    }
    return draft
  }

  /// The same for a dataset whose classes are known; nil where none of the folders is one of them.
  ///
  /// A class without a folder stays a class and is noted.
  /// - Throws: `EvalError.malformedData` for folders that are no class, and for two that are the same one.
  static func draft(
    layout: String, base: URL, prefix: String, of table: ClassTable, dataset: DatasetInfo
  ) throws -> IndexDraft? {
    let folder = prefix.isEmpty ? base : base.appending(path: prefix)
    let found = try names(in: folder)
    let unknown = found.filter { table.label(of: $0) == nil }
    guard unknown.count < found.count else { return nil }
    guard unknown.isEmpty else {
      throw EvalError(
        .malformedData,
        counted(unknown.count, "folder is", "folders are")
          + " no class of \(dataset.title): \(unknown.prefix(3).joined(separator: ", "))",
        subject: folder.path, remedy: "Move them away, or read this copy as an image folder.")
    }
    var owners: [Int: String] = [:]
    for name in found {
      guard let label = table.label(of: name) else { continue }
      if let other = owners.updateValue(name, forKey: label) {
        throw EvalError(
          .malformedData, "`\(other)` and `\(name)` are the same class", subject: folder.path,
          remedy: "Merge or remove one of them.")
      }
    }
    var draft = try draft(
      layout: layout, base: base, prefix: prefix, classes: table.classes,
      label: { table.label(of: $0) })
    let absent = table.classes.indices.filter { owners[$0] == nil }.map { table.classes[$0].id }
    if !absent.isEmpty {
      draft.notes.append(
        counted(absent.count, "class folder is", "class folders are")
          + " absent\(prefix.isEmpty ? "" : " from \(prefix)"): "
          + absent.prefix(20).joined(separator: ", ") + (absent.count > 20 ? ", …" : ""))
    }
    return draft
  }

  /// Sorts names, as numbers when all are non-negative integers: `2` before `10`, padded or not.
  static func sortedClassNames(_ names: some Sequence<String>) -> [String] {
    let names = Array(names)
    let numbers = names.compactMap { nonNegativeInteger($0) }
    if numbers.count == names.count {
      return zip(numbers, names).sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
    }
    return names.sorted(by: bytewise)
  }

  /// Digits only: no sign, no space.
  static func nonNegativeInteger(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}
