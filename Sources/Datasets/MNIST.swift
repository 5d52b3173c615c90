import Core
package import Foundation
import Imaging
import TensorFiles

/// MNIST (LeCun, Cortes, Burges 1998): IDX files, gzipped or not.
package struct MNIST: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "MNIST", aliases: ["vtab/mnist"], title: "MNIST", metric: "accuracy", classCount: 10,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 60_000)]),
      SplitInfo(
        name: "test", aliases: ["t10k"], variants: [SplitVariant("official", count: 10_000)]),
    ], defaultSplit: "test")

  /// SHA-256 of the unpacked files. Fashion-MNIST, KMNIST and others use the same names and sizes; and packing
  /// them again changes the published hashes of the `.gz`.
  private static let knownFiles: [String: (images: String, labels: String)] = [
    "train": (
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "test": (
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
  ]

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let stem = split.name == "train" ? "train" : "t10k"
    let imageNames = ["\(stem)-images-idx3-ubyte", "\(stem)-images.idx3-ubyte"]
    let labelNames = ["\(stem)-labels-idx1-ubyte", "\(stem)-labels.idx1-ubyte"]
    let folders = ["mnist/MNIST/raw", "MNIST/raw", "raw", "mnist", "MNIST"]
    for folder in candidateFolders(root, folders) {
      guard let images = Self.file(imageNames, in: folder) else { continue }
      guard let labels = Self.file(labelNames, in: folder) else {
        throw EvalError(
          .notFound, "found \(images.lastPathComponent), but no \(labelNames[0])[.gz] beside it",
          subject: folder.path)
      }
      return try read(images: images, labels: labels, split: split)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (folders + ["."]).map { "\($0)/\(imageNames[0])[.gz]" })
  }

  private static func file(_ names: [String], in folder: URL) -> URL? {
    names.flatMap { [$0, $0 + ".gz"] }.map { folder.appending(path: $0) }.first(where: isFile)
  }

  private func read(images: URL, labels: URL, split: SplitInfo) throws -> DatasetIndex {
    let (imageBytes, labelBytes) = (try Self.unpacked(images), try Self.unpacked(labels))
    let pixels = try IDXFile(parsing: imageBytes, subject: images.path)
    let digits = try IDXFile(parsing: labelBytes, subject: labels.path)
    guard pixels.dimensions.count == 3, pixels.dimensions[1] > 0, pixels.dimensions[2] > 0 else {
      throw EvalError(
        .malformedData, "expected N×28×28 images, found dimensions \(pixels.dimensions)",
        subject: images.path)
    }
    let (count, height, width) = (
      pixels.dimensions[0], pixels.dimensions[1], pixels.dimensions[2]
    )
    guard digits.dimensions == [count] else {
      throw EvalError(
        .malformedData, "expected \(count) labels, found dimensions \(digits.dimensions)",
        subject: labels.path)
    }
    var draft = IndexDraft(
      layout: images.pathExtension == "gz" ? "mnist-idx-gz" : "mnist-idx",
      classes: (0..<10).map { DatasetClass(id: String($0), name: String($0)) })
    if let known = Self.knownFiles[split.name],
      split.variants.contains(where: { $0.count == count })
    {
      guard SHA256.hash(imageBytes).hex == known.images, SHA256.hash(labelBytes).hex == known.labels
      else {
        throw EvalError(
          .malformedData, "these are not MNIST's \(count) images and labels (SHA-256 differs)",
          subject: images.path,
          remedy: "Fashion-MNIST, KMNIST and others use the same file names; check the folder.")
      }
    } else {
      draft.notes.append(
        "\(count) records: too few or many to tell MNIST from data sets with the same file names")
    }
    let size = height * width
    let fileName = images.pathExtension == "gz" ? images.deletingPathExtension() : images
    draft.samples.reserveCapacity(count)
    for (record, label) in digits.elements.enumerated() {
      guard label < 10 else {
        throw EvalError(
          .malformedData, "expected a digit 0…9, found label \(label)",
          subject: "\(labels.path), byte \(8 + record) (unpacked)")
      }
      let start = pixels.elements.startIndex + record * size
      let image = RasterImage(
        mode: .l, width: width, height: height,
        pixels: [UInt8](pixels.elements[start..<start + size]))
      draft.samples.append(
        DatasetSample(
          id: "\(fileName.lastPathComponent)#\(record)", label: Int(label), source: .raster(image),
          byteCount: size + 1))
    }
    return try draft.finish(info, split: split, sorted: false)
  }

  /// Twice what the largest official file unpacks to.
  private static let sizeLimit = 100_000_000

  private static func unpacked(_ url: URL) throws -> Data {
    let data = try readFile(url)
    guard data.starts(with: [0x1f, 0x8b]) else { return data }
    do {
      return try Gzip.decompress(data, limit: sizeLimit)
    } catch let error as EvalError {
      throw EvalError(error.kind, error.message, subject: url.path, remedy: error.remedy)
    }
  }
}
