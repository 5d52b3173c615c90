import Core
package import Foundation
import TensorFiles

/// Stanford Cars (Krause et al. 2013): 196 models with their years. A class is its name in `cars_meta.mat`.
package struct StanfordCars: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "StanfordCars",
    aliases: ["stanford_cars", "stanford-cars", "cars", "vtab/cars", "cars196"],
    title: "Stanford Cars", metric: "accuracy", classCount: 196,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 8144)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 8041)]),
    ] + SplitZhou.splits(train: 6509, val: 1635, test: 8041), defaultSplit: "test")

  private static let table = ClassTable(
    FolderNames.stanfordCars.map { DatasetClass(id: $0, name: $0) })
  private static let folders = [
    "stanford_cars", "StanfordCars", "stanford-cars", "cars", "stanford-cars-dataset",
    "car_data/car_data", "car_data", "stanford_cars/car_data/car_data", "cars196",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        switch split.name {
        case "train": ["devkit/cars_train_annos.mat with cars_train/", "train/<class>/"]
        case "test": ["cars_test_annos_withlabels.mat with cars_test/", "test/<class>/"]
        default: ["split_zhou_StanfordCars.json with cars_train/ and cars_test/"]
        }
      }, read: read)
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    if split.name.hasPrefix("coop-") {
      return try SplitZhou.draft(
        base.appending(path: "split_zhou_StanfordCars.json"), split: split.name, base: base,
        classes: Self.table.classes, classOfEntry: { Self.classOfCoOp($0.className) })
    }
    if let draft = try annotated(base, split.name) ?? single(base, split.name) { return draft }
    if let draft = try ClassFolders.draft(
      layout: "cars-class-folders", base: base, prefix: split.name, of: Self.table, dataset: info)
    {
      return draft
    }
    let unlabelled = Self.devkits.map { base.appending(path: "\($0)/cars_test_annos.mat") }
    if split.name == "test", let found = unlabelled.first(where: isFile) {
      throw EvalError(
        .notFound, "these annotations of the test images have no classes", subject: found.path,
        remedy: "The file with the classes is cars_test_annos_withlabels.mat.")
    }
    return nil
  }

  /// CoOp moves the year to the front: `2012 Acura RL Sedan`.
  private static func classOfCoOp(_ name: String) -> String? {
    let words = name.split(separator: " ")
    guard let year = words.first else { return nil }
    let id = (words.dropFirst() + [year]).joined(separator: " ")
    return table.label(of: id).map { table.classes[$0].id }
  }

  // MARK: Annotations

  private static let devkits = ["devkit", "car_devkit/devkit", "."]
  private static let annotationFiles = [
    "train": ["cars_train_annos.mat"],
    "test": ["cars_test_annos_withlabels.mat", "cars_test_annos_withlabels (1).mat"],
  ]

  /// `cars_train_annos.mat` and `cars_test_annos_withlabels.mat`, with the images in a folder for each.
  private func annotated(_ base: URL, _ split: String) throws -> IndexDraft? {
    let annotations = Self.devkits.flatMap { kit in
      (Self.annotationFiles[split] ?? []).map { base.appending(path: "\(kit)/\($0)") }
    }
    guard let url = annotations.first(where: isFile)?.standardizedFileURL else { return nil }
    let folder = "cars_\(split)"
    let nested = "\(folder)/\(folder)"
    let images = isFolder(base.appending(path: nested)) ? nested : folder
    guard isFolder(base.appending(path: images)) else { return nil }
    let names = try classNames(base)
    var draft = IndexDraft(layout: "stanford_cars", classes: Self.table.classes)
    var files = ListedFiles(base: base)
    let rows = try readMatStruct("annotations", fields: ["fname", "class"], from: url)
    for (row, annotation) in rows.enumerated() {
      let place = "\(url.path), annotation \(row + 1)"
      guard let name = annotation["fname"]?.text else {
        throw EvalError(.malformedData, "expected a text `fname`", subject: place)
      }
      try files.add("\(images)/\(name)", label: label(annotation["class"], names, place), at: place)
    }
    draft.samples = files.samples
    try checkNames(&draft, base: base, images: images, annotations: url)
    return draft
  }

  /// The authors' other archive: all images in `car_ims`, described by one file.
  private func single(_ base: URL, _ split: String) throws -> IndexDraft? {
    let url = base.appending(path: "cars_annos.mat")
    guard isFile(url), isFolder(base.appending(path: "car_ims")) else { return nil }
    let names = try readMatTexts("class_names", from: url)
    try check(names, url)
    var draft = IndexDraft(layout: "car_ims", classes: Self.table.classes)
    var files = ListedFiles(base: base)
    let fields = ["relative_im_path", "class", "test"]
    let rows = try readMatStruct("annotations", fields: fields, from: url)
    var listed: Set<String> = []
    for (row, annotation) in rows.enumerated() {
      let place = "\(url.path), annotation \(row + 1)"
      guard let path = annotation["relative_im_path"]?.text,
        let test = annotation["test"]?.integer, test == 0 || test == 1
      else {
        throw EvalError(
          .malformedData, "expected a text `relative_im_path` and `test` of 0 or 1", subject: place)
      }
      listed.insert(path)
      guard (test == 1) == (split == "test") else { continue }
      try files.add(path, label: label(annotation["class"], names, place), at: place)
    }
    draft.samples = files.samples
    try draft.ignoreUnlisted(below: "car_ims", base: base, listed: listed)
    return draft
  }

  /// Numbers begin at 1.
  private func label(_ value: MatValue?, _ names: [String], _ place: String) throws -> Int {
    guard let number = value?.integer, (1...names.count).contains(number),
      let label = Self.table.label(of: names[number - 1])
    else {
      let found =
        value?.integer.map { "found \($0)" }
        ?? "found none: annotations without labels have no classes"
      throw EvalError(
        .malformedData, "expected a class 1…\(names.count), \(found)", subject: place)
    }
    return label
  }

  /// What the numbers mean: the devkit says so; without it, its known order.
  private func classNames(_ base: URL) throws -> [String] {
    let metas = Self.devkits.map { base.appending(path: "\($0)/cars_meta.mat") }
    guard let meta = metas.first(where: isFile)?.standardizedFileURL else {
      return FolderNames.stanfordCars
    }
    let names = try readMatTexts("class_names", from: meta)
    try check(names, meta)
    return names
  }

  private func check(_ names: [String], _ url: URL) throws {
    if let number = names.firstIndex(where: { Self.table.label(of: $0) == nil }) {
      throw EvalError(
        .malformedData, "class \(number + 1), `\(names[number])`, is none of Stanford Cars'",
        subject: url.path)
    }
    guard Set(names.compactMap(Self.table.label)).count == Self.table.classes.count else {
      throw EvalError(
        .malformedData, "expected 196 different class names, found \(names.count)",
        subject: url.path)
    }
  }

  /// Some copies have the images renamed: what such a file shows, no annotation says.
  private func checkNames(
    _ draft: inout IndexDraft, base: URL, images: String, annotations: URL
  ) throws {
    let listed = Set(draft.samples.map(\.id))
    let missing = draft.samples.filter { $0.byteCount == nil }
    var tree = ImageTree(base: base)
    try tree.scan(images)
    draft.ignored += tree.ignored
    let others = tree.files.map(\.path).filter { !listed.contains($0) }.sorted(by: bytewise)
    guard let first = others.first else { return }
    guard missing.isEmpty else {
      throw EvalError(
        .malformedData,
        "\(missing.count) of \(listed.count) annotated images are absent (\(missing[0].id)), and \(others.count) images "
          + "there have no annotation (\(first)): the images were renamed",
        subject: annotations.path,
        remedy:
          "Take a copy with the official names (00001.jpg, …), or one with a folder for each class."
      )
    }
    draft.ignored += others
    draft.notes.append(counted(others.count, "image is", "images are") + " not annotated")
  }
}
