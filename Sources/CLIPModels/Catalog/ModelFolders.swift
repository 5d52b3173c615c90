package import Foundation

/// Where models lie on this machine.
package struct ModelFolders: Sendable {
  /// What this program downloads: `$CLIP_EVAL_MODELS`, else `$XDG_DATA_HOME/clip-eval/models`, else
  /// `~/.local/share/clip-eval/models`.
  package var models: URL
  /// The Hugging Face cache: `$HF_HUB_CACHE`, else `$HF_HOME/hub`, else `$XDG_CACHE_HOME/huggingface/hub`, else
  /// `~/.cache/huggingface/hub`.
  package var hub: URL
  /// Where OpenAI's own program keeps its files: `~/.cache/clip`.
  package var openAI: URL

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func folder(_ variable: String) -> URL? {
      guard let path = environment[variable], !path.isEmpty else { return nil }
      return URL(filePath: (path as NSString).expandingTildeInPath)
    }
    let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    let cache = home.appending(path: ".cache")
    let data = folder("XDG_DATA_HOME") ?? home.appending(path: ".local/share")
    models = folder("CLIP_EVAL_MODELS") ?? data.appending(path: "clip-eval/models")
    hub =
      folder("HF_HUB_CACHE")
      ?? (folder("HF_HOME")
      ?? (folder("XDG_CACHE_HOME") ?? cache).appending(path: "huggingface"))
      .appending(path: "hub")
    openAI = cache.appending(path: "clip")
  }

  /// The folder that a repository gets when this program downloads it.
  package static func name(ofRepository repository: String) -> String {
    repository.replacing("/", with: "--")
  }
}
