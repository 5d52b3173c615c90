import Core
import Foundation

/// The cache that Hugging Face's programs share: `models--owner--name/snapshots/<commit>/` with a branch's commit in
/// `refs/<branch>`.
struct HuggingFaceCache {
  let folder: URL

  private func root(of repository: String) -> URL {
    folder.appending(path: "models--" + ModelFolders.name(ofRepository: repository))
  }

  /// The commit of the main branch; nil when the cache does not say.
  private func mainCommit(_ root: URL) -> String? {
    (try? readFile(root.appending(path: "refs/main"))).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  private func contents(_ folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []
  }

  /// Why a repository that the cache has a folder for cannot be used, naming that folder; nil when it has none.
  func problem(with repository: String) -> String? {
    let root = root(of: repository)
    guard isFolder(root) else { return nil }
    let names = contents(root.appending(path: "snapshots"))
    guard let snapshot = snapshots(of: repository).first else {
      if let main = mainCommit(root) {
        return "refs/main of \(root.path) names the snapshot \(main), which is not there"
      }
      return names.isEmpty
        ? "\(root.path) has no snapshot"
        : "\(root.path) has \(names.count) snapshots and no refs/main that says which is current"
    }
    let present = contents(snapshot)
    if let dangling = CheckpointFiles.weights.first(where: present.contains) {
      return "\(snapshot.path)/\(dangling) points to a file that is not there"
    }
    return
      "\(snapshot.path) has no weights: none of \(CheckpointFiles.weights.joined(separator: ", "))"
  }

  /// The folders of a repository's snapshots, that of the main branch first.
  func snapshots(of repository: String) -> [URL] {
    let root = root(of: repository)
    let snapshots = root.appending(path: "snapshots")
    let main = mainCommit(root)
    let names = contents(snapshots)
    let others = names.filter { $0 != main }
    // With several and no word on which is current, none is better than the wrong one.
    let chosen = names.filter { $0 == main } + (others.count == 1 && main == nil ? others : [])
    return chosen.map { snapshots.appending(path: $0) }.filter(isFolder)
  }
}
