import Core
package import Foundation
import Imaging
import TensorFiles

/// PatchCamelyon (Veeling et al. 2018): 96×96 patches of lymph nodes in HDF5 files, gzipped or not.
///
///     camelyonpatch_level_2_split_test_x.h5[.gz]     x: N×96×96×3 bytes
///     camelyonpatch_level_2_split_test_y.h5[.gz]     y: N×1×1×1, 1 where the centre holds tumour tissue
///
/// Kaggle's copy (Histopathologic Cancer Detection), without PCam's duplicates and with other splits, is recognised:
///
///     train_labels.csv     id,label
///     train/<id>.tif       and test/<id>.tif, whose labels are not published
package struct PCam: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "PCam", aliases: ["patchcamelyon", "patch_camelyon", "vtab/pcam", "vtab/patch_camelyon"],
    title: "PatchCamelyon", metric: "accuracy", classCount: 2,
    splits: [
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("official", count: 262_144),
          SplitVariant("Kaggle, all labelled", count: 220_025),
        ]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation"],
        variants: [SplitVariant("official", count: 32_768)]),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [SplitVariant("official", count: 294_912)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 32_768)]),
    ], defaultSplit: "test")

  private static let folders = ["pcam", "PCam", "patch_camelyon", "pcamv1", "PCAM"]
  private static let classes = [
    DatasetClass(id: "0", name: "no tumor tissue"), DatasetClass(id: "1", name: "tumor tissue"),
  ]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let parts =
      switch split.name {
      case "trainval": ["train", "valid"]
      case "val": ["valid"]
      default: [split.name]
      }
    for folder in candidateFolders(root, Self.folders) {
      guard let first = parts.first, Self.file(first, "x", in: folder) != nil else { continue }
      var draft = IndexDraft(layout: "pcam-hdf5", classes: Self.classes)
      for part in parts { try add(part, in: folder, to: &draft) }
      return try draft.finish(info, split: split, sorted: false)
    }
    let kaggle = candidateFolders(root, ["histopathologic-cancer-detection", "pcam", "PCam"])
    if let folder = kaggle.first(where: { isFile($0.appending(path: "train_labels.csv")) }) {
      return try kaggleIndex(folder, split)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/\(Self.stem(parts[0], "x")).h5[.gz]" }
        + ["train_labels.csv with train/<id>.tif"])
  }

  // MARK: HDF5

  private static func stem(_ part: String, _ axis: String) -> String {
    "camelyonpatch_level_2_split_\(part)_\(axis)"
  }

  private static func file(_ part: String, _ axis: String, in folder: URL) -> URL? {
    [".h5", ".h5.gz"].map { folder.appending(path: stem(part, axis) + $0) }.first(where: isFile)
  }

  private func add(_ part: String, in folder: URL, to draft: inout IndexDraft) throws {
    func found(_ axis: String) throws -> URL {
      guard let url = Self.file(part, axis, in: folder) else {
        throw EvalError(
          .notFound, "\(Self.stem(part, axis)).h5[.gz] is not there", subject: folder.path,
          remedy: "Fetch it from https://zenodo.org/records/2546921.")
      }
      return url
    }
    let labelFile = try found("y")
    let labels = try HDF5File(labelFile).dataset("y").numbers(limit: PCamImages.countLimit)
    let store = try PCamImages(try found("x"))
    guard labels.count == store.count else {
      throw EvalError(
        .malformedData,
        "found \(labels.count) labels for \(store.count) images in \(store.url.lastPathComponent)",
        subject: labelFile.path)
    }
    if store.url.pathExtension == "gz" {
      draft.notes.append(
        "\(store.url.lastPathComponent) is unpacked whenever it is opened; `gunzip -k` it to open at once"
      )
    }
    let name = Self.stem(part, "x") + ".h5"
    for (record, label) in labels.enumerated() {
      guard label == 0 || label == 1 else {
        throw EvalError(
          .malformedData, "expected a label 0 or 1, found \(label)",
          subject: "\(labelFile.path), y[\(record)]")
      }
      draft.samples.append(
        DatasetSample(
          id: "\(name)#\(record)", label: Int(label), source: .storedRaster(store, index: record),
          byteCount: PCamImages.imageBytes + 1))
    }
  }

  // MARK: Kaggle

  private func kaggleIndex(_ folder: URL, _ split: SplitInfo) throws -> DatasetIndex {
    guard split.name == "train" else {
      throw EvalError(
        .notFound,
        "this is Kaggle's copy, which has labels for `train` only and no \(split.name) split of PCam's",
        subject: folder.path,
        remedy: "Fetch camelyonpatch_level_2_split_*.h5.gz from https://zenodo.org/records/2546921."
      )
    }
    let list = folder.appending(path: "train_labels.csv")
    let rows = try DelimitedText(parsing: readFile(list), separator: ",", subject: list.path).rows
    guard rows.first?.fields == ["id", "label"] else {
      throw EvalError(
        .malformedData,
        "expected the header `id,label`, found `\(rows.first?.fields.joined(separator: ",") ?? "")`",
        subject: "\(list.path):1")
    }
    var draft = IndexDraft(layout: "kaggle-histopathologic-cancer", classes: Self.classes)
    var files = ListedFiles(base: folder)
    for row in rows.dropFirst() {
      guard row.fields.count == 2, let label = ["0", "1"].firstIndex(of: row.fields[1]) else {
        throw EvalError(
          .malformedData,
          "expected an id and a label 0 or 1, found `\(row.fields.joined(separator: ","))`",
          subject: "\(list.path):\(row.line)")
      }
      try files.add("train/\(row.fields[0]).tif", label: label, at: "\(list.path):\(row.line)")
    }
    draft.samples = files.samples
    draft.notes.append(
      "Kaggle's copy: PCam without its duplicates; these are images of all of PCam's splits, so its scores are not PCam's"
    )
    return try draft.finish(info, split: split, sorted: true)
  }
}

/// The images of one of PCam's files, read as they are asked for.
private final class PCamImages: RasterStore {
  private static let side = 96
  static let imageBytes = 3 * side * side
  /// Far above the largest split.
  static let countLimit = 10_000_000

  let url: URL
  let count: Int
  private let images: HDF5Dataset

  init(_ url: URL) throws {
    let images = try HDF5File(url).dataset("x")
    guard images.kind == .integer(bytes: 1, isSigned: false), images.shape.count == 4,
      Array(images.shape[1...]) == [Self.side, Self.side, 3], images.shape[0] <= Self.countLimit
    else {
      throw EvalError(
        .malformedData,
        "expected x to be N×96×96×3 unsigned bytes, found shape \(images.shape) of \(images.kind)",
        subject: url.path)
    }
    self.url = url
    self.images = images
    count = images.shape[0]
  }

  /// Unknown: the library finds the bytes.
  func extent(of index: Int) -> Range<Int> { 0..<0 }

  func raster(_ index: Int) throws -> RasterImage {
    RasterImage(
      mode: .rgb, width: Self.side, height: Self.side, pixels: try images.bytes(ofRow: index))
  }
}
