import Core
package import Foundation
import TensorFiles

/// Oxford Flowers 102 (Nilsback and Zisserman 2008). Classes have numbers, 1 to 102; their names come from elsewhere and vary.
package struct Flowers102: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "Flowers102",
    aliases: ["flowers", "oxford_flowers", "flowers-102", "oxford_flowers102", "vtab/flowers"],
    title: "Oxford Flowers 102", metric: "mean-per-class", classCount: 102,
    splits: [
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("official", count: 1020, perClass: 10),
          SplitVariant("PyTorch challenge", count: 6552),
        ]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation"],
        variants: [
          SplitVariant("official", count: 1020, perClass: 10),
          SplitVariant("PyTorch challenge", count: 818),
        ]),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [
          SplitVariant("official", count: 2040, perClass: 20),
          SplitVariant("PyTorch challenge", count: 7370),
        ]),
      SplitInfo(
        name: "test",
        variants: [
          SplitVariant("official", count: 6149), SplitVariant("PyTorch challenge", count: 819),
        ]),
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 8189)]),
    ] + SplitZhou.splits(train: 4093, val: 1633, test: 2463), defaultSplit: "test")

  private static let classes = FolderNames.flowers102.enumerated().map {
    DatasetClass(id: String($0 + 1), name: $1)
  }
  /// Folders are numbers, with zeros before them or not; sorted as texts 10 comes before 2.
  private static let table = ClassTable(
    classes,
    aliases: Dictionary(
      uniqueKeysWithValues: (1...99).flatMap { number in
        [("00\(number)", "\(number)"), ("0\(number)", "\(number)")].filter { $0.0.count <= 3 }
      }))
  private static let folders = [
    "flowers-102", "oxford_flowers", "flowers102", "Flowers102", "flower_data/flower_data",
    "flower_data", "oxford-102-flowers", "flowers",
  ]
  private static let setNames = ["train": "trnid", "val": "valid", "test": "tstid"]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        if split.name.hasPrefix("coop-") {
          return ["split_zhou_OxfordFlowers.json with jpg/"]
        }
        return ["imagelabels.mat and setid.mat with jpg/"]
          + (split.name == "all" ? [] : Self.parts(split).map { "\($0)/<number>/" })
      }, read: read)
  }

  private static func parts(_ split: SplitInfo) -> [String] {
    split.name == "trainval" ? ["train", "val"] : [split.name]
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    if split.name.hasPrefix("coop-") { return try coop(base, split.name) }
    if isFile(base.appending(path: "imagelabels.mat")), isFolder(base.appending(path: "jpg")) {
      return try official(base, split)
    }
    if split.name == "all" { return nil }
    return try IndexDraft.joining(Self.parts(split), in: base) { part in
      for folder in part == "val" ? ["valid", "val"] : [part] {
        if let draft = try ClassFolders.draft(
          layout: "flowers-class-folders", base: base, prefix: folder, of: Self.table, dataset: info
        ) {
          return draft
        }
        try refuseFlat(base.appending(path: folder))
      }
      return nil
    }
  }

  /// One copy on Kaggle has the challenge's test images without classes.
  private func refuseFlat(_ folder: URL) throws {
    guard isFolder(folder) else { return }
    let entries = try listFolder(folder.path).entries
    guard entries.contains(where: { $0.kind == .file && $0.name.hasPrefix("image_") }) else {
      return
    }
    throw EvalError(
      .malformedData, "these images lie in no folders of classes, so they have no labels",
      subject: folder.path,
      remedy: "Take imagelabels.mat and setid.mat with the images of 102flowers.tgz.")
  }

  // MARK: The official files

  private func official(_ base: URL, _ split: SplitInfo) throws -> IndexDraft {
    let labels = try imageLabels(base)
    var draft = IndexDraft(layout: "flowers-102", classes: Self.classes)
    var files = ListedFiles(base: base)
    if split.name == "all" {
      for (index, label) in labels.enumerated() {
        try files.add(Self.path(index + 1), label: label, at: "imagelabels.mat, \(index + 1)")
      }
    } else {
      for part in Self.parts(split) {
        for (image, place) in try images(of: part, base, count: labels.count) {
          try files.add(Self.path(image), label: labels[image - 1], at: place)
        }
      }
    }
    draft.samples = files.samples
    try draft.ignoreUnlisted(
      below: "jpg", base: base, listed: Set((1...max(1, labels.count)).map(Self.path)))
    return draft
  }

  /// Class index of each image in the order of their numbers.
  private func imageLabels(_ base: URL) throws -> [Int] {
    let url = base.appending(path: "imagelabels.mat")
    return try readMatNumbers("labels", from: url).enumerated().map { index, value in
      guard let number = Int(exactly: value), (1...Self.classes.count).contains(number) else {
        throw EvalError(
          .malformedData,
          "expected a class 1…\(Self.classes.count) of image \(index + 1), found \(value)",
          subject: url.path)
      }
      return number - 1
    }
  }

  private func images(
    of part: String, _ base: URL, count: Int
  ) throws -> [(image: Int, place: String)] {
    let url = base.appending(path: "setid.mat")
    let name = Self.setNames[part] ?? part
    return try readMatNumbers(name, from: url).enumerated().map { index, value in
      let place = "\(url.path), \(name) \(index + 1)"
      guard let image = Int(exactly: value), (1...max(1, count)).contains(image), count > 0 else {
        throw EvalError(
          .malformedData, "expected the number of an image, 1…\(count), found \(value)",
          subject: place)
      }
      return (image, place)
    }
  }

  /// Images are numbered from 1.
  private static func path(_ image: Int) -> String {
    let digits = String(image)
    return "jpg/image_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".jpg"
  }

  // MARK: CoOp

  /// Paths are `image_06734.jpg`; numbers begin at 0 and are held against the official labels where these are there.
  private func coop(_ base: URL, _ split: String) throws -> IndexDraft? {
    let list = base.appending(path: "split_zhou_OxfordFlowers.json")
    guard isFile(list) else { return nil }
    let official =
      isFile(base.appending(path: "imagelabels.mat")) ? try imageLabels(base) : nil
    return try SplitZhou.draft(
      list, split: split, base: base.appending(path: "jpg"), classes: Self.classes,
      classOfEntry: { entry in
        guard Self.classes.indices.contains(entry.label) else {
          throw EvalError(
            .malformedData,
            "expected a class 0…\(Self.classes.count - 1) of `\(entry.path)`, found \(entry.label)",
            subject: list.path)
        }
        let id = Self.classes[entry.label].id
        let digits = entry.path.dropFirst("image_".count).prefix { $0 != "." }
        guard let official, let image = ClassFolders.nonNegativeInteger(digits) else { return id }
        guard official.indices.contains(image - 1), official[image - 1] == entry.label else {
          throw EvalError(
            .malformedData,
            "`\(entry.path)` has class \(entry.label + 1) here and another one in imagelabels.mat",
            subject: list.path)
        }
        return id
      })
  }
}
