import Core
package import Foundation

/// Any dataset that is a list of images: CSV, TSV or semicolons with a header, or JSON lines.
///
/// Paths are below the list's folder. Columns: an image (`filepath`, `image`, `path`, `file`, `filename`), a class
/// (`label`, `class`, `target`) and optionally its name (`title`, `name`).
package struct FileList: DatasetAdapter {
  package let info: DatasetInfo

  package init(id: String = "csv", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: id == "csv" ? ["jsonl", "list"] : [],
      title: "List of images (CSV, JSON lines)",
      metric: metric, classCount: nil, splits: [], defaultSplit: "all")
  }

  static let imageColumns = ["filepath", "image", "path", "file", "filename"]
  static let labelColumns = ["label", "class", "target"]
  static let titleColumns = ["title", "name"]
  private static let endings = ["csv", "tsv", "jsonl"]

  /// - Parameter root: the list itself, or a folder with `<split>.csv|.tsv|.jsonl`, or with `labels.…` for `all`.
  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let stems = name == "all" ? ["all", "labels"] : [name]
    let candidates = stems.flatMap { stem in Self.endings.map { "\(stem).\($0)" } }
    guard
      let list = isFile(root)
        ? root : candidates.map({ root.appending(path: $0) }).first(where: isFile)
    else {
      throw datasetNotFound(info, split: name, root: root, lookedFor: candidates)
    }
    let isJSON = ["jsonl", "ndjson", "json"].contains(list.pathExtension.lowercased())
    let rows = try isJSON ? Self.jsonRows(list) : Self.delimitedRows(list)
    guard !rows.isEmpty else {
      throw EvalError(.malformedData, "the list holds no images", subject: list.path)
    }
    let draft = try Self.draft(rows, layout: isJSON ? "jsonl" : "csv", list: list)
    return try draft.finish(info, split: SplitInfo(name: name), sorted: true)
  }

  package func splits(root: URL) throws -> [String] {
    if isFile(root) { return ["all"] }
    let lists = try listFolder(root.path).entries.filter {
      $0.kind == .file && Self.endings.contains(ImageFiles.fileExtension($0.name) ?? "")
    }
    let stems = lists.compactMap { $0.name.split(separator: ".").first.map(String.init) }
    return Set(stems.map { $0 == "labels" ? "all" : $0 }).sorted(by: bytewise)
  }

  private struct Row {
    var line: Int
    var image: String
    var label: String
    var title: String?
  }

  private static func draft(_ rows: [Row], layout: String, list: URL) throws -> IndexDraft {
    var titles: [String: (title: String, line: Int)] = [:]
    for row in rows {
      guard let title = row.title, !title.isEmpty else { continue }
      let known = titles[row.label] ?? (title, row.line)
      guard known.title == title else {
        throw EvalError(
          .malformedData,
          "class `\(row.label)` is called `\(title)` here and `\(known.title)` in line \(known.line)",
          subject: "\(list.path):\(row.line)")
      }
      titles[row.label] = known
    }
    let ids = ClassFolders.sortedClassNames(Set(rows.map(\.label)))
    let labels = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    var draft = IndexDraft(
      layout: layout, classes: ids.map { DatasetClass(id: $0, name: titles[$0]?.title ?? $0) })
    var files = ListedFiles(base: list.deletingLastPathComponent())
    for row in rows {
      guard let label = labels[row.label] else { continue }  // every label is in `ids`
      try files.add(row.image, label: label, at: "\(list.path):\(row.line)")
    }
    draft.samples = files.samples
    return draft
  }

  private static func delimitedRows(_ list: URL) throws -> [Row] {
    let rows = try DelimitedText(parsing: readFile(list), subject: list.path).rows
    let header = rows.first?.fields.map {
      $0.trimmingCharacters(in: .whitespaces).lowercased()
    }
    func column(_ names: [String]) -> Int? {
      names.lazy.compactMap { header?.firstIndex(of: $0) }.first
    }
    guard let header, let image = column(imageColumns), let label = column(labelColumns) else {
      throw EvalError(
        .malformedData,
        "expected a header with an image column (\(imageColumns.joined(separator: ", "))) and a class "
          + "column (\(labelColumns.joined(separator: ", "))), found `\(header?.joined(separator: ",") ?? "")`",
        subject: "\(list.path):\(rows.first?.line ?? 1)")
    }
    let title = column(titleColumns)
    return try rows.dropFirst().map { row in
      guard row.fields.count == header.count, !row.fields[label].isEmpty else {
        throw EvalError(
          .malformedData, "expected \(header.count) fields with a class, found \(row.fields.count)",
          subject: "\(list.path):\(row.line)")
      }
      return Row(
        line: row.line, image: row.fields[image], label: row.fields[label],
        title: title.map { row.fields[$0] })
    }
  }

  private static func jsonRows(_ list: URL) throws -> [Row] {
    try numberedLines(list).map { line, text in
      let place = "\(list.path):\(line)"
      do {
        let object = try JSONDecoder().decode([String: JSONScalar].self, from: Data(text.utf8))
        func value(_ names: [String]) -> String? {
          names.lazy.compactMap { object[$0]?.text }.first
        }
        guard let image = value(imageColumns), let label = value(labelColumns) else {
          throw EvalError(
            .malformedData,
            "expected {\"image\": …, \"label\": …}, found keys "
              + object.keys.sorted().joined(separator: ", "), subject: place)
        }
        return Row(line: line, image: image, label: label, title: value(titleColumns))
      } catch let error as DecodingError {
        throw EvalError(
          .malformedData, "expected one JSON object a line: \(error.place)", subject: place)
      }
    }
  }

  /// A string or whole number as text; nothing for other values.
  private struct JSONScalar: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let text = try? value.decode(String.self) {
        self.text = text
      } else if let number = try? value.decode(Int.self) {
        self.text = String(number)
      }
    }
  }
}
