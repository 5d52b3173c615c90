import Core
package import Foundation
import Imaging
import TensorFiles

/// Street View House Numbers, cropped digits (Netzer et al. 2011): MATLAB files of 32×32 images.
///
///     train_32x32.mat, test_32x32.mat, extra_32x32.mat     X: 32×32×3×N bytes, y: N labels, where 10 is the digit 0
package struct SVHN: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "SVHN", aliases: ["svhn_cropped", "vtab/svhn", "svhn-cropped"],
    title: "Street View House Numbers, cropped digits", metric: "accuracy", classCount: 10,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 73_257)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 26_032)]),
      SplitInfo(name: "extra", variants: [SplitVariant("official", count: 531_131)]),
    ], defaultSplit: "test")

  private static let classes = (0..<10).map { DatasetClass(id: String($0), name: String($0)) }
  private static let folders = ["svhn", "SVHN", "svhn/format2", "SVHN/format2", "svhn_cropped"]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let fileName = "\(split.name)_32x32.mat"
    for folder in candidateFolders(root, Self.folders) {
      let url = folder.appending(path: fileName)
      if isFile(url) { return try read(url, split) }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/\(fileName)" })
  }

  private func read(_ url: URL, _ split: SplitInfo) throws -> DatasetIndex {
    let labels = try MatArray("y", from: url, limit: SVHNImages.sizeLimit)
      .numbers(limit: SVHNImages.sizeLimit / SVHNImages.imageBytes)
    let store = try SVHNImages(url)
    guard labels.count == store.count else {
      throw EvalError(
        .malformedData, "found \(labels.count) labels (y) for \(store.count) images (X)",
        subject: url.path)
    }
    var draft = IndexDraft(layout: "svhn-format-2", classes: Self.classes)
    var hasZero = false
    for (record, value) in labels.enumerated() {
      guard let label = Int(exactly: value), (0...10).contains(label) else {
        throw EvalError(
          .malformedData, "expected a label 1…10, found \(value)",
          subject: "\(url.path), y[\(record)]")
      }
      hasZero = hasZero || label == 0
      draft.samples.append(
        DatasetSample(
          id: "\(url.lastPathComponent)#\(record)", label: label % 10,
          source: .storedRaster(store, index: record), byteCount: SVHNImages.imageBytes + 1))
    }
    if hasZero, labels.contains(10) {
      throw EvalError(
        .malformedData, "y has both labels 0 and 10, which are the same digit", subject: url.path)
    }
    if hasZero {
      draft.notes.append("this copy's label of the digit 0 is 0, the official file's is 10")
      draft.mayMatchVariant = false
    }
    return try draft.finish(info, split: split, sorted: false)
  }
}

/// The images of one of SVHN's files, unpacked as they are asked for.
private final class SVHNImages: RasterStore {
  static let side = 32
  static let imageBytes = 3 * side * side
  /// Above `extra`, 1.6 GB.
  static let sizeLimit = 4 << 30

  let url: URL
  let count: Int
  private let array: MatArray

  init(_ url: URL) throws {
    let array = try MatArray("X", from: url, limit: Self.sizeLimit)
    var shape = array.dimensions
    // MATLAB drops a last dimension of 1.
    if shape.count == 3 { shape.append(1) }
    guard array.holdsBytes, shape.count == 4, Array(shape[..<3]) == [Self.side, Self.side, 3] else {
      throw EvalError(
        .malformedData, "expected X to be 32×32×3×N bytes, found dimensions \(array.dimensions)",
        subject: url.path)
    }
    self.url = url
    self.array = array
    count = shape[3]
  }

  /// Unknown: the array is usually compressed.
  func extent(of index: Int) -> Range<Int> { 0..<0 }

  func raster(_ index: Int) throws -> RasterImage {
    let bytes = try array.bytes(at: index * Self.imageBytes, count: Self.imageBytes)
    return bytes.withUnsafeBytes {
      .interleaved(columnMajorPlanes: $0, width: Self.side, height: Self.side)
    }
  }
}
