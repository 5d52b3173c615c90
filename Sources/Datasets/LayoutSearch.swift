import Core
import Foundation

extension DatasetAdapter {
  /// The index of the first folder that holds the split: of those the dataset is known to lie in, or the data folder itself.
  ///
  /// - Parameters:
  ///   - folders: below the data folder.
  ///   - wanted: what was looked for in each, for the error.
  ///   - read: nil where the folder does not hold the split.
  func search(
    _ root: URL, split name: String, folders: [String], wanted: (SplitInfo) -> [String],
    read: (_ base: URL, _ split: SplitInfo) throws -> IndexDraft?
  ) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, folders) {
      if let draft = try read(base, split) {
        return try draft.finish(info, split: split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: wanted(split).flatMap { ["\(folders.first ?? ".")/\($0)", "./\($0)"] },
      found: ["Folders it may be called: \(folders.joined(separator: ", "))."])
  }
}

extension IndexDraft {
  /// The draft of a split that others make up (`trainval` of `train` and `val`), or of a single part.
  ///
  /// - Parameter read: nil where a part is not there.
  /// - Throws: `EvalError.notFound` when only some parts are there, `.malformedData` for a sample of two.
  static func joining(
    _ parts: [String], in base: URL, read: (String) throws -> IndexDraft?
  ) throws -> IndexDraft? {
    let drafts = try parts.map(read)
    guard var whole = drafts.compactMap(\.self).first else { return nil }
    if let absent = drafts.firstIndex(where: { $0 == nil }) {
      let present = drafts.firstIndex { $0 != nil } ?? 0
      throw EvalError(
        .notFound, "found \(parts[present]), but not \(parts[absent]), which belongs to this split",
        subject: base.path)
    }
    for draft in drafts.dropFirst().compactMap(\.self) {
      whole.samples += draft.samples
      whole.ignored += draft.ignored
      whole.notes += draft.notes
    }
    guard parts.count > 1 else { return whole }
    whole.ignored = Set(whole.ignored).sorted(by: bytewise)
    whole.notes = whole.notes.enumerated().filter { !whole.notes[..<$0].contains($1) }.map(\.1)
    var seen: Set<String> = []
    if let double = whole.samples.first(where: { !seen.insert($0.id).inserted }) {
      throw EvalError(
        .malformedData, "`\(double.id)` is in more than one of \(parts.joined(separator: ", "))",
        subject: base.path)
    }
    return whole
  }
}
