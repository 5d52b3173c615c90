import Core
package import Foundation

/// Any dataset in WebDataset shards, as CLIP_benchmark writes them: `root/<split>/*.tar` with `root/classnames.txt`.
package struct WebDatasetFolder: DatasetAdapter {
  package let info: DatasetInfo

  package init(id: String = "webdataset", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: [], title: "WebDataset shards", metric: metric, classCount: nil, splits: [],
      defaultSplit: "test")
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let folder = root.appending(path: name)
    let shards = try WebDataset.shards(in: folder)
    guard !shards.isEmpty else {
      throw datasetNotFound(info, split: name, root: root, lookedFor: ["\(name)/*.tar"])
    }
    let list = root.appending(path: "classnames.txt")
    guard isFile(list) else {
      throw EvalError(
        .notFound, "expected classnames.txt, one class name a line", subject: root.path)
    }
    let names = try numberedLines(list).map(\.text)
    var draft = IndexDraft(
      layout: "webdataset",
      classes: names.enumerated().map { DatasetClass(id: String($0), name: $1) })
    for shard in shards {
      try WebDataset.read(folder.appending(path: shard), name: "\(name)/\(shard)", into: &draft) {
        names.indices.contains($0) ? $0 : nil
      }
    }
    let count = folder.appending(path: "nshards.txt")
    if isFile(count), let stated = try numberedLines(count).first.flatMap({ Int($0.text) }),
      stated != shards.count
    {
      draft.notes.append("nshards.txt says \(stated) shards, found \(shards.count)")
    }
    return try draft.finish(info, split: SplitInfo(name: name), sorted: false)
  }

  package func splits(root: URL) throws -> [String] {
    try ClassFolders.names(in: root).filter {
      try !WebDataset.shards(in: root.appending(path: $0)).isEmpty
    }
  }
}
