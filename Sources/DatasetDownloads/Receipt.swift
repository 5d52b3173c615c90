import Core
import Datasets
import Foundation

/// What says in a data folder that a file of a dataset was put in place.
struct Receipt {
  struct Content: Codable {
    var file: String
    /// The published hash that it had, if one is known.
    @ExplicitNull var hash: String?
    var verified: Bool
    /// Files that it held.
    var files: Int
    /// Their topmost names.
    var names: [String]

    /// Whether any of it was taken away since.
    func isStill(in folder: URL) -> Bool {
      names.allSatisfy { FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
    }
  }

  private let url: URL
  private let file: DatasetSource.File

  init(_ file: DatasetSource.File, dataset: String, dataRoot: URL) {
    self.file = file
    url = dataRoot.appending(path: ".clip-eval/\(dataset)/\(file.name).json")
  }

  /// Nil where there is none, or one of another version of the file.
  func read() -> Content? {
    guard let data = try? Data(contentsOf: url),
      let content = try? JSONDecoder().decode(Content.self, from: data),
      content.file == file.name, content.hash == file.sha256 ?? file.md5
    else { return nil }
    return content
  }

  func write(verified: Bool, files: Int, names: [String]) throws {
    let content = Content(
      file: file.name, hash: file.sha256 ?? file.md5, verified: verified, files: files, names: names
    )
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw EvalError(.cannotWrite, "cannot make this folder", subject: folder.path)
    }
    try AtomicFile.write(CanonicalJSON.encode(content), to: url)
  }
}
