import Core
import Foundation

/// The arrays of a source as one list of rows.
struct FeatureList {
  let arrays: [FeatureArray]
  let parts: [FeatureFacts.Part]
  let width: Int
  let count: Int
  let elementType: String

  /// Rows looked at, or converted before their file's pages are given back: bounds the memory to the result and this much.
  private static let blockRows = 4096

  /// - Throws: `EvalError.malformedData` for another width or type than the first file's, and for no rows at all.
  init(_ arrays: [FeatureArray], subject: String) throws(EvalError) {
    guard let first = arrays.first, arrays.contains(where: { $0.rows > 0 }) else {
      throw EvalError(.malformedData, "expected features, found no row", subject: subject)
    }
    for array in arrays where array.width != first.width || array.view.type != first.view.type {
      throw EvalError(
        .malformedData,
        "expected features of width \(first.width) in \(first.view.type.rawValue) as in \(first.url.lastPathComponent), found width \(array.width) in \(array.view.type.rawValue)",
        subject: array.url.path)
    }
    var parts: [FeatureFacts.Part] = []
    var count = 0
    for array in arrays {
      parts.append(.init(file: array.url, rows: count..<count + array.rows))
      count += array.rows
    }
    self.arrays = arrays
    self.parts = parts
    self.count = count
    width = first.width
    elementType = first.view.type.rawValue
  }

  /// Of the files' bytes.
  func hash() throws -> SHA256Digest {
    var hasher = SHA256()
    for array in arrays { hasher.update("\(try SHA256.hash(fileAt: array.url).hex)\n") }
    return hasher.finalize()
  }

  /// Every row in float32 at `target`, checked.
  func copy(to target: UnsafeMutablePointer<Float>, _ norms: inout RowNorms) throws {
    for (array, part) in zip(arrays, parts) {
      try copy(array, to: target + part.rows.lowerBound * width, &norms)
    }
  }

  func copy(
    _ array: FeatureArray, to target: UnsafeMutablePointer<Float>, _ norms: inout RowNorms
  ) throws {
    for start in stride(from: 0, to: array.rows, by: Self.blockRows) {
      let rows = start..<min(start + Self.blockRows, array.rows)
      try array.copy(rows, to: target + start * width)
      try norms.add(rows, of: array, at: target)
    }
  }
}

/// Lengths of the rows seen so far.
struct RowNorms {
  private(set) var shortest = Double.infinity
  private(set) var longest = 0.0

  var range: ClosedRange<Double> { shortest...longest }

  /// - Parameters:
  ///   - values: of the array's first row and those after it, in float32.
  /// - Throws: `EvalError.malformedData` naming file and row for a row that is zero or not finite.
  mutating func add(
    _ rows: Range<Int>, of array: FeatureArray, at values: UnsafePointer<Float>
  ) throws(EvalError) {
    for row in rows {
      let values = UnsafeBufferPointer(start: values + row * array.width, count: array.width)
      if let fault = add(values) {
        throw EvalError(
          .malformedData, "the feature \(fault)", subject: "\(array.url.path), row \(row)",
          remedy: "Leave out samples that have no feature, and compute the others again.")
      }
    }
  }

  /// What makes the row no feature, if anything.
  private mutating func add(_ row: UnsafeBufferPointer<Float>) -> String? {
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
