import Core
import Foundation

/// Text files that list the images of splits, one a line.
struct ImageLists {
  /// What a line names: an image below the base folder, and what the list or the path calls its class.
  typealias Entry = (path: String, owner: String)

  private let base: URL
  private let table: ClassTable
  private let form: String
  private let entry: (String) -> Entry?
  private var files: ListedFiles

  /// - Parameters:
  ///   - form: what a line looks like, for errors.
  ///   - entry: nil for a line that is of another form.
  init(
    base: URL, table: ClassTable, form: String, entry: @escaping (_ line: String) -> Entry?
  ) {
    self.base = base
    self.table = table
    self.form = form
    self.entry = entry
    files = ListedFiles(base: base)
  }

  /// The images of one list, or nil where it is not there.
  ///
  /// - Parameter header: a first line that is no image.
  /// - Throws: `EvalError.malformedData` with the line for another form, an unknown class or an image that is listed twice, and
  ///   for an empty list.
  func draft(_ url: URL, layout: String, header: String? = nil) throws -> IndexDraft? {
    guard isFile(url) else { return nil }
    var files = self.files
    for (line, text) in try numberedLines(url) where !(line == 1 && text == header) {
      let place = "\(url.path):\(line)"
      guard let (path, owner) = entry(text) else {
        throw EvalError(.malformedData, "expected \(form), found `\(text)`", subject: place)
      }
      guard let label = table.label(of: owner) else {
        throw EvalError(
          .malformedData, "`\(owner)` is none of the \(table.classes.count) classes", subject: place
        )
      }
      try files.add(path, label: label, at: place)
    }
    guard !files.isEmpty else {
      throw EvalError(.malformedData, "the list holds no images", subject: url.path)
    }
    var draft = IndexDraft(layout: layout, classes: table.classes)
    draft.samples = files.samples
    return draft
  }

  /// The images of all the lists that are there. Lines of another form are passed over: they are told of where the list is read.
  func paths(_ urls: [URL]) -> Set<String> {
    var paths: Set<String> = []
    for url in urls {
      for (_, text) in (try? numberedLines(url)) ?? [] {
        if let path = entry(text)?.path { paths.insert(path) }
      }
    }
    return paths
  }
}

extension IndexDraft {
  /// Adds to `ignored` what lies below `base/folder` and no list names.
  mutating func ignoreUnlisted(below folder: String, base: URL, listed: Set<String>) throws {
    var tree = ImageTree(base: base)
    try tree.scan(folder)
    ignored += tree.ignored
    let unlisted = tree.files.filter { !listed.contains($0.path) }
    ignored += unlisted.map(\.path)
    if !unlisted.isEmpty {
      notes.append(counted(unlisted.count, "image is", "images are") + " in no list")
    }
  }
}
