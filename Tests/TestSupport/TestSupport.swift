package import Foundation

/// Where tests find things, independent of the working directory.
package enum TestPaths {
  /// The project's root folder.
  package static let project = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  package static let fixtures = project.appending(path: "Tests/Fixtures")

  /// A file or folder of the shared reference material that lies beside a checkout; nil, with a line on
  /// stderr that names what was not tested, when it is absent.
  package static func shared(_ path: String) -> URL? {
    let url = project.deletingLastPathComponent().appending(path: "shared").appending(path: path)
    if FileManager.default.fileExists(atPath: url.path) { return url }
    FileHandle.standardError.write(Data("SKIPPED: needs ../shared/\(path), which is absent\n".utf8))
    return nil
  }
}

/// A folder of its own for one test, removed with the value.
package final class TemporaryFolder {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "clip-eval-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
