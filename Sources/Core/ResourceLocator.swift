package import Foundation

/// Finds the folders of data that come with the program (`Prompts`, `Suites`).
///
/// They are plain folders, not SwiftPM resources: `Bundle.module` looks for an absolute build path and stops the process
/// when a binary was moved.
package enum ResourceLocator {
  /// The first of: the flag's folder; `$CLIP_EVAL_<NAME>`; `./<name>`; `<name>` beside a `Package.swift` in the executable's folder or
  /// above it (a build in a checkout); `<prefix>/share/clip-eval/<name>` for an executable in `<prefix>/bin`.
  ///
  /// - Throws: `EvalError.notFound` when the flag or the variable names something that is not a folder, or when nothing is found;
  ///   the message lists where it looked.
  package static func folder(
    named name: String, flag: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    currentFolder: URL = URL(filePath: FileManager.default.currentDirectoryPath),
    executable: URL? = Self.executable
  ) throws -> URL {
    let variable = "CLIP_EVAL_\(name.uppercased())"
    let explicit = [(flag, "--\(name.lowercased())"), (environment[variable], "$\(variable)")]
    for case (let path?, let origin) in explicit where !path.isEmpty {
      let url = path.hasPrefix("/") ? URL(filePath: path) : currentFolder.appending(path: path)
      guard isFolder(url) else {
        throw EvalError(
          .notFound, "\(origin) names \(path), which is not a folder.", subject: url.path)
      }
      return url
    }
    let candidates = candidates(name, currentFolder, executable)
    if let found = candidates.first(where: isFolder) { return found }
    throw EvalError(
      .notFound,
      "the folder \(name) was not found; looked for "
        + candidates.map(\.path).joined(separator: ", ") + ".",
      remedy: "Give it with --\(name.lowercased()) or $\(variable).")
  }

  /// This process's program file, with links resolved; nil where /proc does not tell.
  package static var executable: URL? {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(filePath: $0)
    }
  }

  private static func candidates(_ name: String, _ current: URL, _ executable: URL?) -> [URL] {
    var candidates = [current.appending(path: name)]
    guard let executable else { return candidates }
    let components = executable.deletingLastPathComponent().pathComponents
    for count in stride(from: components.count, through: 1, by: -1) {
      let folder = URL(filePath: NSString.path(withComponents: Array(components.prefix(count))))
      let manifest = folder.appending(path: "Package.swift").path
      if FileManager.default.fileExists(atPath: manifest) {
        candidates.append(folder.appending(path: name))
      }
    }
    let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
    candidates.append(prefix.appending(path: "share/clip-eval").appending(path: name))
    return candidates
  }
}
