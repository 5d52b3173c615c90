import Core
package import Foundation

/// CLEVR (Johnson et al. 2017) as counting: an image's class is how many objects it shows, 3 to 10.
///
///     CLEVR_v1.0/images/val/CLEVR_val_000000.png
///     CLEVR_v1.0/scenes/CLEVR_val_scenes.json
///
/// The paper's 2500 images (2000 and 500) are a random draw that is not published: its preset draws as many. VTAB and DataComp
/// report on the 15,000 of `val`. The images of `test` were published without scenes.
package struct CLEVRCounts: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "CLEVRCounts",
    aliases: [
      "clevr", "clevr-counts", "clevr_counts", "vtab/clevr_count_all", "clevr_count_all",
      "vtab/clevr_count",
    ], title: "CLEVR, number of objects", metric: "accuracy", classCount: 8,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 70_000)]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation"],
        variants: [SplitVariant("official", count: 15_000)]),
      SplitInfo(name: "test"),
    ], defaultSplit: "val")

  private static let counts = 3...10
  private static let classes = counts.map { DatasetClass(id: String($0), name: String($0)) }
  private static let folders = [
    "clevr/CLEVR_v1.0", "CLEVR_v1.0", "CLEVR/CLEVR_v1.0", "clevr", "CLEVR",
  ]

  package func splits(root: URL) throws -> [String] { ["train", "val"] }

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    guard split.name != "test" else {
      throw EvalError(
        .notFound, "the scenes of CLEVR's test images, and so their labels, are not published",
        subject: info.id, remedy: "Name the split val, as VTAB and DataComp do.")
    }
    let list = "scenes/CLEVR_\(split.name)_scenes.json"
    return try search(
      root, split: name, folders: Self.folders, wanted: { _ in [list] },
      read: { base, split in
        let url = base.appending(path: list)
        return isFile(url) ? try draft(url, split.name, base: base) : nil
      })
  }

  private func draft(_ url: URL, _ split: String, base: URL) throws -> IndexDraft {
    var draft = IndexDraft(layout: "clevr-scenes", classes: Self.classes)
    var files = ListedFiles(base: base)
    for scene in try CLEVRScenes(url).scenes {
      let place = "\(url.path), byte \(scene.offset)"
      guard Self.counts.contains(scene.objectCount) else {
        throw EvalError(
          .malformedData, "\(scene.image) has \(scene.objectCount) objects, expected 3 to 10",
          subject: place)
      }
      try files.add(
        "images/\(split)/\(scene.image)", label: scene.objectCount - Self.counts.lowerBound,
        at: place)
    }
    draft.samples = files.samples
    let listed = Set(draft.samples.map(\.id))
    let folder = base.appending(path: "images/\(split)")
    if isFolder(folder) {
      draft.ignored = try listFolder(folder.path).entries.map { "images/\(split)/\($0.name)" }
        .filter { !listed.contains($0) }
    }
    return draft
  }
}
