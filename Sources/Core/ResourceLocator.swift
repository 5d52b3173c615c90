package import Foundation

/// Finds the folders of data that come with the program (`Prompts`, `Splits`, `Suites`).
///
/// They are plain folders, not SwiftPM resources: `Bundle.module` looks for an absolute build path and stops the process
/// when a binary was moved.
package enum ResourceLocator {
  /// The first of: the flag's folder; `$CLIP_EVAL_<NAME>`, with `_` for `/`; `./<name>`; `<name>` in the executable's own folder; `<name>` beside a
  /// `Package.swift` in that folder or above it (a build in a checkout); `<prefix>/share/clip-eval/<name>` for an executable
  /// in `<prefix>/bin`.
  ///
  /// - Parameter flag: the command's option for the folder, if it has one, and what it was given.
  /// - Throws: `EvalError.notFound` when the flag or the variable names something that is not a folder, or when nothing is found;
  ///   the message lists where it looked.
  package static func folder(
    named name: String, flag: (name: String, value: String?)? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    currentFolder: URL = URL(filePath: FileManager.default.currentDirectoryPath),
    executable: URL? = Self.executable
  ) throws -> URL {
    let variable = "CLIP_EVAL_\(name.uppercased().replacing("/", with: "_"))"
    let explicit = [(flag?.value, flag?.name ?? ""), (environment[variable], "$\(variable)")]
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
      remedy: "Name it with \((flag.map { "\($0.name) or " } ?? "") + "$\(variable)").")
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
    let home = executable.deletingLastPathComponent()
    candidates.append(home.appending(path: name))
    let components = home.pathComponents
    for count in stride(from: components.count, through: 1, by: -1) {
      let folder = URL(filePath: NSString.path(withComponents: Array(components.prefix(count))))
      let manifest = folder.appending(path: "Package.swift").path
      if count < components.count, FileManager.default.fileExists(atPath: manifest) {
        candidates.append(folder.appending(path: name))
      }
    }
    let prefix = home.deletingLastPathComponent()
    candidates.append(prefix.appending(path: "share/clip-eval").appending(path: name))
    return candidates
  }
}
