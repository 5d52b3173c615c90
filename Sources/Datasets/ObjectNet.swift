import Core
package import Foundation

/// ObjectNet (Barbu et al. 2019), as far as ImageNet has its classes: 113 of 313, 18,574 of 50,273 images.
///
/// Every image has a red border of one pixel. imagenet-testbed and most papers after it cut off two; others cut off one, or none.
package struct ObjectNet: DatasetAdapter {
  private let border: Int

  package init() { border = 2 }

  private init(border: Int) { self.border = border }

  package let info = DatasetInfo(
    id: "ObjectNet", aliases: ["objectnet-1.0", "objectnet1.0"],
    title: "ObjectNet, ImageNet's classes", metric: "accuracy", classCount: 113,
    splits: [
      SplitInfo(
        name: "test", aliases: ["val", "all"],
        variants: [
          SplitVariant("official", count: 18_574, classes: 113),
          // What its published accuracies are fractions of.
          SplitVariant("imagenet-testbed", count: 18_514, classes: 113),
        ])
    ], defaultSplit: "test")

  package let options = [
    DatasetOption(
      "crop", default: "2", of: ["2", "1", "0"],
      meaning:
        "Pixels cut off each side of an image before anything else; its red border is 1 wide.")
  ]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    ObjectNet(border: choices["crop"].flatMap { Int($0) } ?? 2)
  }

  private static let folders = [
    "objectnet-1.0", "objectnet", "ObjectNet", "objectnet/objectnet-1.0",
    "ObjectNet/objectnet-1.0", "objectnet-1.0-beta",
  ]

  package var canonicalClasses: [DatasetClass]? { ObjectNetClasses.overlap }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let known = Set(ObjectNetClasses.overlap.map(\.id))
    for base in candidateFolders(root, Self.folders) {
      for prefix in ["images", ""] {
        let names = Set(
          try ClassFolders.names(in: prefix.isEmpty ? base : base.appending(path: prefix)))
        // A folder of things may have a `chair` or two; most of these names are ObjectNet's alone.
        guard names.intersection(known).count > 2, names.contains(where: { $0.contains("_") })
        else { continue }
        return try draft(base: base, prefix: prefix, folders: names)
          .finish(info, split: split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: Self.folders.map { $0 + "/images/<class>/*.png" } + ["./images/<class>/*.png"])
  }

  private func draft(base: URL, prefix: String, folders: Set<String>) throws -> IndexDraft {
    let classes = ObjectNetClasses.overlap
    let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1.id, $0) })
    let mappings = try ObjectNetMappings(base: base)
    var draft = try ClassFolders.draft(
      layout: "objectnet", base: base, prefix: prefix, classes: classes, label: { labels[$0] })
    draft.adjustment = ImageAdjustment(croppedBorder: border)
    let missing = classes.map(\.id).filter { !folders.contains($0) }
    if let first = missing.first {
      draft.notes.append("\(missing.count) of 113 class folders are absent, the first is \(first)")
    }
    // The folders of the 200 other classes belong here.
    let others = folders.filter {
      labels[$0] == nil && (mappings?.labels[$0] != nil || mappings == nil)
    }
    let lead = prefix.isEmpty ? "" : prefix + "/"
    let theirs = Set(others.map { lead + $0 + "/" })
    draft.ignored.removeAll { theirs.contains($0) || (prefix.isEmpty && $0 == "mappings/") }
    if !others.isEmpty {
      draft.notes.append("\(others.count) folders are of classes that ImageNet does not have")
    }
    draft.notes +=
      try mappings?.check(classes) ?? [
        "no mappings/ in this copy: the 113 classes are those that imagenet-testbed lists"
      ]
    return draft
  }
}

/// The files that come with ObjectNet and say which folder is which class, and which classes ImageNet has.
private struct ObjectNetMappings {
  /// By folder.
  let labels: [String: String]
  /// Labels of the classes that ImageNet has; nil where the file is absent.
  private let overlap: Set<String>?
  private let folder: URL

  /// Nil where the copy has none.
  init?(base: URL) throws {
    folder = base.appending(path: "mappings")
    let names = folder.appending(path: "folder_to_objectnet_label.json")
    guard isFile(names) else { return nil }
    labels = try Self.read(names)
    let shared = folder.appending(path: "objectnet_to_imagenet_1k.json")
    overlap = isFile(shared) ? Set(try Self.read(shared).keys) : nil
  }

  private static func read(_ url: URL) throws -> [String: String] {
    do {
      return try JSONDecoder().decode([String: String].self, from: readFile(url))
    } catch is DecodingError {
      throw EvalError(
        .malformedData, "expected a JSON object of texts, found another", subject: url.path)
    }
  }

  /// - Returns: what of the copy's mappings differs in name alone.
  /// - Throws: `EvalError.malformedData` where the copy has other classes in common with ImageNet.
  func check(_ classes: [DatasetClass]) throws(EvalError) -> [String] {
    let renamed = classes.filter { labels[$0.id] != nil && labels[$0.id] != $0.name }
    let unknown = classes.filter { labels[$0.id] == nil }
    let theirs = overlap.map { overlap in
      Set(labels.filter { overlap.contains($0.value) }.keys)
    }
    let ours = Set(classes.map(\.id))
    if let entry = unknown.first ?? classes.first(where: { theirs?.contains($0.id) == false }) {
      throw EvalError(
        .malformedData,
        "the mappings of this copy do not have \(entry.id) (\(entry.name)), one of the 113 classes that ImageNet has",
        subject: folder.path, remedy: "Unpack objectnet-1.0.zip again.")
    }
    if let more = theirs?.subtracting(ours).min(by: bytewise) {
      throw EvalError(
        .malformedData,
        "the mappings of this copy have \(more) in common with ImageNet, which is none of the 113 classes",
        subject: folder.path, remedy: "Unpack objectnet-1.0.zip again.")
    }
    return renamed.isEmpty
      ? []
      : ["this copy's mappings call \(renamed.count) classes otherwise, \(renamed[0].id) for one"]
  }
}
