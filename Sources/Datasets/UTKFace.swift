import Core
package import Foundation

/// UTKFace (Zhang et al. 2017): faces with age, gender and race in their names,
/// `<age>_<gender>_<race>_<date>.jpg[.chip.jpg]`.
///
/// A few names lack a field; which one cannot be told, so such images are left out and listed. Ages are put into FairFace's bins, so that
/// the two datasets have the same classes.
package struct UTKFace: DatasetAdapter {
  package let info: DatasetInfo
  private let attribute: FaceAttribute

  static let races = ["White", "Black", "Asian", "Indian", "Others"]

  package static let adapters: [any DatasetAdapter] = FaceAttribute.allCases.map(UTKFace.init)

  private init(_ attribute: FaceAttribute) {
    self.attribute = attribute
    info = DatasetInfo(
      id: "UTKFace-\(attribute)", aliases: ["utkface_\(attribute)"], title: "UTKFace, \(attribute)",
      metric: "accuracy", classCount: attribute.labels(races: Self.races).count,
      splits: [
        SplitInfo(
          name: "all", aliases: ["test"],
          variants: [
            SplitVariant("aligned and cropped, 23,708 files", count: 23_705),
            SplitVariant("23,703 images", count: 23_703),
          ])
      ], defaultSplit: "all")
  }

  private static func classes(_ attribute: FaceAttribute) -> [DatasetClass] {
    attribute.labels(races: races).map { DatasetClass(id: $0, name: $0.lowercased()) }
  }

  private static let folders = ["UTKFace/UTKFace", "utkface/UTKFace", "UTKFace", "utkface"]

  package var canonicalClasses: [DatasetClass]? { Self.classes(attribute) }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      let images = try listFolder(base.path).entries.filter {
        $0.kind == .file && ImageFiles.isImage($0.name)
      }
      // Those in the wild lie in part1, part2 and part3.
      let parts = ["part1", "part2", "part3"].filter { isFolder(base.appending(path: $0)) }
      if images.contains(where: { Self.fields($0.name) != nil }) {
        return try draft(base, [""]).finish(info, split: split, sorted: true)
      }
      if !parts.isEmpty { return try draft(base, parts).finish(info, split: split, sorted: true) }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/<age>_<gender>_<race>_<date>.jpg" })
  }

  private func draft(_ base: URL, _ folders: [String]) throws -> IndexDraft {
    let classes = attribute.labels(races: Self.races)
    var draft = IndexDraft(layout: "utkface", classes: Self.classes(attribute))
    var tree = ImageTree(base: base)
    for folder in folders { try tree.scan(folder) }
    draft.ignored = tree.ignored
    var unlabelled: [String] = []
    for file in tree.files {
      let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
      guard let fields = Self.fields(name) else {
        unlabelled.append(file.path)
        continue
      }
      let text =
        switch attribute {
        case .age: FaceAttribute.bin(ofAge: fields.age)
        case .gender: FaceAttribute.genders[fields.gender]
        case .race: Self.races[fields.race]
        }
      guard let label = classes.firstIndex(of: text) else { continue }  // every text is a class
      draft.samples.append(tree.sample(file, label: label))
    }
    draft.ignored += unlabelled
    if !unlabelled.isEmpty {
      unlabelled.sort(by: bytewise)
      draft.notes.append(
        "\(unlabelled.count) images are left out, because their names lack a field: "
          + unlabelled.prefix(10).joined(separator: ", ") + (unlabelled.count > 10 ? ", …" : ""))
    }
    return draft
  }

  /// Nil where one of them is missing or impossible.
  private static func fields(_ name: String) -> (age: Int, gender: Int, race: Int)? {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    // A date follows; without a field it stands in the place of the race, and is no race's number.
    guard parts.count == 4, let age = ClassFolders.nonNegativeInteger(parts[0]), age <= 116,
      let gender = ClassFolders.nonNegativeInteger(parts[1]),
      FaceAttribute.genders.indices.contains(gender),
      let race = ClassFolders.nonNegativeInteger(parts[2]), races.indices.contains(race)
    else { return nil }
    return (age, gender, race)
  }
}
