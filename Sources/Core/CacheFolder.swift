package import Foundation

/// Where the program keeps what it can make again: features of images and texts, listings of large folders.
package enum CacheFolder {
  /// `$CLIP_EVAL_CACHE`, else `$XDG_CACHE_HOME/clip-eval`, else `~/.cache/clip-eval`.
  package static func url(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    if let path = environment["CLIP_EVAL_CACHE"], !path.isEmpty { return URL(filePath: path) }
    if let path = environment["XDG_CACHE_HOME"], !path.isEmpty {
      return URL(filePath: path).appending(path: "clip-eval")
    }
    return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/clip-eval")
  }
}
