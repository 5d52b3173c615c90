import Core
package import Foundation

/// Images of ImageNet's classes, or of some, from elsewhere, in one folder a WordNet id: ImageNet-A, ImageNet-R (Hendrycks et al. 2021)
/// and ImageNet-Sketch (Wang et al. 2019).
package struct ImageNetShift: DatasetAdapter {
  package let info: DatasetInfo
  private let classes: [DatasetClass]
  private let folders: [String]

  private init(
    _ id: String, aliases: [String], title: String, classes: [DatasetClass], count: Int,
    folders: [String]
  ) {
    self.classes = classes
    self.folders = folders
    info = DatasetInfo(
      id: id, aliases: aliases, title: title, metric: "accuracy", classCount: classes.count,
      splits: [
        SplitInfo(
          name: "test", aliases: ["val", "all"],
          variants: [SplitVariant("official", count: count, classes: classes.count)])
      ], defaultSplit: "test")
  }

  package static let adversarial = ImageNetShift(
    "ImageNet-A", aliases: ["imagenet_a", "imageneta", "imagenet-adversarial"],
    title: "ImageNet-A, natural adversarial examples", classes: ImageNetSubsets.adversarial,
    count: 7500,
    folders: [
      "imagenet-a", "imagenet-adversarial/imagenet-a", "ImageNet-A", "imagenet_a",
    ])

  package static let renditions = ImageNetShift(
    "ImageNet-R", aliases: ["imagenet_r", "imagenetr", "imagenet-rendition"],
    title: "ImageNet-R, renditions", classes: ImageNetSubsets.renditions, count: 30_000,
    folders: ["imagenet-r", "imagenet-rendition/imagenet-r", "ImageNet-R", "imagenet_r"])

  package static let sketch = ImageNetShift(
    "ImageNet-Sketch", aliases: ["imagenet_sketch", "imagenetsketch", "sketch"],
    title: "ImageNet-Sketch", classes: ImageNetClasses.all, count: 50_889,
    folders: [
      // CoOp's name for the folder comes second.
      "imagenet-sketch/sketch", "imagenet-sketch/images", "ImageNet-Sketch/sketch",
      "ImageNet-Sketch/images", "sketch", "imagenet-sketch", "ImageNet-Sketch", "imagenet_sketch",
    ])

  package var canonicalClasses: [DatasetClass]? { classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, folders) {
      let ids = try ClassFolders.names(in: base).filter(ImageNetClasses.isWordNetID)
      guard !ids.isEmpty, base != root || mayBeItself(root, ids) else { continue }
      return try draft(ids, base: base).finish(info, split: split, sorted: true)
    }
    throw datasetNotFound(
      info, split: split.name, root: root, lookedFor: folders.map { $0 + "/<wnid>/*" })
  }

  /// Folders of WordNet ids may be ImageNet's own, or of another of its kin: what a folder is called says it, or what it holds.
  private func mayBeItself(_ root: URL, _ ids: [String]) -> Bool {
    let path = root.standardizedFileURL.path
    if folders.contains(where: { path.hasSuffix("/" + $0) }) { return true }
    let known = Set(classes.map(\.id))
    return known.isSuperset(of: ids) && ids.count == known.count && known.count < 1000
  }

  private func draft(_ ids: [String], base: URL) throws -> IndexDraft {
    let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1.id, $0) })
    let others = ids.filter { labels[$0] == nil }
    guard others.isEmpty else {
      throw EvalError(
        .malformedData,
        "\(others.count) folders are none of \(info.id)'s \(classes.count) classes: \(others.prefix(3).joined(separator: ", "))",
        subject: base.path, remedy: "Move them away, or read this copy as an image folder.")
    }
    var draft = try ClassFolders.draft(
      layout: "wnid-folders", base: base, prefix: "", classes: classes, label: { labels[$0] })
    let missing = Set(labels.keys).subtracting(ids).sorted(by: bytewise)
    if let first = missing.first {
      draft.notes.append(
        "\(missing.count) of \(classes.count) class folders are absent, the first is \(first)")
    }
    return draft
  }
}
