import Core
package import Foundation
import Synchronization

/// The presets of splits in a folder laid out as `<dataset>/<preset>.yaml`. A dataset's files are read when it is asked for, once.
package final class SplitLibrary: Sendable {
  package let root: URL
  private let files: [String: [URL]]
  private let known = Mutex<[String: [SplitPreset]]>([:])

  /// - Throws: `EvalError.notFound` for a folder that cannot be listed.
  package init(root: URL) throws {
    self.root = root
    var files: [String: [URL]] = [:]
    for dataset in try listFolder(root.path).entries
    where dataset.kind == .folder && !dataset.name.hasPrefix(".") {
      let folder = root.appending(path: dataset.name)
      files[dataset.name] = try listFolder(folder.path).entries
        .filter { $0.kind == .file && $0.name.hasSuffix(".yaml") && !$0.name.hasPrefix(".") }
        .map { folder.appending(path: $0.name) }
    }
    self.files = files
  }

  /// Datasets that have presets, bytewise.
  package var datasets: [String] { files.keys.sorted(by: bytewise) }

  /// The folder of a dataset's presets.
  func folder(of dataset: String) -> URL { root.appending(path: dataset) }

  /// - Throws: `EvalError.malformedData` with file, line and column.
  package func presets(of dataset: String) throws -> [SplitPreset] {
    if let presets = known.withLock({ $0[dataset] }) { return presets }
    let presets = try (files[dataset] ?? []).map { url in
      let preset = try SplitPreset(contentsOf: url)
      let name = url.deletingPathExtension().lastPathComponent
      guard preset.dataset == dataset, preset.name == name else {
        throw EvalError(
          .malformedData,
          "the file says dataset \"\(preset.dataset)\" and preset \"\(preset.name)\", its place says "
            + "\"\(dataset)\" and \"\(name)\"",
          subject: url.path)
      }
      return preset
    }
    let defaults = presets.filter(\.isDefault)
    guard defaults.count <= 1 else {
      throw EvalError(
        .malformedData,
        "more than one preset is the default: \(defaults.map(\.name).joined(separator: ", "))",
        subject: folder(of: dataset).path)
    }
    known.withLock { $0[dataset] = presets }
    return presets
  }

  // MARK: The program's own

  private static let installedLibrary = Mutex<SplitLibrary?>(nil)

  /// The folder `Splits` that `ResourceLocator` finds, looked for once.
  /// - Throws: `EvalError.notFound` saying where it was looked for.
  package static func installed() throws -> SplitLibrary {
    try installedLibrary.withLock { library in
      if let library { return library }
      let found = try SplitLibrary(root: ResourceLocator.folder(named: "Splits"))
      library = found
      return found
    }
  }

  /// Takes another folder for the rest of the process; nil looks for it anew. For a command's option, before the first dataset is named.
  /// - Throws: `EvalError.notFound` where it is no folder.
  package static func install(_ folder: String?) throws {
    let library = try folder.map {
      try SplitLibrary(root: ResourceLocator.folder(named: "Splits", flag: ("--splits", $0)))
    }
    installedLibrary.withLock { $0 = library }
  }
}
