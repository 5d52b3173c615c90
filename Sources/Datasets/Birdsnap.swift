import Core
package import Foundation

/// Birdsnap (Berg et al. 2014): 500 species of North American birds. The archive lists addresses; what can still be fetched of them
/// shrinks, so the images that are listed and absent are no samples, and their number is noted; the paper, too, reports on what was left.
package struct Birdsnap: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "Birdsnap", aliases: ["birdsnap-1.1"], title: "Birdsnap", metric: "accuracy",
    classCount: 500,
    splits: [
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("official", count: 47_386), SplitVariant("the paper's", count: 42_283),
        ]),
      SplitInfo(
        name: "test",
        variants: [
          SplitVariant("official", count: 2443), SplitVariant("the paper's", count: 2149),
        ]),
      SplitInfo(
        name: "all",
        variants: [
          SplitVariant("official", count: 49_829),
          SplitVariant("Hugging Face, sasha/birdsnap", count: 39_860),
        ]),
    ], defaultSplit: "test")

  private static let table = ClassTable(ids: FolderNames.birdsnap)
  private static let folders = ["birdsnap", "Birdsnap", "birdsnap/birdsnap"]
  /// `get_birdsnap.py` writes into the first.
  private static let imageFolders = ["download/images", "images", "download"]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        split.name == "all"
          ? ["images.txt with download/images/<species>/", "download/images/<species>/"]
          : [
            "images.txt and test_images.txt with download/images/<species>/",
            "\(split.name)/<species>/",
          ]
      }, read: read)
  }

  private func read(_ base: URL, _ split: SplitInfo) throws -> IndexDraft? {
    let all = base.appending(path: "images.txt")
    let test = base.appending(path: "test_images.txt")
    let folder = Self.imageFolders.first { isFolder(base.appending(path: $0)) }
    guard let folder, isFile(all) || isFile(test) else {
      let prefix = split.name == "all" ? folder ?? Self.imageFolders[0] : split.name
      return try ClassFolders.draft(
        layout: "birdsnap-folders", base: base, prefix: prefix, of: Self.table, dataset: info)
    }
    switch split.name {
    case "test":
      guard isFile(test) else { return nil }
      return try draft(Self.rows(test), base: base, folder: folder)
    case "all":
      guard isFile(all) else { return nil }
      return try draft(Self.rows(all), base: base, folder: folder)
    default:
      guard isFile(all) else { return nil }
      guard isFile(test) else {
        throw EvalError(
          .notFound, "expected the list of the test images, which are not for training",
          subject: test.path)
      }
      let held = Set(try Self.rows(test).map(\.path))
      return try draft(
        Self.rows(all).filter { !held.contains($0.path) }, base: base, folder: folder)
    }
  }

  private typealias Row = (path: String, place: String)

  /// The column `path` of a table with tabs and a header; the test list has no other.
  private static func rows(_ url: URL) throws -> [Row] {
    let rows = try DelimitedText(parsing: readFile(url), separator: "\t", subject: url.path).rows
    guard let column = rows.first?.fields.firstIndex(of: "path") else {
      throw EvalError(
        .malformedData, "expected a header with the column `path`", subject: "\(url.path):1")
    }
    let result = try rows.dropFirst().map { row in
      guard row.fields.indices.contains(column) else {
        throw EvalError(
          .malformedData, "expected \(column + 1) fields or more, found \(row.fields.count)",
          subject: "\(url.path):\(row.line)")
      }
      return (row.fields[column], "\(url.path):\(row.line)")
    }
    guard !result.isEmpty else {
      throw EvalError(.malformedData, "the list holds no images", subject: url.path)
    }
    return result
  }

  private func draft(_ rows: [Row], base: URL, folder: String) throws -> IndexDraft {
    var draft = IndexDraft(layout: "birdsnap", classes: Self.table.classes)
    var files = ListedFiles(base: base)
    for row in rows {
      let parts = row.path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let label = Self.table.label(of: parts[0]) else {
        throw EvalError(
          .malformedData, "expected `<species>/<image>`, found `\(row.path)`", subject: row.place)
      }
      try files.add("\(folder)/\(row.path)", label: label, at: row.place)
    }
    draft.samples = files.samples.filter { $0.byteCount != nil }
    let missing = files.samples.filter { $0.byteCount == nil }
    guard !draft.samples.isEmpty || missing.isEmpty else {
      throw EvalError(
        .notFound,
        "none of the \(missing.count) listed images is there, \(missing[0].id) the first",
        subject: base.path, remedy: "get_birdsnap.py of the archive fetches what is still online.")
    }
    if let first = missing.first {
      draft.notes.append(
        "\(missing.count) of \(files.samples.count) listed images are absent, \(first.id) the first: many addresses are dead"
      )
    }
    return draft
  }
}
