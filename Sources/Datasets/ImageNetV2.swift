import Core
package import Foundation

/// ImageNetV2 (Recht et al. 2019): three new test sets for ImageNet's 1000 classes, 10 images each.
///
/// The folders are class indices. Sorted as text, `10` comes before `2`: read that way the accuracy is about 0.1 %.
package struct ImageNetV2: DatasetAdapter {
  package let info: DatasetInfo
  private let folders: [String]

  package static let all = [
    ImageNetV2(
      "ImageNetV2", aliases: ["imagenetv2-matched-frequency", "imagenet-v2", "imagenet_v2"],
      title: "matched frequency", folder: "imagenetv2-matched-frequency"),
    ImageNetV2(
      "ImageNetV2-threshold0.7", aliases: ["imagenetv2-threshold"], title: "threshold 0.7",
      folder: "imagenetv2-threshold0.7"),
    ImageNetV2(
      "ImageNetV2-topimages", aliases: ["imagenetv2-top-images", "imagenetv2-top"],
      title: "top images", folder: "imagenetv2-top-images", "imagenetv2-topimages"),
  ]

  /// - Parameter folder: what the archives' folders begin with.
  private init(_ id: String, aliases: [String], title: String, folder names: String...) {
    info = DatasetInfo(
      id: id, aliases: aliases, title: "ImageNetV2, \(title)", metric: "accuracy",
      classCount: 1000,
      splits: [
        SplitInfo(
          name: "test", aliases: ["val"],
          variants: [SplitVariant("official", count: 10_000, classes: 1000, perClass: 10)])
      ], defaultSplit: "test")
    // The archive unpacks to `…-format-val`; imagenet-testbed leaves the ending out.
    let plain = names.flatMap { [$0 + "-format-val", $0] }
    folders =
      plain
      + ["imagenetv2", "ImageNetV2", "imagenet-v2"].flatMap { parent in
        plain.map { "\(parent)/\($0)" }
      }
  }

  package var canonicalClasses: [DatasetClass]? { ImageNetClasses.all }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let isItself = folders.contains(root.lastPathComponent)
    for folder in candidateFolders(root, folders) where folder != root || isItself {
      if let draft = try ImageNetFolders.draft(
        base: folder.deletingLastPathComponent(), folder: folder.lastPathComponent)
      {
        return try draft.finish(info, split: split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root, lookedFor: folders.prefix(2).map { "\($0)/<0…999>/*" })
  }
}
