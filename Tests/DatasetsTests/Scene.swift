import Foundation
import TestSupport

let fixtures = TestPaths.fixtures.appending(path: "datasets")

/// A data folder for one test, with true image files at the paths it is asked for.
struct Scene {
  let folder: TemporaryFolder
  var root: URL { folder.url }

  /// - Parameter images: paths below the root.
  init(images: [String] = [], texts: [String: String] = [:], copies: [String: String] = [:]) throws
  {
    folder = try TemporaryFolder()
    let jpeg = try Data(contentsOf: fixtures.appending(path: "tiny.jpg"))
    for path in images { try write(jpeg, to: path) }
    for (path, text) in texts { try write(Data(text.utf8), to: path) }
    for (path, fixture) in copies {
      try write(Data(contentsOf: fixtures.appending(path: fixture)), to: path)
    }
  }

  func write(_ data: Data, to path: String) throws {
    let url = root.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }
}
