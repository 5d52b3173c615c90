import Core
package import Foundation
import LinearAlgebra
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
    let list = try FeatureList(columns.arrays, subject: source.url.path)
    var norms = RowNorms()
    let storage = try [Float](unsafeUninitializedCapacity: list.count * list.width) {
      buffer, filled in
      guard let base = buffer.baseAddress else { return }
      try list.copy(to: base, &norms)
      filled = list.count * list.width
    }
    features = Matrix(rows: list.count, columns: list.width, storage: storage)
    facts = try FeatureFacts(columns, list, norms, content: content)
  }

  /// A feature file, or a folder of one (`FeatureSource.init(at:)`).
  /// - Throws: also `EvalError.notFound` when the path is neither.
  package init(at url: URL, content: Content = .images) throws {
    try self.init(FeatureSource(existingAt: url), content: content)
  }
}

extension FeatureSource {
  /// - Throws: also `EvalError.notFound` when the path is neither a feature file nor a folder of one.
  init(existingAt url: URL) throws {
    guard let source = try FeatureSource(at: url) else {
      throw EvalError(
        .notFound,
        "expected a .safetensors, .npz or .npy file, or a folder with features.* or img_emb/",
        subject: url.path)
    }
    self = source
  }

  /// Rows of the features, from the headers of their files.
  package func rowCount(content: FeatureTable.Content = .images) throws -> Int {
    try FeatureColumns(self, content: content).arrays.reduce(0) { $0 + $1.rows }
  }
}

extension FeatureFacts {
  init(
    _ columns: FeatureColumns, _ list: FeatureList, _ norms: RowNorms,
    content: FeatureTable.Content
  ) throws {
    try columns.check(count: list.count, isUnique: content == .images)
    labels = columns.labels
    labelMatrix = columns.labelMatrix
    ids = columns.ids
    classIDs = columns.classIDs
    elementType = list.elementType
    parts = list.parts
    self.norms = norms.range
    sha256 = try list.hash()
    metadata = columns.metadata
  }
}

/// The columns of a source: features still in their files, and what is said of the rows.
struct FeatureColumns {
  var arrays: [FeatureArray] = []
  var labels: [Int]?
  var labelMatrix: LabelMatrix?
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
      try file.tensors["labels"].map { try readLabels($0, place: url.path) }
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
      try file["labels"].map { try readLabels($0, place: url.path) }
    case .npy(let url):
      arrays = [try FeatureArray(npy: url)]
    case .clipRetrieval(let folder):
      let parts = try ClipRetrievalParts(folder, content: content)
      arrays = parts.arrays
      labels = parts.labels
      ids = parts.ids
    }
    if let url = source.labels {
      try readLabels(try NPYFile.map(url).array, place: url.path)
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
    if let labelMatrix {
      guard labelMatrix.count == count else {
        throw EvalError(
          .malformedData, "expected \(count) rows of labels, found \(labelMatrix.count)",
          subject: labelPlace)
      }
      if let classIDs, classIDs.count != labelMatrix.classCount {
        throw EvalError(
          .malformedData,
          "expected labels of \(classIDs.count) classes, found \(labelMatrix.classCount)",
          subject: labelPlace)
      }
    }
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

  /// One class number a row; or, of shape N×C, whether each of C classes is shown: 1 for yes, and for no either 0 throughout, or
  /// −1 with 0 for what is hard to see, as VOC's lists have it.
  private mutating func readLabels(_ tensor: TensorView, place: String) throws {
    guard !tensor.type.isFloatingPoint, (1...2).contains(tensor.shape.count),
      tensor.shape.count == 1 || tensor.shape[1] > 0
    else {
      throw EvalError(
        .malformedData,
        "expected labels of shape N as integers (or N×C, of several classes each), found \(tensor.type.rawValue) of shape \(tensor.shape)",
        subject: place)
    }
    labels = nil
    labelMatrix = nil
    let numbers = try tensor.integers().map { Int($0) }
    guard tensor.shape.count == 2, tensor.shape[1] != 1 else {
      labels = numbers
      return
    }
    let width = tensor.shape[1]
    let hasMinus = numbers.contains(-1)
    var matrix = LabelMatrix(classCount: width)
    for row in 0..<tensor.shape[0] {
      matrix.append(
        try numbers[row * width..<(row + 1) * width].map { number throws(EvalError) in
          guard let label = Int8(exactly: number).flatMap(LabelMatrix.Label.init) else {
            throw EvalError(
              .malformedData, "expected 1, 0 or -1 for each class, found \(number)",
              subject: "\(place), row \(row)")
          }
          return label == .difficult && !hasMinus ? .negative : label
        })
    }
    labelMatrix = matrix
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
