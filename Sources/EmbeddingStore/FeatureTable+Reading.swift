import Core
package import Foundation
import TensorFiles

extension FeatureTable {
  /// What rows are of: an image's id stands once, a text may stand several times.
  package enum Content: Sendable {
    case images
    case texts
  }

  /// Reads and checks a source. The memory needed is the float32 matrix, plus ids and labels; npz files, which
  /// are compressed, are unpacked beside it.
  ///
  /// - Throws: `EvalError.notFound`; `.malformedData` naming file and row for features that are zero, not finite or of
  ///   different widths, for labels or ids of another number or below 0, for ids that stand twice, and for missing parts.
  package init(_ source: FeatureSource, content: Content = .images) throws {
    let columns = try FeatureColumns(source, content: content)
    let joined = try JoinedFeatures(columns.arrays, subject: source.url.path)
    features = joined.matrix
    norms = joined.norms
    parts = joined.parts
    elementType = joined.elementType
    sha256 = joined.sha256
    metadata = columns.metadata
    labels = columns.labels
    ids = columns.ids
    classIDs = columns.classIDs
    try columns.check(count: joined.matrix.rows, isUnique: content == .images)
  }

  /// A feature file, or a folder of one (`FeatureSource.init(at:)`).
  /// - Throws: also `EvalError.notFound` when the path is neither.
  package init(at url: URL, content: Content = .images) throws {
    guard let source = try FeatureSource(at: url) else {
      throw EvalError(
        .notFound,
        "expected a .safetensors, .npz or .npy file, or a folder with features.* or img_emb/",
        subject: url.path)
    }
    try self.init(source, content: content)
  }
}

extension FeatureSource {
  /// Rows of the features, from the headers of their files.
  package func rowCount(content: FeatureTable.Content = .images) throws -> Int {
    try FeatureColumns(self, content: content).arrays.reduce(0) { $0 + $1.rows }
  }
}

/// The columns of a source: features still in their files, and what is said of the rows.
struct FeatureColumns {
  var arrays: [FeatureArray] = []
  var labels: [Int]?
  var ids: [String]?
  var classIDs: [String]?
  var metadata: [String: String] = [:]
  private var labelPlace = ""
  private var idPlace = ""

  init(_ source: FeatureSource, content: FeatureTable.Content) throws {
    labelPlace = source.url.path
    idPlace = source.url.path
    switch source.layout {
    case .safetensors(let url):
      let file = try SafetensorsFile(url)
      arrays = [try FeatureArray(file.tensor("features"), url: url, file: file.file)]
      labels = try file.tensors["labels"].map { try Self.labels($0, place: url.path) }
      ids = try file.tensors["ids"].map { try Self.lines($0, place: url.path) }
      metadata = file.metadata
      classIDs = try file.metadata["classes"].map { try Self.list($0, place: url.path) }
    case .npz(let url):
      let file = try NPZFile.read(url)
      guard let features = file["features"] else {
        throw EvalError(
          .malformedData,
          "expected an array named features, found \(file.keys.sorted().joined(separator: ", "))",
          subject: url.path)
      }
      arrays = [try FeatureArray(features, url: url, file: nil)]
      labels = try file["labels"].map { try Self.labels($0, place: url.path) }
    case .npy(let url):
      arrays = [try FeatureArray(npy: url)]
    case .clipRetrieval(let folder):
      let parts = try ClipRetrievalParts(folder, content: content)
      arrays = parts.arrays
      labels = parts.labels
      ids = parts.ids
    }
    if let url = source.labels {
      labels = try Self.labels(try NPYFile.map(url).array, place: url.path)
      labelPlace = url.path
    }
    if let url = source.ids {
      ids = try TextLines.read(url)
      idPlace = url.path
    }
    if let url = source.classes { classIDs = try TextLines.read(url) }
  }

  /// - Throws: `EvalError.malformedData` when labels or ids are not one a row, or a label or id cannot be.
  func check(count: Int, isUnique: Bool) throws(EvalError) {
    if let labels {
      guard labels.count == count else {
        throw EvalError(
          .malformedData, "expected \(count) labels, one a row, found \(labels.count)",
          subject: labelPlace)
      }
      let limit = classIDs?.count ?? .max
      if let row = labels.firstIndex(where: { $0 < 0 || $0 >= limit }) {
        throw EvalError(
          .malformedData,
          "expected a class number from 0\(classIDs.map { " to \($0.count - 1)" } ?? ""), found \(labels[row])",
          subject: "\(labelPlace), row \(row)")
      }
    }
    guard let ids else { return }
    guard ids.count == count else {
      throw EvalError(
        .malformedData, "expected \(count) ids, one a row, found \(ids.count)", subject: idPlace)
    }
    guard isUnique else { return }
    var first: [String: Int] = [:]
    for (row, id) in ids.enumerated() {
      if let other = first.updateValue(row, forKey: id) {
        throw EvalError(
          .malformedData, "the id \"\(id)\" stands in rows \(other) and \(row)", subject: idPlace,
          remedy: "Every image must have one row and an id of its own.")
      }
    }
  }

  private static func labels(_ tensor: TensorView, place: String) throws -> [Int] {
    guard !tensor.type.isFloatingPoint, tensor.shape.count == 1 || tensor.shape.dropFirst() == [1]
    else {
      throw EvalError(
        .malformedData,
        "expected labels of shape N as integers, found \(tensor.type.rawValue) of shape \(tensor.shape)",
        subject: place)
    }
    return try tensor.integers().map { Int($0) }
  }

  /// UTF-8, one a line.
  private static func lines(_ tensor: TensorView, place: String) throws -> [String] {
    guard tensor.type == .uint8, tensor.shape.count == 1,
      let text = String(validating: tensor.bytes, as: UTF8.self)
    else {
      throw EvalError(
        .malformedData,
        "expected ids as UTF-8 bytes, one id a line, found \(tensor.type.rawValue) of shape \(tensor.shape)",
        subject: place)
    }
    return text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
  }

  private static func list(_ text: String, place: String) throws(EvalError) -> [String] {
    guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
      throw EvalError(
        .malformedData, "expected the metadata's \"classes\" to be a JSON list of class ids",
        subject: place)
    }
    return list
  }
}
