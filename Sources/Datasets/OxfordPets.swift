import Core
package import Foundation

/// Oxford-IIIT Pet (Parkhi et al. 2012): 37 breeds; the class is the file's prefix.
package struct OxfordPets: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "OxfordPets", aliases: ["pets", "oxford-iiit-pet", "oxford_pets", "vtab/pets"],
    title: "Oxford-IIIT Pet", metric: "mean-per-class", classCount: 37,
    splits: [
      SplitInfo(
        name: "trainval", aliases: ["train"], variants: [SplitVariant("official", count: 3680)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 3669)]),
    ] + SplitZhou.splits(train: 2944, val: 736, test: 3669), defaultSplit: "test")

  private static let folders = [
    "oxford-iiit-pet", "oxford_pets", "OxfordPets", "oxford-iiit-pets", "pets",
  ]

  package var canonicalClasses: [DatasetClass]? {
    FolderNames.pets.map { DatasetClass(id: $0, name: $0.replacing("_", with: " ")) }
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let classes = FolderNames.pets.map {
      DatasetClass(id: $0, name: $0.replacing("_", with: " "))
    }
    for base in candidateFolders(root, Self.folders) {
      let images = base.appending(path: "images")
      let json = base.appending(path: "split_zhou_OxfordPets.json")
      if split.name.hasPrefix("coop-") {
        if let draft = try SplitZhou.draft(
          json, split: split.name, base: images, classes: classes, classID: Self.breed)
        {
          return try draft.finish(info, split: split, sorted: true)
        }
        continue
      }
      let list = base.appending(path: "annotations/\(split.name).txt")
      guard isFolder(images), isFile(list) else { continue }
      var draft = try read(list, base: base, classes: classes)
      draft.ignored = try listFolder(images.path).entries
        .filter { $0.kind != .file || !ImageFiles.isImage($0.name) }.map { "images/" + $0.name }
      return try draft.finish(info, split: split, sorted: true)
    }
    let wanted =
      split.name.hasPrefix("coop-")
      ? ["split_zhou_OxfordPets.json"] : ["annotations/\(split.name).txt with images/"]
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).flatMap { folder in wanted.map { "\(folder)/\($0)" } })
  }

  /// Lines are `Abyssinian_100 1 1 1`: file stem, class 1…37, species, breed within the species. The class
  /// number is in an order of its own (case-insensitive), so it is only checked to be one per breed.
  private func read(_ list: URL, base: URL, classes: [DatasetClass]) throws -> IndexDraft {
    var draft = IndexDraft(layout: "oxford-iiit-pet", classes: classes)
    var files = ListedFiles(base: base)
    var numberOfBreed: [String: String] = [:]
    for (line, text) in try numberedLines(list) where !text.hasPrefix("#") {
      let place = "\(list.path):\(line)"
      let fields = text.split(separator: " ").map(String.init)
      guard fields.count >= 2, let breed = Self.breed(fields[0]),
        let label = FolderNames.pets.firstIndex(of: breed)
      else {
        throw EvalError(
          .malformedData, "expected `<Breed>_<number> <class> …`, found `\(text)`", subject: place)
      }
      let number = numberOfBreed[breed] ?? fields[1]
      guard number == fields[1] else {
        throw EvalError(
          .malformedData, "\(breed) has class \(fields[1]) here and \(number) above",
          subject: place)
      }
      numberOfBreed[breed] = number
      try files.add("images/\(fields[0]).jpg", label: label, at: place)
    }
    draft.samples = files.samples
    return draft
  }

  /// `Egyptian_Mau_100.jpg` → `Egyptian_Mau`.
  private static func breed(_ path: String) -> String? {
    let file = path.split(separator: "/").last ?? ""
    return file.lastIndex(of: "_").map { String(file[..<$0]) }
  }
}
