import Core
import Foundation
import Imaging
import TensorFiles

extension ParquetBlobColumn: EncodedImageStore {}

/// A Parquet file of labelled images: an image column, as bytes or as Hugging Face's struct of bytes and path,
/// and a column of class numbers. Only the latter and the paths are read; images are unpacked on demand.
struct ParquetTable {
  let images: ParquetBlobColumn
  let labels: [Int]
  /// Class names by number, from Hugging Face's description in the metadata.
  let classNames: [String]?
  /// What tells the rows apart in sample ids: the images' paths where all have one of their own, else row numbers.
  let rowNames: [String]

  private static let imageNames = ["image", "img", "jpg", "jpeg", "png", "webp"]
  private static let labelNames = ["label", "cls", "fine_label", "labels"]

  init(contentsOf url: URL, cache: ParquetPageCache) throws {
    let file = try ParquetFile(contentsOf: url)
    let features = HuggingFaceFeatures(file.keyValues["huggingface"])
    func fail(_ wanted: String) -> EvalError {
      EvalError(
        .malformedData,
        "expected \(wanted); found the columns \(file.columns.map(\.name).joined(separator: ", "))",
        subject: url.path)
    }
    let described = features.names(ofType: "Image").sorted(by: bytewise)
    guard
      let image = (Self.imageNames + described).lazy.compactMap({ name in
        [[name, "bytes"], [name]].lazy.compactMap(file.column)
          .first { $0.type == .byteArray && $0.maxRepetition == 0 }
      }).first
    else {
      throw fail("an image column, \(Self.imageNames.joined(separator: ", ")), of bytes")
    }
    let classes = features.names(ofType: "ClassLabel")
    guard
      let label = (Self.labelNames + (classes.count == 1 ? classes : [])).lazy.compactMap({
        file.column([$0])
      }).first
    else {
      throw fail("a column of class numbers, \(Self.labelNames.joined(separator: ", "))")
    }
    labels = try file.integers(label).enumerated().map { row, value in
      guard let value else {
        throw EvalError(
          .malformedData, "column \(label.name) is null here", subject: "\(url.path), row \(row)")
      }
      return value
    }
    classNames = features.classNames(of: label.name)
    images = try ParquetBlobColumn(image, of: file, cache: cache)
    var paths: [String?] = []
    if image.path.count == 2, let column = file.column([image.path[0], "path"]),
      column.type == .byteArray
    {
      paths = try file.texts(column)
    }
    rowNames = Self.distinct(paths, count: labels.count) ?? labels.indices.map { String($0) }
  }

  /// The paths, when there are as many as rows, none is empty and no two are the same.
  private static func distinct(_ paths: [String?], count: Int) -> [String]? {
    guard paths.count == count else { return nil }
    var seen: Set<String> = []
    var names: [String] = []
    for path in paths {
      guard let path, !path.isEmpty, seen.insert(path).inserted else { return nil }
      names.append(path)
    }
    return names
  }

  /// Adds the rows as samples, in their order.
  ///
  /// - Parameters:
  ///   - name: the file's path in sample ids.
  ///   - label: class index of a class number, or nil when there is no such class.
  func addSamples(named name: String, to draft: inout IndexDraft, label: (Int) -> Int?) throws {
    draft.samples.reserveCapacity(draft.samples.count + labels.count)
    for (row, number) in labels.enumerated() {
      let place = "\(images.url.path), row \(row)"
      guard number >= 0 else {
        throw EvalError(
          .notFound, "the label is \(number): this split comes without labels", subject: place,
          remedy: "Name a split that has labels, such as validation.")
      }
      guard let index = label(number) else {
        throw EvalError(
          .malformedData, "label \(number) is none of the \(draft.classes.count) classes",
          subject: place)
      }
      draft.samples.append(
        DatasetSample(
          id: "\(name)#\(rowNames[row])", label: index, source: .stored(images, index: row)))
    }
  }
}

/// Hugging Face's description of a table's columns, JSON in the metadata under `huggingface`.
private struct HuggingFaceFeatures {
  private struct Description: Decodable {
    struct Info: Decodable { var features: [String: Feature] }
    var info: Info
  }

  /// A column; those that are lists or deeper structures have neither type nor names.
  private struct Feature: Decodable {
    var type: String?
    var names: [String]?

    enum Keys: String, CodingKey {
      case type = "_type"
      case names
    }

    init(from decoder: any Decoder) throws {
      guard let values = try? decoder.container(keyedBy: Keys.self) else { return }
      type = try? values.decode(String.self, forKey: .type)
      names = try? values.decode([String].self, forKey: .names)
    }
  }

  private let features: [String: Feature]

  /// - Parameter text: nil or text of another form describes nothing.
  init(_ text: String?) {
    let description = text.flatMap {
      try? JSONDecoder().decode(Description.self, from: Data($0.utf8))
    }
    features = description?.info.features ?? [:]
  }

  func names(ofType type: String) -> [String] {
    features.filter { $0.value.type == type }.map(\.key)
  }

  func classNames(of column: String) -> [String]? { features[column]?.names }
}
