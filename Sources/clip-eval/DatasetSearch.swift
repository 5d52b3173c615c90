import ArgumentParser
import Core
import Datasets
import Foundation

/// Which of the known datasets a folder holds: every adapter is asked for its splits. The generic layouts (a
/// folder of images, a list, tar shards) are tried only where no dataset is recognised, since they fit many.
struct DatasetSearch {
  private struct Found: Codable {
    let dataset: String
    /// The folder below the one that was asked about; nil for that one, and for datasets that are known by name.
    @ExplicitNull var folder: String?
    let split: String
    let layout: String
    let samples: Int
    @ExplicitNull var expected: Int?
    @ExplicitNull var variant: String?
    let partial: Bool
    let classes: Int
    /// Of a dataset of captions, which has no classes.
    @ExplicitNull var captions: Int?
    let fingerprint: String
    let notes: [String]
  }
  /// Something that looks like a dataset but cannot be read.
  private struct Problem: Codable {
    let dataset: String
    let split: String
    let message: String
  }
  private struct Document: Encodable {
    let path: String
    let datasets: [Found]
    let problems: [Problem]
  }

  private let url: URL
  private var found: [Found] = []
  private var problems: [Problem] = []

  /// - Throws: `EvalError.notFound` when nothing is recognised.
  init(_ url: URL) throws {
    self.url = url
    let (named, generic) = DatasetRegistry.all.reduce(
      into: ([any DatasetAdapter](), [any DatasetAdapter]())
    ) { lists, adapter in
      if adapter.info.splits.isEmpty { lists.1.append(adapter) } else { lists.0.append(adapter) }
    }
    for adapter in named { look(adapter, in: url) }
    if found.isEmpty {
      let named = problems
      problems = []
      let sets = try Self.foldersOfDatasets(in: url)
      for adapter in generic where sets.isEmpty || adapter.info.id != ImageFolder().info.id {
        look(adapter, in: url)
      }
      for folder in found.isEmpty ? sets : [] {
        for adapter in generic { look(adapter, in: url.appending(path: folder), named: folder) }
      }
      // A generic layout that fits explains the folder; one that fails says nothing about it.
      problems = named
    }
    guard !found.isEmpty || !problems.isEmpty else {
      guard isFolder(url) else { throw Self.noList(url) }
      throw EvalError(
        .notFound,
        "holds no checkpoint (config.json), no run (run.json) and no known dataset layout",
        subject: url.path,
        remedy: "`clip-eval doctor DATASET --data-root \(url.path)` says what was looked for.")
    }
  }

  private static func noList(_ url: URL) -> EvalError {
    let run = url.deletingLastPathComponent()
    let isOfRun = FileManager.default.fileExists(atPath: run.appending(path: "run.json").path)
    return EvalError(
      .malformedData, "is no list of images: expected the columns filepath and label",
      subject: url.path,
      remedy: isOfRun ? "It belongs to a run: `clip-eval inspect \(run.path)`." : nil)
  }

  /// The folders in a folder that holds datasets rather than classes: none of them has an image in it, and all of them have folders.
  private static func foldersOfDatasets(in url: URL) throws -> [String] {
    guard isFolder(url) else { return [] }
    let folders = try FolderContents.folders(in: url)
    guard !Set(folders).isSubset(of: ImageFolder.splitNames) else { return [] }
    let looksLikeDatasets = try folders.contains {
      let inside = url.appending(path: $0)
      return try !FolderContents.folders(in: inside).isEmpty
        && !FolderContents.hasImages(in: inside)
    }
    let looksLikeClasses = try folders.contains {
      try FolderContents.hasImages(in: url.appending(path: $0))
    }
    return looksLikeDatasets && !looksLikeClasses ? folders : []
  }

  private mutating func look(
    _ adapter: any DatasetAdapter, in url: URL, named folder: String? = nil
  ) {
    for split in (try? adapter.splits(root: url)) ?? [] {
      do {
        let index = try FolderCache.$current.withValue(FolderCache(trust: .folders)) {
          try adapter.index(root: url, split: split)
        }
        let captions = index.captions?.captions.count ?? index.composition?.captions.count
        found.append(
          Found(
            dataset: index.dataset, folder: folder, split: index.split, layout: index.layout,
            samples: index.samples.count, expected: index.expectedCount, variant: index.variant,
            partial: index.isPartial, classes: captions == nil ? index.classes.count : 0,
            captions: captions, fingerprint: index.fingerprint.hex,
            notes: index.notes))
      } catch let error as EvalError where error.kind == .notFound {
        continue
      } catch {
        problems.append(
          Problem(dataset: adapter.info.id, split: split, message: "\(error)"))
      }
    }
  }

  func show(json: Bool) throws {
    if json {
      try Output.json(
        Described(
          kind: "dataset-folder",
          value: Document(path: url.path, datasets: found, problems: problems)))
    } else {
      if !found.isEmpty { try Output.table(table, rightAligned: [3, 4, 5]) }
      for found in found {
        for note in found.notes { try Output.line("\(found.dataset), \(found.split): \(note)") }
      }
      for problem in problems {
        try Output.line("\(problem.dataset), \(problem.split): malformed: \(problem.message)")
      }
    }
    if found.isEmpty { throw ExitCode(EvalError.Kind.malformedData.rawValue) }
  }

  private var table: [[String]] {
    [["dataset", "split", "layout", "samples", "expected", "classes", "variant"]]
      + found.map {
        [
          $0.folder.map { "\($0)/" } ?? $0.dataset, $0.split, $0.layout, "\($0.samples)",
          $0.expected.map(String.init) ?? "–",
          $0.captions.map { "\($0) captions" } ?? "\($0.classes)",
          $0.variant ?? ($0.partial ? "partial" : "–"),
        ]
      }
  }
}
