import Core
import Foundation

/// Datasets whose images are `<Class>/<Class>_<number>.jpg` and whose splits are lists that name the files, with folders or not
/// (EuroSAT, RESISC45).
struct PrefixedImages {
  let base: URL
  let table: ClassTable
  let dataset: DatasetInfo

  /// `River_1.jpg` and `2750/River/River_1.jpg` both lie at `River/River_1.jpg`.
  static func location(_ listed: String) -> (path: String, owner: String)? {
    guard let file = listed.split(separator: "/").last, let end = file.lastIndex(of: "_") else {
      return nil
    }
    let owner = String(file[..<end])
    return ("\(owner)/\(file)", owner)
  }

  /// The first of the lists that is there; nil where none is.
  ///
  /// - Parameter names: of list files, beside the class folders or above.
  func draft(layout: String, lists names: [String]) throws -> IndexDraft? {
    let places = [base, base.deletingLastPathComponent()]
    let candidates = names.flatMap { name in places.map { $0.appending(path: name) } }
    guard let url = candidates.first(where: isFile) else { return nil }
    var draft = IndexDraft(layout: layout, classes: table.classes)
    var files = ListedFiles(base: base)
    for row in try DelimitedText(parsing: readFile(url), subject: url.path).rows {
      // Lists differ in columns; the one that names an image is the same in all of them.
      let tokens = row.fields.flatMap { $0.split(separator: " ").map(String.init) }
      guard let file = tokens.first(where: ImageFiles.isImage) else {
        if row.line == 1 { continue }  // a header
        throw EvalError(
          .malformedData,
          "expected the name of an image, found `\(row.fields.joined(separator: ","))`",
          subject: "\(url.path):\(row.line)")
      }
      guard let (path, owner) = Self.location(file), let label = table.label(of: owner) else {
        throw EvalError(
          .malformedData, "`\(file)` belongs to no class of \(dataset.title)",
          subject: "\(url.path):\(row.line)")
      }
      try files.add(path, label: label, at: "\(url.path):\(row.line)")
    }
    guard !files.isEmpty else {
      throw EvalError(.malformedData, "the list holds no images", subject: url.path)
    }
    draft.samples = files.samples
    draft.notes = ["split list \(url.lastPathComponent)"]
    return draft
  }
}
