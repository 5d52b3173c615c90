package import Core
package import Foundation

/// Finished fits in a folder, one file each (`ProbeFile`), so that a search that was stopped goes on where it was.
///
/// A file is named by the SHA-256 of its key and of what it was fitted on, and holds both: it is never taken for another fit. One that is
/// damaged is told and fitted again.
package struct FolderCheckpoints: FitCheckpoints {
  package let folder: URL
  /// What the fits are of, in full: hashes of features and labels, which rows.
  package let subject: String
  private let isMultiLabel: Bool
  private let notice: @Sendable (EvalError) -> Void

  /// - Parameters:
  ///   - subject: differs where anything differs that a fit depends on and that its key leaves out.
  ///   - notice: is told of a damaged file.
  package init(
    _ folder: URL, subject: String, isMultiLabel: Bool,
    notice: @escaping @Sendable (EvalError) -> Void
  ) {
    self.folder = folder
    self.subject = subject
    self.isMultiLabel = isMultiLabel
    self.notice = notice
  }

  private static let subjectNote = "checkpoint_subject"
  private static let keyNote = "checkpoint_key"

  package func file(_ key: String) -> URL {
    folder.appending(path: "\(SHA256.hash("\(subject)\0\(key)").hex).safetensors")
  }

  package func load(_ key: String) throws -> Fit? {
    let url = file(key)
    guard isFile(url) else { return nil }
    do {
      let probe = try ProbeFile(contentsOf: url)
      guard probe.notes[Self.subjectNote] == subject, probe.notes[Self.keyNote] == key else {
        throw EvalError(.malformedData, "holds another fit than its name says", subject: url.path)
      }
      return probe.fit
    } catch var error as EvalError {
      error.remedy = "It is fitted again."
      notice(error)
      return nil
    }
  }

  package func save(_ fit: Fit, key: String) throws {
    try ProbeFile(
      fit: fit, isMultiLabel: isMultiLabel,
      notes: [Self.subjectNote: subject, Self.keyNote: key]
    ).write(to: file(key))
  }
}
