import Core
package import Foundation
import Imaging
import TensorFiles

/// STL-10 (Coates et al. 2011): binary files of 96×96 images.
///
///     stl10_binary/train_X.bin, test_X.bin      3×96×96 bytes an image: planes, each column by column
///     stl10_binary/train_y.bin, test_y.bin      a byte an image, 1…10
///     stl10_binary/class_names.txt              in label order
///     stl10_binary/fold_indices.txt             ten lines of 1000 training images, counted from 0
///
/// The paper trains on each of the ten folds and averages their scores on `test`.
package struct STL10: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "STL10", aliases: ["stl-10", "vtab/stl10", "stl10_binary"], title: "STL-10",
    metric: "accuracy", classCount: 10,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 5000, perClass: 500)])
    ]
      // The folds are drawn without regard to class.
      + (0..<10).map {
        SplitInfo(name: "fold\($0)", variants: [SplitVariant("official", count: 1000)])
      } + [
        SplitInfo(name: "test", variants: [SplitVariant("official", count: 8000, perClass: 800)])
      ], defaultSplit: "test")

  static let classNames = [
    "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
  ]

  private static let folders = ["stl10_binary", "stl10/stl10_binary", "stl10", "STL10", "STL-10"]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let part = split.name == "test" ? "test" : "train"
    for folder in candidateFolders(
      root, Self.folders + ["STL10/stl10_binary", "STL-10/stl10_binary"])
    {
      let images = folder.appending(path: "\(part)_X.bin")
      if isFile(images) { return try binary(images, part, split, in: folder) }
      if let index = try folderIndex(split, part, in: folder) { return index }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: Self.folders.map { "\($0)/\(part)_X.bin" }
        + ["./\(part)_X.bin", "./\(part)/<class>/<image>"])
  }

  // MARK: Binary files

  private func binary(
    _ images: URL, _ part: String, _ split: SplitInfo, in folder: URL
  ) throws -> DatasetIndex {
    try checkClassNames(folder.appending(path: "class_names.txt"))
    let labelFile = folder.appending(path: "\(part)_y.bin")
    guard isFile(labelFile) else {
      throw EvalError(
        .notFound,
        "found \(images.lastPathComponent), but no \(labelFile.lastPathComponent) beside it",
        subject: folder.path)
    }
    let store = try STL10Images(images)
    let labels = [UInt8](try readFile(labelFile, limit: 1 << 20))
    guard labels.count == store.count else {
      throw EvalError(
        .malformedData, "found \(labels.count) labels for \(store.count) images",
        subject: labelFile.path, remedy: "One of the two files is cut short: fetch it again.")
    }
    var records = Array(labels.indices)
    if split.name.hasPrefix("fold"), let fold = Int(split.name.dropFirst(4)) {
      records = try Self.fold(
        fold, folder.appending(path: "fold_indices.txt"), imageCount: labels.count)
    }
    var draft = IndexDraft(layout: "stl10_binary", classes: Self.classes)
    for record in records {
      let label = Int(labels[record]) - 1
      guard Self.classNames.indices.contains(label) else {
        throw EvalError(
          .malformedData, "expected a label 1…10, found \(labels[record])",
          subject: "\(labelFile.path), byte \(record)")
      }
      draft.samples.append(
        DatasetSample(
          id: "\(images.lastPathComponent)#\(record)", label: label,
          source: .storedRaster(store, index: record), byteCount: STL10Images.imageBytes + 1))
    }
    return try draft.finish(info, split: split, sorted: false)
  }

  private static var classes: [DatasetClass] { classNames.map { DatasetClass(id: $0, name: $0) } }

  private static func fold(_ number: Int, _ url: URL, imageCount: Int) throws -> [Int] {
    guard isFile(url) else {
      throw EvalError(
        .notFound, "the list of the folds is not there", subject: url.path,
        remedy: "fold_indices.txt is part of stl10_binary.tar.gz.")
    }
    let lines = try numberedLines(url)
    guard lines.indices.contains(number) else {
      throw EvalError(
        .malformedData, "expected 10 lines, one a fold, found \(lines.count)", subject: url.path)
    }
    let (line, text) = lines[number]
    var seen: Set<Int> = []
    return try text.split(whereSeparator: \.isWhitespace).map { field in
      guard let record = ClassFolders.nonNegativeInteger(field), record < imageCount,
        seen.insert(record).inserted
      else {
        throw EvalError(
          .malformedData,
          "expected the number of one of \(imageCount) training images, each once, found `\(field)`",
          subject: "\(url.path):\(line)")
      }
      return record
    }
  }

  private func checkClassNames(_ url: URL) throws {
    guard isFile(url) else { return }
    let lines = try numberedLines(url)
    guard lines.map(\.text) != Self.classNames else { return }
    let wrong = zip(lines, Self.classNames).first { $0.text != $1 }
    throw EvalError(
      .malformedData,
      "these are not STL-10's class names: "
        + (wrong.map { "found `\($0.text)`, expected `\($1)`" }
          ?? "found \(lines.count), expected 10"),
      subject: wrong.map { "\(url.path):\($0.0.line)" } ?? url.path)
  }

  // MARK: Image files

  /// `train/<class>/…`, as copies have it. The class folders are names, or labels from 1.
  private func folderIndex(_ split: SplitInfo, _ part: String, in folder: URL) throws
    -> DatasetIndex?
  {
    guard split.name == part else { return nil }
    let prefixes = [part, "\(part)_images"]
    for prefix in prefixes {
      let names = try ClassFolders.names(in: folder.appending(path: prefix))
      let labels = Dictionary(names.map { ($0, Self.label($0)) }, uniquingKeysWith: { a, _ in a })
      guard labels.values.contains(where: { $0 != nil }) else { continue }
      var draft = try ClassFolders.draft(
        layout: "stl10-folders", base: folder, prefix: prefix, classes: Self.classes,
        label: { labels[$0] ?? nil })
      let present = Set(labels.values.compactMap(\.self))
      draft.notes += Self.classNames.indices.filter { !present.contains($0) }
        .map { "class folder \(Self.classNames[$0]) is absent" }
      return try draft.finish(info, split: split, sorted: true)
    }
    return nil
  }

  private static func label(_ folder: String) -> Int? {
    if let number = ClassFolders.nonNegativeInteger(folder) {
      return classNames.indices.contains(number - 1) ? number - 1 : nil
    }
    return classNames.firstIndex(of: folder.lowercased())
  }
}

