package import Core
package import Foundation

/// Where the features of one split, or of a list of texts, lie on disk, and what says whose they are.
package struct FeatureSource: Sendable, Equatable {
  package enum Layout: Sendable, Equatable {
    /// Tensors `features` [N, D] and, where known, `labels` [N] and `ids` (UTF-8, one a line).
    case safetensors(URL)
    /// Arrays of the same names; `ids` are not read.
    case npz(URL)
    /// The features alone, [N, D].
    case npy(URL)
    /// What clip-retrieval's `inference` writes: numbered parts of `img_emb/` or `text_emb/`, and `metadata/`.
    case clipRetrieval(folder: URL)
  }

  package var layout: Layout
  /// An npy file of N integers.
  package var labels: URL?
  /// A text file with N lines.
  package var ids: URL?
  /// A text file with one class id a line, in the order of the label numbers.
  package var classes: URL?

  package init(_ layout: Layout, labels: URL? = nil, ids: URL? = nil, classes: URL? = nil) {
    self.layout = layout
    self.labels = labels
    self.ids = ids
    self.classes = classes
  }

  /// The source a path names: a feature file with what lies beside it, or a folder of one.
  ///
  /// Beside `NAME.npy` are `NAME.labels.npy` and `NAME.ids.txt`; in a folder are `features.safetensors`, `.npz` or
  /// `.npy` with `labels.npy`, `ids.txt` and `classes.txt`, or clip-retrieval's `img_emb/` or `text_emb/`. Nil when the path is
  /// neither.
  ///
  /// - Throws: `EvalError.malformedData` when a folder holds several.
  package init?(at url: URL) throws(EvalError) {
    func existing(_ url: URL) -> URL? { isFile(url) ? url : nil }
    if isFile(url) {
      guard let layout = Self.layout(ofFile: url) else { return nil }
      let folder = url.deletingLastPathComponent()
      let stem = url.deletingPathExtension().lastPathComponent
      // `features.npy` in a folder of its own: its companions carry no prefix.
      let prefix = stem == "features" ? "" : "\(stem)."
      self.init(
        layout, labels: existing(folder.appending(path: "\(prefix)labels.npy")),
        ids: existing(folder.appending(path: "\(prefix)ids.txt")),
        classes: existing(folder.appending(path: "classes.txt")))
      return
    }
    guard isFolder(url) else { return nil }
    var found = ["safetensors", "npz", "npy"].map { url.appending(path: "features.\($0)") }
      .filter(isFile)
    if ["img_emb", "text_emb"].contains(where: { isFolder(url.appending(path: $0)) }) {
      found.append(url)
    }
    guard found.count < 2 else {
      throw EvalError(
        .malformedData,
        "expected one set of features, found \(found.map(\.lastPathComponent).joined(separator: " and "))",
        subject: url.path, remedy: "Remove all but one.")
    }
    guard let only = found.first else { return nil }
    self.init(
      Self.layout(ofFile: only) ?? .clipRetrieval(folder: url),
      labels: existing(url.appending(path: "labels.npy")),
      ids: existing(url.appending(path: "ids.txt")),
      classes: existing(url.appending(path: "classes.txt")))
  }

  /// What messages call it.
  package var url: URL {
    switch layout {
    case .safetensors(let url), .npz(let url), .npy(let url), .clipRetrieval(let url): url
    }
  }

  /// For tables: `safetensors`, `npz`, `npy` or `clip-retrieval`.
  package var layoutName: String {
    switch layout {
    case .safetensors: "safetensors"
    case .npz: "npz"
    case .npy: "npy"
    case .clipRetrieval: "clip-retrieval"
    }
  }

  private static func layout(ofFile url: URL) -> Layout? {
    switch url.pathExtension.lowercased() {
    case "safetensors": .safetensors(url)
    case "npz": .npz(url)
    case "npy": .npy(url)
    default: nil
    }
  }
}
