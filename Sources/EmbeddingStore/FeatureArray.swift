import Core
import Foundation
import LinearAlgebra
import TensorFiles

/// One file's features before they are copied: a view of [n, D], and the mapping its pages belong to.
struct FeatureArray {
  let view: TensorView
  let url: URL
  let file: MappedFile?

  var rows: Int { view.shape[0] }
  var width: Int { view.shape[1] }

  /// - Throws: `EvalError.malformedData` unless the tensor is a matrix of floating-point numbers with a column.
  init(_ view: TensorView, url: URL, file: MappedFile?) throws(EvalError) {
    guard view.shape.count == 2, view.shape[1] > 0, view.type.isFloatingPoint else {
      throw EvalError(
        .malformedData,
        "expected features of shape N×D in F16, BF16, F32 or F64, found \(view.type.rawValue) of shape \(view.shape)",
        subject: url.path)
    }
    self.view = view
    self.url = url
    self.file = file
  }

  init(npy url: URL) throws {
    let (array, file) = try NPYFile.map(url)
    try self.init(array, url: url, file: file)
  }
}

/// The rows of several arrays as one float32 matrix.
struct JoinedFeatures {
  let matrix: Matrix
  let norms: ClosedRange<Double>
  let parts: [FeatureTable.Part]
  let elementType: String
  let sha256: SHA256Digest

  /// Rows converted before their file's pages are given back: bounds the memory to the matrix and this much.
  private static let blockRows = 4096

  /// - Throws: `EvalError.malformedData` naming file and row for another width or type than the first file's, for a row
  ///   that is zero or not finite, and for no rows at all.
  init(_ arrays: [FeatureArray], subject: String) throws {
    guard let first = arrays.first, arrays.contains(where: { $0.rows > 0 }) else {
      throw EvalError(.malformedData, "expected features, found no row", subject: subject)
    }
    for array in arrays where array.width != first.width || array.view.type != first.view.type {
      throw EvalError(
        .malformedData,
        "expected features of width \(first.width) in \(first.view.type.rawValue) as in \(first.url.lastPathComponent), found width \(array.width) in \(array.view.type.rawValue)",
        subject: array.url.path)
    }
    let width = first.width
    var parts: [FeatureTable.Part] = []
    var total = 0
    for array in arrays {
      parts.append(.init(file: array.url, rows: total..<total + array.rows))
      total += array.rows
    }
    var range = RowNorms()
    let storage = try [Float](unsafeUninitializedCapacity: total * width) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      for (array, part) in zip(arrays, parts) {
        for start in stride(from: 0, to: array.rows, by: Self.blockRows) {
          let rows = start..<min(start + Self.blockRows, array.rows)
          let elements = rows.lowerBound * width..<rows.upperBound * width
          let target = base + part.rows.lowerBound * width + elements.lowerBound
          try array.view.readFloats(elements, into: target)
          for row in rows {
            let values = UnsafeBufferPointer(
              start: base + (part.rows.lowerBound + row) * width, count: width)
            if let fault = range.add(values) {
              throw EvalError(
                .malformedData, "the feature \(fault)", subject: "\(array.url.path), row \(row)",
                remedy: "Leave out samples that have no feature, and compute the others again.")
            }
          }
          let size = array.view.type.byteCount
          array.file?.release(
            UnsafeRawBufferPointer(
              rebasing: array.view.bytes[elements.lowerBound * size..<elements.upperBound * size]))
        }
      }
      filled = total * width
    }
    matrix = Matrix(rows: total, columns: width, storage: storage)
    norms = range.shortest...range.longest
    self.parts = parts
    elementType = first.view.type.rawValue
    var hasher = SHA256()
    for array in arrays { hasher.update("\(try SHA256.hash(fileAt: array.url).hex)\n") }
    sha256 = hasher.finalize()
  }
}

/// Lengths of the rows seen so far, and what makes a row no feature.
private struct RowNorms {
  var shortest = Double.infinity
  var longest = 0.0

  /// What is wrong with the row, if anything.
  mutating func add(_ row: UnsafeBufferPointer<Float>) -> String? {
    // In Double no square of a float32 overflows or vanishes, so the sum tells both faults.
    var sum = 0.0
    for value in row { sum += Double(value) * Double(value) }
    guard sum.isFinite else {
      let column = row.firstIndex { !$0.isFinite } ?? 0
      return "is not finite (\(row[column]) in column \(column))"
    }
    guard sum > 0 else { return "is zero" }
    shortest = min(shortest, sum.squareRoot())
    longest = max(longest, sum.squareRoot())
    return nil
  }
}
