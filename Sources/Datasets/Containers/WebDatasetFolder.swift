import Core
package import Foundation

/// Any dataset in WebDataset shards: CLIP_benchmark's `root/<split>/*.tar` with `root/classnames.txt`, or img2dataset's
/// `root/*.tar`, which have no splits, as `all`.
package struct WebDatasetFolder: DatasetAdapter {
  package let info: DatasetInfo

  package init(id: String = "webdataset", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: [], title: "WebDataset shards", metric: metric, classCount: nil, splits: [],
      defaultSplit: "test")
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let layouts = ContainerLayouts(dataset: info, canonical: nil, splits: [name])
    guard let draft = try layouts.webDataset(root) else {
      let found = try splits(root: root)
      throw datasetNotFound(
        info, split: name, root: root, lookedFor: [name == "all" ? "*.tar" : "\(name)/*.tar"],
        found: found.isEmpty ? [] : ["It has the splits \(found.joined(separator: ", "))."])
    }
    return try draft.finish(info, split: SplitInfo(name: name), sorted: false)
  }

  package func splits(root: URL) throws -> [String] {
    try ClassFolders.names(in: root).filter {
      try !WebDataset.shards(in: root.appending(path: $0)).isEmpty
    } + (WebDataset.shards(in: root).isEmpty ? [] : ["all"])
  }
}
