import Core
package import Foundation

/// PASCAL VOC's classification lists: VOC2007 (Everingham et al. 2010), and any multi-label dataset in that layout.
///
///     ImageSets/Main/test.txt             one image id a line
///     ImageSets/Main/dog_test.txt         the same ids, each with 1 (shown), -1 (not shown) or 0 (difficult)
///     JPEGImages/000001.jpg
package struct VOC: DatasetAdapter {
  package let info: DatasetInfo
  /// The dataset's own folder below the data folder.
  private let folders: [String]
  /// Nil where the lists' names say what the classes are.
  private let classNames: [String]?

  static let metric = "11-point-mAP"

  /// - Parameter id: what the suite calls it.
  package init(id: String = "voc", metric: String = VOC.metric) {
    info = DatasetInfo(
      id: id, aliases: [], title: "Multi-label images (PASCAL VOC's lists)", task: .multiLabel,
      metric: metric, classCount: nil, splits: [], defaultSplit: "test")
    folders = ["VOCdevkit/VOC2007", "VOC2007", "VOCdevkit"]
    classNames = nil
  }

  private init(_ info: DatasetInfo, folders: [String], classNames: [String]) {
    self.info = info
    self.folders = folders
    self.classNames = classNames
  }

  package static let voc2007 = VOC(
    DatasetInfo(
      id: "VOC2007",
      aliases: ["pascal-voc-2007", "pascalvoc2007", "voc-2007", "voc2007_multilabel"],
      title: "PASCAL VOC 2007 classification", task: .multiLabel, metric: metric, classCount: 20,
      splits: [
        SplitInfo(name: "train", variants: [SplitVariant("official", count: 2501)]),
        SplitInfo(
          name: "val", aliases: ["validation"], variants: [SplitVariant("official", count: 2510)]),
        SplitInfo(name: "trainval", variants: [SplitVariant("official", count: 5011)]),
        SplitInfo(name: "test", variants: [SplitVariant("official", count: 4952)]),
      ], defaultSplit: "test"),
    folders: [
      "VOCdevkit/VOC2007", "VOC2007", "VOC2007/VOCdevkit/VOC2007", "voc2007/VOCdevkit/VOC2007",
      "VOCtest_06-Nov-2007/VOCdevkit/VOC2007", "VOCtrainval_06-Nov-2007/VOCdevkit/VOC2007",
      "VOCdevkit", "voc2007",
    ], classNames: FolderNames.voc)

  package var canonicalClasses: [DatasetClass]? {
    classNames?.map { DatasetClass(id: $0, name: $0) }
  }

  private static let lists = "ImageSets/Main"

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, folders) {
      let list = base.appending(path: "\(Self.lists)/\(split.name).txt")
      guard isFile(list) else { continue }
      return try draft(base, list, split: split.name).finish(info, split: split, sorted: true)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (folders + ["."]).map { "\($0)/\(Self.lists)/\(split.name).txt" })
  }

  package func splits(root: URL) throws -> [String] {
    guard info.splits.isEmpty else { return info.splits.map(\.name) }
    for base in candidateFolders(root, folders) {
      let folder = base.appending(path: Self.lists)
      guard isFolder(folder) else { continue }
      return Self.splits(among: try Self.listStems(in: folder))
    }
    return [info.defaultSplit]
  }

  /// The lists that others, the classes', are named after: `test` where there is `dog_test`. A class's list is no split even where
  /// another class ends like it (`hot_dog_test`).
  private static func splits(among stems: [String]) -> [String] {
    let all = Set(stems)
    var splits: Set<String> = []
    for stem in stems {
      let endings = stem.indices.filter { stem[$0] == "_" }
        .map { String(stem[stem.index(after: $0)...]) }
      // The last one that is a list: nothing that it ends in is a list again.
      if let split = endings.last(where: all.contains) { splits.insert(split) }
    }
    return splits.sorted(by: bytewise)
  }

  /// Names of the `.txt` files without their ending, in bytewise order.
  private static func listStems(in folder: URL) throws -> [String] {
    try listFolder(folder.path).entries.filter {
      $0.kind == .file && ImageFiles.fileExtension($0.name) == "txt" && !$0.name.hasPrefix("._")
    }.map { String($0.name.dropLast(4)) }
  }

  private func draft(_ base: URL, _ list: URL, split: String) throws -> IndexDraft {
    let ids = try Self.imageIDs(list)
    let position = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1.id, $0) })
    let classes = try classes(in: list.deletingLastPathComponent(), split: split)
    let lists = classes.map {
      list.deletingLastPathComponent().appending(path: "\($0)_\(split).txt")
    }
    if let absent = lists.first(where: { !isFile($0) }) {
      throw EvalError(.notFound, "the list of a class is not there", subject: absent.path)
    }
    // Lists of all the classes and other images: VOC2012.
    if classNames != nil, let other = ids.first(where: { !Self.isOfVOC2007($0.id) }) {
      throw EvalError(
        .malformedData, "`\(other.id)` is no image of VOC2007, whose ids have six digits",
        subject: "\(list.path):\(other.line)",
        remedy: "VOC2012 has the same classes; a suite reads it with `layout: voc`.")
    }
    var columns: [[LabelMatrix.Label]] = []
    for url in lists {
      columns.append(try Self.column(url, position: position, ids: ids.map(\.id), of: list))
    }
    var draft = IndexDraft(
      layout: "voc",
      classes: classes.map { DatasetClass(id: $0, name: $0.replacing("_", with: " ")) })
    var labels = LabelMatrix(classCount: classes.count)
    for index in ids.indices { labels.append(columns.map { $0[index] }) }
    draft.multiLabels = labels

    let images = try ImageNames(base.appending(path: "JPEGImages"))
    var files = ListedFiles(base: base)
    for (line, id) in ids {
      try files.add(
        "JPEGImages/\(images.name(of: id))", label: DatasetSample.noLabel,
        at: "\(list.path):\(line)")
    }
    draft.samples = files.samples
    draft.ignored = images.ignored.map { "JPEGImages/\($0)" }
    let difficult = labels.counts(of: .difficult).reduce(0, +)
    if difficult > 0 {
      draft.notes.append(
        "\(difficult) labels are difficult (0): an image counts neither for nor against such a class"
      )
    }
    return draft
  }

  private static func isOfVOC2007(_ id: String) -> Bool {
    id.utf8.count == 6 && ClassFolders.nonNegativeInteger(id) != nil
  }

  /// VOC2007's own, whose lists must all be there; else those that have a list of this split.
  private func classes(in folder: URL, split: String) throws -> [String] {
    if let classNames { return classNames }
    let ending = "_\(split)"
    let names = try Self.listStems(in: folder).filter { $0.hasSuffix(ending) && $0 != ending }
      .map { String($0.dropLast(ending.count)) }
    guard !names.isEmpty else {
      throw EvalError(
        .notFound, "expected a list <class>\(ending).txt for each class, found none",
        subject: folder.path)
    }
    return names
  }

  /// One id a line.
  /// - Throws: `EvalError.malformedData` for more on a line, an id that is listed twice, and an empty list.
  private static func imageIDs(_ list: URL) throws -> [(line: Int, id: String)] {
    var first: [String: Int] = [:]
    let ids = try numberedLines(list).map { line, text in
      let fields = text.split(whereSeparator: \.isWhitespace)
      guard fields.count == 1 else {
        throw EvalError(
          .malformedData, "expected one image id, found `\(text)`", subject: "\(list.path):\(line)")
      }
      let id = String(fields[0])
      if let other = first.updateValue(line, forKey: id) {
        throw EvalError(
          .malformedData, "`\(id)` stands in line \(other) too", subject: "\(list.path):\(line)")
      }
      return (line: line, id: id)
    }
    guard !ids.isEmpty else {
      throw EvalError(.malformedData, "the list holds no images", subject: list.path)
    }
    return ids
  }

  /// One class's labels in the order of the images. Lines are `000012  1` or `000005 -1`: the numbers are aligned, with one
  /// space or two before them.
  private static func column(
    _ url: URL, position: [String: Int], ids: [String], of list: URL
  ) throws -> [LabelMatrix.Label] {
    var labels = [LabelMatrix.Label?](repeating: nil, count: ids.count)
    for (line, text) in try numberedLines(url) {
      let place = "\(url.path):\(line)"
      let fields = text.split(whereSeparator: \.isWhitespace)
      guard fields.count == 2, let label = Int8(fields[1]).flatMap(LabelMatrix.Label.init) else {
        throw EvalError(
          .malformedData, "expected an image id and 1, -1 or 0, found `\(text)`", subject: place)
      }
      guard let index = position[String(fields[0])] else {
        throw EvalError(
          .malformedData, "`\(fields[0])` is none of the images of \(list.lastPathComponent)",
          subject: place)
      }
      guard labels[index] == nil else {
        throw EvalError(.malformedData, "`\(fields[0])` is listed twice", subject: place)
      }
      labels[index] = label
    }
    // An image that a class's list leaves out is not one without the class.
    if let missing = labels.firstIndex(of: nil) {
      throw EvalError(
        .malformedData, "no label for `\(ids[missing])`, an image of \(list.lastPathComponent)",
        subject: url.path)
    }
    return labels.compactMap(\.self)
  }
}

/// The file of each image id in a folder: VOC's are `<id>.jpg`, other sets' may have other endings.
private struct ImageNames {
  private var names: [String: String] = [:]
  private(set) var ignored: [String] = []

  init(_ folder: URL) throws {
    guard isFolder(folder) else {
      throw EvalError(.notFound, "expected a folder with the images", subject: folder.path)
    }
    let (entries, unreadable) = try listFolder(folder.path)
    ignored = unreadable.map { $0 + " (its name is not UTF-8)" }
    for entry in entries {
      guard entry.kind == .file, ImageFiles.isImage(entry.name),
        let ending = ImageFiles.fileExtension(entry.name)
      else {
        ignored.append(entry.name)
        continue
      }
      let stem = String(entry.name.dropLast(ending.count + 1))
      if names[stem] == nil || ending == "jpg" { names[stem] = entry.name }
    }
  }

  /// The official name where there is no such file.
  func name(of id: String) -> String { names[id] ?? "\(id).jpg" }
}
