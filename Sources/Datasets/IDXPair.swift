import Core
import Foundation
import Imaging
import TensorFiles

/// The images and labels of one split in MNIST's official files.
struct IDXPair {
  enum Split: String, CaseIterable {
    case train
    case test

    init?(named name: String) {
      switch name.lowercased() {
      case "train": self = .train
      case "test", "t10k": self = .test
      default: return nil
      }
    }

    private var stem: String { self == .train ? "train" : "t10k" }
    var imageNames: [String] { ["\(stem)-images-idx3-ubyte", "\(stem)-images.idx3-ubyte"] }
    var labelNames: [String] { ["\(stem)-labels-idx1-ubyte", "\(stem)-labels.idx1-ubyte"] }
  }

  let images: URL
  let labels: URL

  var isCompressed: Bool { images.pathExtension == "gz" }

  /// Nil where the folder has no images of the split.
  /// - Throws: `EvalError.notFound` for images without labels.
  init?(_ split: Split, in folder: URL) throws(EvalError) {
    guard let images = Self.file(split.imageNames, in: folder) else { return nil }
    guard let labels = Self.labels(split, in: folder) else {
      throw EvalError(
        .notFound,
        "found \(images.lastPathComponent), but no \(split.labelNames[0])[.gz] beside it",
        subject: folder.path)
    }
    self.images = images
    self.labels = labels
  }

  static func labels(_ split: Split, in folder: URL) -> URL? {
    file(split.labelNames, in: folder)
  }

  private static func file(_ names: [String], in folder: URL) -> URL? {
    names.flatMap { [$0, $0 + ".gz"] }.map { folder.appending(path: $0) }.first(where: isFile)
  }

  struct Records {
    var samples: [DatasetSample]
    /// Of the unpacked files.
    var imageBytes: Data
    var labelBytes: Data
    var largestLabel: Int
  }

  /// - Parameter sizeLimit: of an unpacked file.
  /// - Throws: `EvalError.malformedData` with file and byte.
  func read(sizeLimit: Int) throws -> Records {
    let imageBytes = try Self.unpacked(images, limit: sizeLimit)
    let labelBytes = try Self.unpacked(labels, limit: sizeLimit)
    let pixels = try IDXFile(parsing: imageBytes, subject: images.path)
    let numbers = try IDXFile(parsing: labelBytes, subject: labels.path)
    guard pixels.dimensions.count == 3, pixels.dimensions[1] > 0, pixels.dimensions[2] > 0 else {
      throw EvalError(
        .malformedData, "expected N×28×28 images, found dimensions \(pixels.dimensions)",
        subject: images.path)
    }
    let (count, height, width) = (
      pixels.dimensions[0], pixels.dimensions[1], pixels.dimensions[2]
    )
    guard numbers.dimensions == [count] else {
      throw EvalError(
        .malformedData, "expected \(count) labels, found dimensions \(numbers.dimensions)",
        subject: labels.path)
    }
    let size = height * width
    let fileName = isCompressed ? images.deletingPathExtension() : images
    var samples: [DatasetSample] = []
    samples.reserveCapacity(count)
    for (record, label) in numbers.elements.enumerated() {
      let start = pixels.elements.startIndex + record * size
      let image = RasterImage(
        mode: .l, width: width, height: height,
        pixels: [UInt8](pixels.elements[start..<start + size]))
      samples.append(
        DatasetSample(
          id: "\(fileName.lastPathComponent)#\(record)", label: Int(label), source: .raster(image),
          byteCount: size + 1))
    }
    return Records(
      samples: samples, imageBytes: imageBytes, labelBytes: labelBytes,
      largestLabel: Int(numbers.elements.max() ?? 0))
  }

  static func labels(_ url: URL, sizeLimit: Int) throws -> [Int] {
    let file = try IDXFile(parsing: unpacked(url, limit: sizeLimit), subject: url.path)
    guard file.dimensions.count == 1 else {
      throw EvalError(
        .malformedData, "expected a list of labels, found dimensions \(file.dimensions)",
        subject: url.path)
    }
    return file.elements.map { Int($0) }
  }

  private static func unpacked(_ url: URL, limit: Int) throws -> Data {
    let data = try readFile(url)
    guard data.starts(with: [0x1f, 0x8b]) else { return data }
    do {
      return try Gzip.decompress(data, limit: limit)
    } catch let error as EvalError {
      throw EvalError(error.kind, error.message, subject: url.path, remedy: error.remedy)
    }
  }
}
