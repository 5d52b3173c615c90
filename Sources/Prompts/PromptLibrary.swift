import Core
package import Foundation
import Synchronization

/// The prompt sets in one or more folders laid out as `<dataset>/<set>.yaml`; earlier folders win. A file is read once.
package struct PromptLibrary: Sendable {
  /// Templates for any dataset (`bare`, `single`).
  package static let genericDataset = "generic"

  package struct Entry: Sendable {
    package var dataset: String
    package var name: String
    package var url: URL

    /// The set with the lines of its file.
    package func file() throws -> PromptSetFile {
      let file = try PromptSetFile(contentsOf: url)
      try check(file.set)
      return file
    }

    fileprivate func check(_ set: PromptSet) throws {
      guard set.dataset == dataset, set.name == name else {
        throw EvalError(
          .malformedData,
          "the file says dataset \"\(set.dataset)\" and set \"\(set.name)\", its place says "
            + "\"\(dataset)\" and \"\(name)\"",
          subject: url.path)
      }
    }
  }

  package let roots: [URL]
  /// By dataset, then set, bytewise.
  package let entries: [Entry]
  private let files = PromptFiles()

  /// Lists the folders; files are read when asked for.
  /// - Throws: `EvalError.notFound` for a folder that cannot be listed.
  package init(roots: [URL]) throws {
    self.roots = roots
    var found: [String: Entry] = [:]
    for root in roots {
      for dataset in try Self.contents(root) where !dataset.hasPrefix(".") {
        let folder = root.appending(path: dataset)
        guard isFolder(folder) else { continue }
        for file in try Self.contents(folder) where file.hasSuffix(".yaml") && !file.hasPrefix(".")
        {
          let entry = Entry(
            dataset: dataset, name: String(file.dropLast(5)), url: folder.appending(path: file))
          let key = "\(dataset)/\(entry.name)"
          if found[key] == nil { found[key] = entry }
        }
      }
    }
    entries = found.values.sorted {
      ($0.dataset, $0.name) < ($1.dataset, $1.name)
    }
  }

  /// Every set, read and checked.
  package func list() throws -> [(entry: Entry, set: PromptSet)] {
    try entries.map { ($0, try read($0)) }
  }

  /// The sets that a reference means: `ImageNet/openai-2021`, or all of a dataset, `ImageNet`.
  /// - Throws: `EvalError.notFound` with near misses.
  package func entries(named reference: String) throws -> [Entry] {
    let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1 {
      let found = entries.filter { $0.dataset == reference }
      guard !found.isEmpty else { throw notFound(dataset: reference, set: nil) }
      return found
    }
    guard parts.count == 2, let found = entry(dataset: parts[0], parts[1]) else {
      throw notFound(dataset: parts[0], set: parts.dropFirst().joined(separator: "/"))
    }
    return [found]
  }

  /// - Throws: `EvalError.notFound` with near misses, or what reading the file throws.
  package func find(dataset: String, set name: String) throws -> PromptSet {
    guard let entry = entry(dataset: dataset, name) else {
      throw notFound(dataset: dataset, set: name)
    }
    return try read(entry)
  }

  private func notFound(dataset: String, set name: String?) -> EvalError {
    let names = entries.filter { $0.dataset == dataset }.map(\.name)
    let datasets = Array(Set(entries.map(\.dataset))).sorted()
    let hint =
      names.isEmpty
      ? NearMiss.hint(for: dataset, among: datasets)
        ?? "Datasets with prompts: \(datasets.joined(separator: ", "))."
      : name.flatMap { NearMiss.hint(for: $0, among: names) }
        ?? "Sets of \(dataset): \(names.joined(separator: ", "))."
    return EvalError(
      .notFound,
      (name.map { "no prompt set \"\($0)\"" } ?? "no prompt set")
        + " for the dataset \"\(dataset)\" in "
        + roots.map(\.path).joined(separator: ", ") + ".",
      remedy: hint)
  }

  /// The set a suite or flag refers to: `openai-2021` (of the dataset, of the one whose classes it has, or else a generic one),
  /// `ImageNet/openai-2021`, or the path of a `.yaml` file; with `#3` at its end the third template of that set alone.
  ///
  /// - Throws: `EvalError.notFound` with near misses, also for a number beyond the set's templates; `.usage`; what reading the
  ///   file throws.
  package func resolve(_ reference: String, dataset: String) throws -> PromptSet {
    let parsed = try TemplateReference(reference)
    let set = try self.set(parsed.set, dataset: dataset)
    return try parsed.number.map { try set.single($0) } ?? set
  }

  private func set(_ reference: String, dataset: String) throws -> PromptSet {
    if TemplateReference.isFile(reference) {
      return try files.set(at: URL(filePath: reference))
    }
    let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 1:
      let owners = [dataset, Self.lenders[dataset], Self.genericDataset].compactMap(\.self)
      let owner = owners.first { entry(dataset: $0, reference) != nil }
      return try find(dataset: owner ?? dataset, set: reference)
    case 2: return try find(dataset: parts[0], set: parts[1])
    default:
      throw EvalError(
        .usage, "expected SET, DATASET/SET or the path of a .yaml file, found \"\(reference)\"")
    }
  }

  private func entry(dataset: String, _ name: String) -> Entry? {
    entries.first { $0.dataset == dataset && $0.name == name }
  }

  private func read(_ entry: Entry) throws -> PromptSet {
    let set = try files.set(at: entry.url)
    try entry.check(set)
    return set
  }

  private static func contents(_ folder: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw EvalError(.notFound, "expected a folder that can be listed", subject: folder.path)
    }
  }
}

/// Prompt files that were read, so that the tasks of a run that share a set read it once, and all read the same.
private final class PromptFiles: Sendable {
  private let sets = Mutex<[String: PromptSet]>([:])

  func set(at url: URL) throws -> PromptSet {
    if let known = sets.withLock({ $0[url.path] }) { return known }
    let set = try PromptSet(contentsOf: url)
    sets.withLock { $0[url.path] = set }
    return set
  }
}
