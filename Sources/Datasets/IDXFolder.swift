import Core
package import Foundation
import Imaging
import TensorFiles

/// Any dataset in MNIST's official files: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, `t10k-…` for the split `test`,
/// gzipped or not. Classes are the numbers from 0 to the largest label of either split.
package struct IDXFolder: DatasetAdapter {
  package let info: DatasetInfo

  /// - Parameter id: what the suite calls it.
  package init(id: String = "idx", metric: String = "accuracy") {
    info = DatasetInfo(
      id: id, aliases: [], title: "idx files (MNIST's)", metric: metric, classCount: nil,
      splits: [], defaultSplit: "test")
  }

  private static let folders = ["raw", "MNIST/raw"]
  /// Of unpacked files. The largest known set, EMNIST's, has 547 MB of images.
  private static let sizeLimit = 1_100_000_000

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    guard let split = IDXPair.Split(named: name) else {
      throw EvalError(
        .usage, "no split `\(name)`; idx files come as train and test", subject: info.id)
    }
    for folder in candidateFolders(root, Self.folders) {
      guard let pair = try IDXPair(split, in: folder) else { continue }
      let records = try pair.read(sizeLimit: Self.sizeLimit)
      var largest = records.largestLabel
      // A split may lack a class that the dataset has.
      let other: IDXPair.Split = split == .train ? .test : .train
      if let labels = IDXPair.labels(other, in: folder) {
        largest = max(largest, try IDXPair.labels(labels, sizeLimit: Self.sizeLimit).max() ?? 0)
      }
      var draft = IndexDraft(
        layout: pair.isCompressed ? "idx-gz" : "idx",
        classes: (0...largest).map { DatasetClass(id: String($0), name: String($0)) })
      draft.samples = records.samples
      return try draft.finish(info, split: SplitInfo(name: split.rawValue), sorted: false)
    }
    throw datasetNotFound(
      info, split: split.rawValue, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/\(split.imageNames[0])[.gz]" })
  }

  package func splits(root: URL) throws -> [String] {
    try IDXPair.Split.allCases.filter { split in
      try candidateFolders(root, Self.folders).contains { try IDXPair(split, in: $0) != nil }
    }.map(\.rawValue)
  }
}
