import Core
import Foundation

/// Samples that a list names, with the sizes that the disk gives. An entry whose file is missing stays a sample:
/// it counts, and fails when it is read.
struct ListedFiles {
  let base: URL
  private var sizes: [String: [String: Int]] = [:]
  private var seen: Set<String> = []
  private(set) var samples: [DatasetSample] = []

  /// - Parameter base: ids are the listed paths, which lie below it.
  init(base: URL) { self.base = base }

  /// - Parameter place: file and line of the entry, for errors.
  mutating func add(_ path: String, label: Int, at place: String) throws {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.isEmpty, !path.contains("\0"), parts.allSatisfy({ $0 != "" || path.hasPrefix("/") })
    else {
      throw EvalError(
        .malformedData, "expected a path of an image, found `\(path)`", subject: place)
    }
    guard seen.insert(path).inserted else {
      throw EvalError(
        .malformedData, "`\(path)` is listed twice", subject: place,
        remedy: "Each image may occur once in a split.")
    }
    let url =
      path.hasPrefix("/")
      ? URL(filePath: path, directoryHint: .notDirectory)
      : URL(filePath: base.path + "/" + path, directoryHint: .notDirectory)
    samples.append(
      DatasetSample(id: path, label: label, source: .file(url), byteCount: size(of: url.path)))
  }

  /// Reads each folder once: lists have tens of thousands of entries in few folders.
  private mutating func size(of path: String) -> Int? {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let folder = String(path[..<slash])
    let name = String(path[path.index(after: slash)...])
    if sizes[folder] == nil {
      let entries = (try? listFolder(folder).entries) ?? []
      sizes[folder] = Dictionary(
        entries.compactMap { entry in entry.size.map { (entry.name, $0) } },
        uniquingKeysWith: { first, _ in first })
    }
    return sizes[folder]?[name]
  }
}
