import Core
package import Foundation

/// Any dataset in ELEVATER's form: `root/<split>.txt`, the zips that it names, and `root/labelmap.txt`.
package struct ElevaterFolder: DatasetAdapter {
  package let info: DatasetInfo

  /// - Parameter id: the dataset's name in results.
  package init(id: String = "elevater", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: [], title: "ELEVATER lists with zips", metric: metric, classCount: nil,
      splits: [], defaultSplit: "test")
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let layouts = ContainerLayouts(dataset: info, canonical: nil, splits: [name])
    guard let draft = try layouts.elevater(root) else {
      throw datasetNotFound(
        info, split: name, root: root, lookedFor: ["\(name).txt with \(Elevater.labelMap)"])
    }
    return try draft.finish(info, split: SplitInfo(name: name), sorted: true)
  }

  package func splits(root: URL) throws -> [String] { try Elevater.splits(in: root) }
}