/// The images of one of STL-10's files, which is mapped into memory.
private final class STL10Images: RasterStore {
  private static let side = 96
  static let imageBytes = 3 * side * side

  let url: URL
  let count: Int
  private let file: MappedFile

  init(_ url: URL) throws {
    let file = try MappedFile(url)
    let (count, rest) = file.bytes.count.quotientAndRemainder(dividingBy: Self.imageBytes)
    guard rest == 0, count > 0 else {
      throw EvalError(
        .malformedData,
        "expected images of \(Self.imageBytes) bytes, found \(count) and \(rest) bytes more",
        subject: "\(url.path), byte \(count * Self.imageBytes)",
        remedy: "The file is cut short: fetch it again.")
    }
    self.url = url
    self.count = count
    self.file = file
  }

  func extent(of index: Int) -> Range<Int> {
    index * Self.imageBytes..<(index + 1) * Self.imageBytes
  }

  func raster(_ index: Int) throws -> RasterImage {
    guard (0..<count).contains(index) else {
      throw EvalError(.bug, "no image \(index) in \(count)", subject: url.path)
    }
    let planes = UnsafeRawBufferPointer(rebasing: file.bytes[extent(of: index)])
    return .interleaved(columnMajorPlanes: planes, width: Self.side, height: Self.side)
  }
}

extension RasterImage {
  /// - Parameter columnMajorPlanes: red, green and blue, each column by column, as MATLAB stores a height×width×3 array.
  static func interleaved(
    columnMajorPlanes planes: UnsafeRawBufferPointer, width: Int, height: Int
  ) -> RasterImage {
    let plane = width * height
    precondition(planes.count == 3 * plane)
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * plane) { out, filled in
      for channel in 0..<3 {
        for x in 0..<width {
          let column = channel * plane + x * height
          for y in 0..<height { out[(y * width + x) * 3 + channel] = planes[column + y] }
        }
      }
      filled = 3 * plane
    }
    return RasterImage(mode: .rgb, width: width, height: height, pixels: pixels)
  }
}
