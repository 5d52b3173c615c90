import Core
package import Foundation
import TensorFiles

/// ImageNet, ILSVRC2012 (Deng et al. 2009, Russakovsky et al. 2015), in the layouts people have it in.
///
/// The class index is the position of the WordNet id among the 1000 sorted ones, whatever the layout counts in.
package struct ImageNet: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "ImageNet",
    aliases: ["imagenet1k", "imagenet-1k", "ilsvrc2012", "ilsvrc", "imagenet2012"],
    title: "ImageNet (ILSVRC2012)", metric: "accuracy", classCount: 1000,
    splits: [
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("official", count: 1_281_167, classes: 1000),
          SplitVariant("Tiny-ImageNet", count: 100_000, classes: 200, perClass: 500),
        ]),
      SplitInfo(
        name: "val", aliases: ["validation", "valid", "test"],
        variants: [
          SplitVariant("official", count: 50_000, classes: 1000, perClass: 50),
          SplitVariant("Tiny-ImageNet", count: 10_000, classes: 200, perClass: 50),
        ]),
      SplitInfo(
        name: "samples",
        variants: [SplitVariant("one image a class", count: 1000, classes: 1000, perClass: 1)]),
    ], defaultSplit: "val")

  private static let folders = [
    "imagenet", "ImageNet", "ILSVRC2012", "imagenet1k", "imagenet-1k", "ILSVRC",
    "ILSVRC/Data/CLS-LOC", "imagenet-object-localization-challenge/ILSVRC/Data/CLS-LOC",
    "Data/CLS-LOC", "imagenet/ILSVRC/Data/CLS-LOC", "tiny-imagenet-200", "imagenet-samples",
    "imagenet-sample-images",
  ]
  private static let splitFolders = [
    "train": ["train", "ILSVRC2012_img_train"],
    "val": ["val", "validation", "ILSVRC2012_img_val"],
  ]

  /// What was met on the way that explains a failure.
  private struct Findings {
    var notes: [String] = []
    mutating func add(_ note: String) { if !notes.contains(note) { notes.append(note) } }
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    var findings = Findings()
    for base in Self.bases(root, split: split.name) {
      if let draft = try draft(base: base, root: root, split: split.name, &findings) {
        // Shards keep the order of their archives, tables that of their rows.
        return try draft.finish(
          info, split: split, sorted: !["webdataset", "parquet"].contains(draft.layout))
      }
    }
    let wanted =
      split.name == "samples"
      ? ["n<8 digits>_<name>.JPEG in one of \(Self.folders.suffix(2).joined(separator: ", ")), ."]
      : [
        "\(split.name)/<wnid>/*.JPEG", "\(split.name)/<0…999>/*",
        "\(split.name)/*.tar (WebDataset)",
        "data/\(split.name == "val" ? "validation" : split.name)-*.parquet",
      ]
        + (split.name == "val"
          ? ["flat val/*.JPEG with devkit, meta.bin or LOC_val_solution.csv"] : [])
        + ["each in \((Self.folders + ["."]).joined(separator: ", ")) and their images/"]
    throw datasetNotFound(
      info, split: split.name, root: root, lookedFor: wanted, found: findings.notes)
  }

  private static func bases(_ root: URL, split: String) -> [URL] {
    var bases = candidateFolders(root, folders).flatMap { base in
      [base, base.appending(path: "images", directoryHint: .isDirectory)].filter(isFolder)
    }
    // The split's folder itself: `--data-root …/imagenet/val`.
    if splitFolders[split]?.contains(root.lastPathComponent) == true {
      bases.append(root.deletingLastPathComponent())
    }
    return bases
  }

  private func draft(
    base: URL, root: URL, split: String, _ findings: inout Findings
  ) throws -> IndexDraft? {
    if let draft = try ImageNetSamples.draft(base: base) {
      if split == "samples" { return draft }
      findings.add("\(base.path) has \(draft.samples.count) flat images: that is split `samples`.")
    }
    for folder in Self.splitFolders[split] ?? [] {
      let directory = base.appending(path: folder, directoryHint: .isDirectory)
      guard isFolder(directory) else { continue }
      if let draft = try ImageNetFolders.draft(base: base, folder: folder) { return draft }
      if split == "val",
        let draft = try ImageNetFlat.draft(base: base, folder: folder, root: root)
      {
        return draft
      }
      let shards = try WebDataset.shards(in: directory)
      if !shards.isEmpty {
        return try self.shards(shards.map { "\(folder)/\($0)" }, base: base, folder: directory)
      }
    }
    // Shards of all splits in one folder: `imagenet1k-validation-00.tar`.
    let spelled = split == "val" ? ["val", "validation"] : [split]
    let (archives, named) = try WebDataset.shards(in: base).reduce(into: ([String](), [String]())) {
      if $1.hasPrefix("ILSVRC2012_img_") {
        $0.0.append($1)
      } else if ["imagenet", "ilsvrc"].contains(where: $1.lowercased().contains),
        !Set($1.split(whereSeparator: { "-_.".contains($0) }).map(String.init))
          .isDisjoint(with: spelled)
      {
        $0.1.append($1)
      }
    }
    if !named.isEmpty { return try shards(named, base: base, folder: base) }
    let archive = "ILSVRC2012_img_\(split).tar"
    if archives.contains(archive) {
      return split == "val"
        ? try ImageNetFlat.archive(archive, base: base, root: root)
        : try Self.nestedArchive(archive, base: base)
    }
    for archive in archives { findings.add("Found \(archive), which is not split \(split).") }
    if let draft = try ImageNetParquet.draft(base: base, split: split) { return draft }
    return nil
  }

  package var canonicalClasses: [DatasetClass]? { ImageNetClasses.all }

  private func shards(_ names: [String], base: URL, folder: URL) throws -> IndexDraft? {
    // The train archive unpacked once: a tar for each class, named by it.
    let labels = names.compactMap { name in
      ImageNetClasses.indices[String((name.split(separator: "/").last ?? "").dropLast(4))]
    }
    guard labels.count == names.count else {
      return try ContainerLayouts(dataset: info, canonical: ImageNetClasses.all, splits: [])
        .draft(names, base: base, folder: folder)
    }
    var draft = IndexDraft(layout: "wnid-tars", classes: ImageNetClasses.all)
    for (name, label) in zip(names, labels) {
      try WebDataset.readImages(base.appending(path: name), name: name, label: label, into: &draft)
    }
    return draft
  }

  /// `ILSVRC2012_img_train.tar` as it is published: a tar of 1000 tars, named by their classes. Images are read in place.
  private static func nestedArchive(_ name: String, base: URL) throws -> IndexDraft {
    let file = try PositionedFile(base.appending(path: name))
    var draft = IndexDraft(layout: "tar-of-wnid-tars", classes: ImageNetClasses.all)
    for inner in try TarIndex(file, within: 0..<file.count).members {
      guard inner.name.hasSuffix(".tar"),
        let label = ImageNetClasses.indices[String(inner.name.dropLast(4).suffix(9))]
      else {
        throw EvalError(
          .malformedData, "expected the tar of a class, <wnid>.tar, found `\(inner.name)`",
          subject: "\(file.url.path), byte \(inner.offset)")
      }
      var table = SampleTable.Draft(.archive(file.url))
      let members = try TarIndex(file, within: inner.offset..<inner.offset + inner.count).members
      for member in members {
        guard ImageFiles.isImage(member.name) else {
          draft.ignored.append("\(name)#\(inner.name)#\(member.name)")
          continue
        }
        table.append(
          lead: "\(name)#\(inner.name)#".utf8, name: member.name.utf8, size: member.count,
          offset: member.offset)
      }
      draft.samples += table.samples(label: label)
    }
    return draft
  }
}
