import Core
package import Foundation

/// FGVC Aircraft (Maji et al. 2013): 100 variants (`Boeing 717`, `F/A-18`) in `variants.txt`, with coarser levels beside.
package struct FGVCAircraft: DatasetAdapter {
  private enum Level: String, CaseIterable {
    case variant, family, manufacturer

    /// The file with the classes.
    var list: String {
      switch self {
      case .variant: "variants.txt"
      case .family: "families.txt"
      case .manufacturer: "manufacturers.txt"
      }
    }

    var count: Int {
      switch self {
      case .variant: 100
      case .family: 70
      case .manufacturer: 30
      }
    }
  }

  private let level: Level
  package let info: DatasetInfo

  package init() { self.init(level: .variant) }

  private init(level: Level) {
    self.level = level
    info = DatasetInfo(
      id: "FGVCAircraft",
      aliases: [
        "fgvc_aircraft", "fgvc-aircraft", "fgvc-aircraft-2013b", "vtab/aircraft", "aircraft",
      ],
      title: "FGVC Aircraft", metric: "mean-per-class", classCount: level.count,
      splits: [
        SplitInfo(name: "train", variants: [SplitVariant("official", count: 3334)]),
        SplitInfo(
          name: "val", aliases: ["valid", "validation"],
          variants: [SplitVariant("official", count: 3333)]),
        SplitInfo(
          name: "trainval", aliases: ["train+val"],
          variants: [SplitVariant("official", count: 6667)]),
        SplitInfo(name: "test", variants: [SplitVariant("official", count: 3333)]),
      ], defaultSplit: "test")
  }

  package let options = [
    DatasetOption(
      "level", default: "variant", of: Level.allCases.map(\.rawValue),
      meaning: "What a class is; the paper's are the variants.")
  ]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    FGVCAircraft(level: choices["level"].flatMap(Level.init) ?? .variant)
  }

  /// The first ones are the archive's; CoOp moves the contents of `data` up.
  private static let folders = [
    "fgvc-aircraft-2013b/data", "fgvc_aircraft", "fgvc-aircraft-2013b",
    "fgvc-aircraft-2013b/fgvc-aircraft-2013b/data", "fgvc_aircraft/data", "FGVCAircraft", "data",
  ]

  /// Of the variants; the other levels' classes are in the archive's lists alone.
  package var canonicalClasses: [DatasetClass]? {
    level == .variant ? Self.variants.classes : nil
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders, wanted: { ["\(listName($0.name)) with images/"] },
      read: read)
  }

  private func listName(_ split: String) -> String { "images_\(level.rawValue)_\(split).txt" }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    let list = base.appending(path: listName(split.name))
    guard isFile(list), isFolder(base.appending(path: "images")) else { return nil }
    let lists = ImageLists(
      base: base, table: try classes(base), form: "<image> <\(level.rawValue)>", entry: Self.entry)
    guard var draft = try lists.draft(list, layout: "fgvc-aircraft-2013b") else { return nil }
    let all = ["trainval", "test"].map { base.appending(path: listName($0)) }
    if all.allSatisfy(isFile) {
      try draft.ignoreUnlisted(below: "images", base: base, listed: lists.paths(all))
    }
    return draft
  }

  private static let variants = ClassTable(
    FolderNames.aircraftVariants.map { DatasetClass(id: $0, name: $0) })

  private func classes(_ base: URL) throws -> ClassTable {
    let url = base.appending(path: level.list)
    let found = isFile(url) ? try numberedLines(url).map(\.text) : nil
    guard level == .variant else {
      guard let found, !found.isEmpty else {
        throw EvalError(.notFound, "expected the list of the classes", subject: url.path)
      }
      guard Set(found).count == found.count else {
        throw EvalError(.malformedData, "a class is listed twice", subject: url.path)
      }
      return ClassTable(found.map { DatasetClass(id: $0, name: $0) })
    }
    let known = Set(FolderNames.aircraftVariants)
    if let found, Set(found) != known {
      let other = found.first { !known.contains($0) }
      throw EvalError(
        .malformedData,
        other.map { "`\($0)` is no variant of FGVC Aircraft" }
          ?? "expected the 100 variants, found \(Set(found).count)", subject: url.path)
    }
    return Self.variants
  }

  /// `1025794 707-320`, `0481847 Boeing 717`: names have spaces and slashes.
  private static func entry(_ text: String) -> ImageLists.Entry? {
    guard let space = text.firstIndex(of: " ") else { return nil }
    let name = text[space...].trimmingCharacters(in: .whitespaces)
    let image = text[..<space]
    guard !name.isEmpty, !image.contains("/") else { return nil }
    return ("images/\(image).jpg", name)
  }
}
