import Core
import Foundation

/// Where the list of a preset may lie: beside the images and in the folders around them up to the data folder, in the data folder, below it
/// under the dataset's names, and beside the preset.
struct ListSearch {
  let folders: [URL]

  init(root: URL, dataset: DatasetInfo, candidates: DatasetIndex, extra: URL?) {
    let root = root.standardizedFileURL
    var folders: [URL] = []
    for case .file(let url) in candidates.samples.prefix(1).map(\.source) {
      var folder = url.standardizedFileURL.deletingLastPathComponent()
      // The root itself, or the class folder in it, may be what `--data-root` names.
      for _ in 0..<8 where folder.path.hasPrefix(root.path) {
        folders.append(folder)
        folder = folder.deletingLastPathComponent()
      }
    }
    folders.append(root)
    folders +=
      ([dataset.id, dataset.id.lowercased()] + dataset.aliases.filter { !$0.contains("/") })
      .map { root.appending(path: $0) }
    folders += [extra].compactMap(\.self)
    var seen: Set<String> = []
    self.folders = folders.filter { seen.insert($0.path).inserted && isFolder($0) }
  }

  func find(_ file: String) -> URL? {
    folders.map { $0.appending(path: file) }.first(where: isFile)
  }
}

/// A list of images, one a line, in any of the forms that circulate: a path or file name alone, with a label behind it, in a column of a
/// table, or inside an archive (`test.zip@path/in/zip.jpg 17`). Labels are those of the dataset.
enum SampleListFile {
  /// Positions of the listed samples, rising.
  /// - Throws: `EvalError.malformedData` with file and line for an image that the dataset does not have, that could be several, or that
  ///   is listed twice.
  static func rows(of url: URL, in index: DatasetIndex) throws -> [Int] {
    var byStem: [String: [Int]] = [:]
    for (position, sample) in index.samples.enumerated() {
      byStem[CanonicalID.stem(of: sample.id), default: []].append(position)
    }
    var rows: Set<Int> = []
    let text = try DelimitedText(parsing: readFile(url), subject: url.path)
    for (number, row) in text.rows.enumerated() {
      let place = "\(url.path):\(row.line)"
      let tokens = row.fields.flatMap { field in
        [field] + field.split(separator: " ").map(String.init)
      }
      guard let named = tokens.last(where: ImageFiles.isImage) else {
        if number == 0 { continue }  // a header
        throw EvalError(
          .malformedData,
          "expected the name of an image, found `\(row.fields.joined(separator: ","))`",
          subject: place)
      }
      let path = named.split(separator: "@").last.map(String.init) ?? named
      let row = try position(of: path, byStem, index, place: place)
      guard rows.insert(row).inserted else {
        throw EvalError(.malformedData, "`\(path)` is listed twice", subject: place)
      }
    }
    return rows.sorted()
  }

  private static func position(
    of path: String, _ byStem: [String: [Int]], _ index: DatasetIndex, place: String
  ) throws(EvalError) -> Int {
    let found = byStem[CanonicalID.stem(of: path)] ?? []
    if found.count == 1 { return found[0] }
    let folder = path.split(separator: "/").dropLast().last.map(String.init)
    let ofClass = found.filter {
      index.hasClassLabels && index.classes[index.samples[$0].label].id == folder
    }
    if ofClass.count == 1 { return ofClass[0] }
    throw EvalError(
      .malformedData,
      found.isEmpty
        ? "the dataset has no image `\(path)`" : "`\(path)` could be any of \(found.count) images",
      subject: place)
  }
}
