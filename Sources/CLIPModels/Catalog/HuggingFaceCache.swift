import Core
import Foundation

/// The cache that Hugging Face's programs share: `models--owner--name/snapshots/<commit>/` with a branch's commit in
/// `refs/<branch>`.
struct HuggingFaceCache {
  let folder: URL

  /// The folders of a repository's snapshots, that of the main branch first.
  func snapshots(of repository: String) -> [URL] {
    let root = folder.appending(path: "models--" + ModelFolders.name(ofRepository: repository))
    let snapshots = root.appending(path: "snapshots")
    let main = (try? readFile(root.appending(path: "refs/main"))).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: snapshots.path)) ?? []
    let others = names.filter { $0 != main }.sorted()
    // With several and no word on which is current, none is better than the wrong one.
    let chosen = names.filter { $0 == main } + (others.count == 1 && main == nil ? others : [])
    return chosen.map { snapshots.appending(path: $0) }.filter(isFolder)
  }
}
