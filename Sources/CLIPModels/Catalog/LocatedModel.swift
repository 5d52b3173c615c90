package import Core
package import Foundation

/// A model that a user named, found on this disk.
package struct LocatedModel: Sendable {
  /// Its file or folder.
  package var url: URL
  /// What results call it: the catalog's name where it was found by one, the repository's where it was found by that, else
  /// the last part of its path.
  package var name: String
  /// Nil for a path, and for a repository that the catalog does not know.
  package var entry: CatalogModel?
  /// What the hash of the weights must be; nil where nobody says.
  package var weightsSHA256: SHA256Digest?

  package init(
    url: URL, name: String, entry: CatalogModel? = nil, weightsSHA256: SHA256Digest? = nil
  ) {
    self.url = url
    self.name = name
    self.entry = entry
    self.weightsSHA256 = weightsSHA256
  }

  package init(path: String) {
    let url = URL(filePath: path)
    self.init(url: url, name: url.standardizedFileURL.lastPathComponent)
  }

  /// The checkpoint that was opened here.
  /// - Throws: `EvalError.malformedData` when it cannot be the model of the catalog that it was named as.
  package func check(_ checkpoint: Checkpoint) throws {
    guard let conflict = entry?.conflict(with: checkpoint) else { return }
    throw EvalError(
      .malformedData, "is not the catalog's \(name): \(conflict)", subject: url.path,
      remedy: "Remove it from there, or name it by its path.")
  }

  /// A hash of the weights, once somebody has computed it.
  /// - Throws: `EvalError.malformedData` when it is not the one the catalog gives.
  package func check(weights found: SHA256Digest) throws {
    guard let expected = weightsSHA256, found != expected else { return }
    throw EvalError(
      .malformedData,
      "is not the catalog's \(name): expected SHA-256 \(expected), found \(found)",
      subject: url.path,
      remedy: "Delete it and `clip-eval download model \(name)`, or name the file by its path.")
  }
}
