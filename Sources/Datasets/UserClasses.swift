import Core
package import Foundation

/// A dataset whose split and classes the paper does not publish: aYahoo (12 classes) and SUN (723), of Visual N-Grams' comparison. What
/// it is, the user's disk says:
///
///     <split>.txt      an image and its class a line (what follows is not looked at), or aYahoo's own ayahoo_test.txt
///     <class>/…        or <split>/<class>/…: folders of images
///     classes.txt      optionally, all classes to choose from, one a line
package struct UserClasses: DatasetAdapter {
  package let info: DatasetInfo
  private let folders: [String]

  package static let adapters: [any DatasetAdapter] = [
    UserClasses(
      id: "aYahoo", title: "aYahoo", classCount: 12, folders: ["ayahoo", "aYahoo", "aYahoo12"]),
    UserClasses(
      id: "SUN", title: "SUN, 723 classes", classCount: 723,
      folders: ["sun723", "SUN723", "sun", "SUN"]),
  ]

  private init(id: String, title: String, classCount: Int, folders: [String]) {
    info = DatasetInfo(
      id: id, aliases: id == "SUN" ? ["sun723", "sun-723"] : [], title: title, metric: "accuracy",
      classCount: classCount, splits: [], defaultSplit: "test")
    self.folders = folders
  }

  private static func lists(_ split: String) -> [String] {
    ["\(split).txt", "ayahoo_\(split).txt"].flatMap { [$0, "attribute_data/\($0)"] }
  }
  private static let splitNames = ["train", "val", "test"]

  package func splits(root: URL) throws -> [String] {
    for base in candidateFolders(root, folders) {
      let found = Self.splitNames.filter { split in
        isFolder(base.appending(path: split))
          || Self.lists(split).contains { isFile(base.appending(path: $0)) }
      }
      if !found.isEmpty { return found }
    }
    return [info.defaultSplit]
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, folders) {
      let listed = try classList(base.appending(path: "classes.txt"))
      guard try base != root || listed != nil || isTheDataset(root, split) else { continue }
      if let list = Self.lists(split.name).map({ base.appending(path: $0) }).first(where: isFile) {
        return try finish(draft(list, base: base, listed), split, sorted: true)
      }
      let prefix = isFolder(base.appending(path: split.name)) ? split.name : ""
      // Folders of a root that holds many datasets are no classes.
      guard prefix == split.name || base != root || listed != nil else { continue }
      if let draft = try folderDraft(base: base, prefix: prefix, listed) {
        return try finish(draft, split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (folders + ["."]).flatMap { folder in
        ["\(folder)/\(split.name).txt", "\(folder)/\(split.name)/<class>/<image>"]
      },
      found: ["The paper's \(info.classCount ?? 0) classes are not published."])
  }

  /// Any folder of images would do as well: the data root itself has to be called what the dataset is called, to have aYahoo's own list,
  /// or to have as many classes.
  private func isTheDataset(_ root: URL, _ split: SplitInfo) throws -> Bool {
    if folders.contains(where: { $0.lowercased() == root.lastPathComponent.lowercased() }) {
      return true
    }
    let ownLists = Self.lists(split.name).filter { $0.contains("ayahoo_") }
    if info.id == "aYahoo", ownLists.contains(where: { isFile(root.appending(path: $0)) }) {
      return true
    }
    return try [root.appending(path: split.name), root].contains {
      try ClassFolders.names(in: $0).count == info.classCount
    }
  }

  private func finish(_ draft: IndexDraft, _ split: SplitInfo, sorted: Bool) throws -> DatasetIndex
  {
    var draft = draft
    if let expected = info.classCount, draft.classes.count != expected {
      draft.notes.append(
        "\(draft.classes.count) classes; the paper's task has \(expected): its scores are not comparable"
      )
    }
    return try draft.finish(info, split: split, sorted: sorted)
  }

  /// Nil without a file.
  private func classList(_ url: URL) throws -> [String]? {
    guard isFile(url) else { return nil }
    var seen: Set<String> = []
    return try numberedLines(url).map { line, text in
      guard seen.insert(text).inserted else {
        throw EvalError(
          .malformedData, "class `\(text)` is listed twice", subject: "\(url.path):\(line)")
      }
      return text
    }
  }

  private static func classes(_ names: [String]) -> [DatasetClass] {
    names.map { DatasetClass(id: $0, name: $0.replacing("_", with: " ")) }
  }

  private func folderDraft(base: URL, prefix: String, _ listed: [String]?) throws -> IndexDraft? {
    let directory = prefix.isEmpty ? base : base.appending(path: prefix)
    let found = try ClassFolders.names(in: directory)
    let names = listed ?? ClassFolders.sortedClassNames(found)
    let labels = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    var draft = try ClassFolders.draft(
      layout: "class-folders", base: base, prefix: prefix, classes: Self.classes(names),
      label: { labels[$0] })
    if draft.samples.isEmpty { return nil }
    draft.ignored.removeAll { $0 == "classes.txt" }
    if let listed {
      let absent = listed.filter { !found.contains($0) }
      if !absent.isEmpty {
        draft.notes.append(
          "\(absent.count) classes of classes.txt have no folder: "
            + absent.prefix(5).joined(separator: ", "))
      }
    }
    return draft
  }

  private func draft(_ list: URL, base: URL, _ listed: [String]?) throws -> IndexDraft {
    // Images lie beside the list, or where aYahoo's archive has them.
    let places =
      [list.deletingLastPathComponent(), base]
      + ["ayahoo_test_images", "images"].map {
        base.appending(path: $0)
      }
    var rows: [(line: Int, image: String, owner: String)] = []
    var first: [String: (line: Int, owner: String)] = [:]
    var repeated = 0
    for (line, text) in try numberedLines(list) {
      let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      guard fields.count >= 2 else {
        throw EvalError(
          .malformedData, "expected an image and its class, found `\(text)`",
          subject: "\(list.path):\(line)")
      }
      if let known = first[fields[0]] {
        guard known.owner == fields[1] else {
          throw EvalError(
            .malformedData,
            "\(fields[0]) is of class `\(fields[1])` here and `\(known.owner)` in line \(known.line)",
            subject: "\(list.path):\(line)")
        }
        repeated += 1
        continue
      }
      first[fields[0]] = (line, fields[1])
      rows.append((line, fields[0], fields[1]))
    }
    let names = listed ?? Set(rows.map(\.owner)).sorted(by: bytewise)
    let labels = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    let folder = places.first { place in
      rows.first.map { isFile(place.appending(path: $0.image)) } ?? false
    }
    var draft = IndexDraft(layout: "image-list", classes: Self.classes(names))
    var files = ListedFiles(base: folder ?? base)
    for row in rows {
      guard let label = labels[row.owner] else {
        throw EvalError(
          .malformedData, "class `\(row.owner)` is not in classes.txt",
          subject: "\(list.path):\(row.line)")
      }
      try files.add(row.image, label: label, at: "\(list.path):\(row.line)")
    }
    draft.samples = files.samples
    if repeated > 0 {
      draft.notes.append("\(repeated) lines repeat an image, one for each object in it")
    }
    return draft
  }
}
