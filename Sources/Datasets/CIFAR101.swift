import Core
package import Foundation
import Imaging
import TensorFiles

/// CIFAR-10.1 (Recht et al. 2018), a new test set of CIFAR-10: NumPy files of 32×32 images.
///
///     datasets/cifar10.1_v6_data.npy, cifar10.1_v6_labels.npy     2000 images, the version to report
///     datasets/cifar10.1_v4_data.npy, cifar10.1_v4_labels.npy     2021 images, not balanced over the classes
package struct CIFAR101: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "CIFAR10.1", aliases: ["cifar-10.1", "cifar10_1", "cifar10-1", "cifar10.1-v6"],
    title: "CIFAR-10.1", metric: "accuracy", classCount: 10,
    splits: [
      SplitInfo(
        name: "v6", aliases: ["test", "all"],
        variants: [SplitVariant("official", count: 2000, perClass: 200)]),
      SplitInfo(name: "v4", variants: [SplitVariant("official", count: 2021)]),
    ], defaultSplit: "v6")

  private static let classes = CIFARNames.ten.map { DatasetClass(id: $0, name: $0) }
  private static let side = 32
  private static let folders = [
    "cifar10.1/datasets", "CIFAR-10.1/datasets", "cifar-10.1/datasets", "cifar10.1", "CIFAR-10.1",
    "cifar-10.1", "datasets",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let stem = "cifar10.1_\(split.name)"
    for folder in candidateFolders(root, Self.folders) {
      let data = folder.appending(path: "\(stem)_data.npy")
      guard isFile(data) else { continue }
      return try draft(data, folder.appending(path: "\(stem)_labels.npy"))
        .finish(info, split: split, sorted: false)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/\(stem)_data.npy" })
  }

  private func draft(_ data: URL, _ labelFile: URL) throws -> IndexDraft {
    guard isFile(labelFile) else {
      throw EvalError(
        .notFound,
        "found \(data.lastPathComponent), but no \(labelFile.lastPathComponent) beside it",
        subject: data.deletingLastPathComponent().path)
    }
    let (images, _) = try NPYFile.map(data)
    guard images.type == .uint8, images.shape.count == 4,
      Array(images.shape[1...]) == [Self.side, Self.side, 3]
    else {
      throw EvalError(
        .malformedData,
        "expected N×32×32×3 bytes, found shape \(images.shape) of \(images.type.rawValue)",
        subject: data.path)
    }
    let labels = try NPYFile.read(labelFile)
    guard labels.shape == [images.shape[0]] else {
      throw EvalError(
        .malformedData, "expected \(images.shape[0]) labels, found shape \(labels.shape)",
        subject: labelFile.path)
    }
    var draft = IndexDraft(
      layout: "cifar-10.1-npy", classes: Self.classes)
    let size = 3 * Self.side * Self.side
    for (record, label) in try labels.integers().enumerated() {
      guard let label = Int(exactly: label), CIFARNames.ten.indices.contains(label) else {
        throw EvalError(
          .malformedData, "expected a label 0…9, found \(label)",
          subject: "\(labelFile.path), element \(record)")
      }
      let pixels = [UInt8](images.bytes[record * size..<(record + 1) * size])
      draft.samples.append(
        DatasetSample(
          id: "\(data.lastPathComponent)#\(record)", label: label,
          source: .raster(
            RasterImage(mode: .rgb, width: Self.side, height: Self.side, pixels: pixels)),
          byteCount: size))
    }
    return draft
  }
}
