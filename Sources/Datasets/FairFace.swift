import Core
package import Foundation

/// FairFace (Kärkkäinen and Joo 2021): faces with race, gender and age.
///
///     fairface_label_val.csv     file,age,gender,race,service_test
///     val/1.jpg                  or fairface-img-margin025-trainval/val/1.jpg
///
/// The images come in two archives that differ in how much is left around the face, 0.25 or 1.25 of its size.
package struct FairFace: DatasetAdapter {
  package let info: DatasetInfo
  private let attribute: FaceAttribute
  private let margin: String

  static let races = [
    "White", "Black", "Latino_Hispanic", "East Asian", "Southeast Asian", "Indian",
    "Middle Eastern",
  ]

  package static let adapters: [any DatasetAdapter] = FaceAttribute.allCases.map {
    FairFace($0, margin: Self.anyMargin)
  }

  private static let anyMargin = "any"

  private init(_ attribute: FaceAttribute, margin: String) {
    self.attribute = attribute
    self.margin = margin
    info = DatasetInfo(
      id: "FairFace-\(attribute)", aliases: ["fairface_\(attribute)"],
      title: "FairFace, \(attribute)",
      metric: "accuracy", classCount: attribute.labels(races: Self.races).count,
      splits: [
        SplitInfo(name: "train", variants: [SplitVariant("official", count: 86_744)]),
        SplitInfo(
          name: "val", aliases: ["valid", "validation", "test"],
          variants: [SplitVariant("official", count: 10_954)]),
      ], defaultSplit: "val")
  }

  private static func classes(_ attribute: FaceAttribute) -> [DatasetClass] {
    attribute.labels(races: races).map {
      DatasetClass(id: $0, name: $0.replacing("_", with: " ").lowercased())
    }
  }

  package var options: [DatasetOption] {
    [
      DatasetOption(
        "margin", default: Self.anyMargin, of: [Self.anyMargin, "025", "125"],
        meaning:
          "Which archive's images: 0.25 or 1.25 of the face's size around it; any takes what is there."
      )
    ]
  }

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    FairFace(attribute, margin: choices["margin"] ?? Self.anyMargin)
  }

  package var canonicalClasses: [DatasetClass]? { Self.classes(attribute) }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let list = "fairface_label_\(split.name).csv"
    for base in candidateFolders(root, ["fairface", "FairFace"]) {
      let url = base.appending(path: list)
      guard isFile(url) else { continue }
      let folder = try imageFolder(split.name, base: base)
      return try draft(url, images: folder).finish(info, split: split, sorted: true)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: ["fairface/\(list)", "FairFace/\(list)", "./\(list)"])
  }

  /// Below `base`; empty for itself.
  private func imageFolder(_ split: String, base: URL) throws -> (base: URL, name: String) {
    let names = (margin == Self.anyMargin ? ["025", "125"] : [margin]).flatMap { margin in
      ["fairface-img-margin\(margin)-trainval", "margin\(margin)", "fairface-margin\(margin)"]
    }
    var found = names.filter { isFolder(base.appending(path: "\($0)/\(split)")) }
    if found.isEmpty, isFolder(base.appending(path: split)) {
      // Nothing says which archive a folder without a name is from.
      if margin == Self.anyMargin { found = [""] }
    }
    guard let first = found.first else {
      let wanted = (names + (margin == Self.anyMargin ? ["."] : [])).map { "\($0)/\(split)" }
      throw EvalError(
        .notFound, "expected the images in one of \(wanted.joined(separator: ", "))",
        subject: base.path)
    }
    guard found.count == 1 else {
      throw EvalError(
        .notFound, "found the images of both archives, \(found.joined(separator: " and "))",
        subject: base.path, remedy: "Choose one with the dataset's option margin: 025 or 125.")
    }
    return (first.isEmpty ? base : base.appending(path: first), first)
  }

  private func draft(_ list: URL, images: (base: URL, name: String)) throws -> IndexDraft {
    let rows = try DelimitedText(parsing: readFile(list), separator: ",", subject: list.path).rows
    let header = rows.first?.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    guard let header, let file = header.firstIndex(of: "file"),
      let column = header.firstIndex(of: attribute.rawValue)
    else {
      throw EvalError(
        .malformedData,
        "expected a header with file and \(attribute), found `\(header?.joined(separator: ",") ?? "")`",
        subject: "\(list.path):1")
    }
    let classes = attribute.labels(races: Self.races)
    var draft = IndexDraft(layout: "fairface-csv", classes: Self.classes(attribute))
    var files = ListedFiles(base: images.base)
    for row in rows.dropFirst() {
      let place = "\(list.path):\(row.line)"
      guard row.fields.count == header.count else {
        throw EvalError(
          .malformedData, "expected \(header.count) fields, found \(row.fields.count)",
          subject: place)
      }
      guard let label = classes.firstIndex(of: row.fields[column]) else {
        throw EvalError(
          .malformedData,
          "expected the \(attribute) to be one of \(classes.joined(separator: ", ")), found `\(row.fields[column])`",
          subject: place,
          remedy: attribute == .age
            ? "Spreadsheet programs make dates of ages (3-9 becomes 9-Mar): take the list as it was published."
            : nil)
      }
      try files.add(row.fields[file], label: label, at: place)
    }
    draft.samples = files.samples
    if !images.name.isEmpty { draft.notes.append("images of \(images.name)") }
    return draft
  }
}
