/// A dense float32 matrix, row-major.
package struct Matrix: Sendable, Equatable {
  package let rows: Int
  package let columns: Int
  package var storage: [Float]

  /// - Precondition: `storage.count == rows * columns`.
  package init(rows: Int, columns: Int, storage: [Float]) {
    precondition(storage.count == rows * columns, "storage does not fill the matrix")
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  /// Zeros.
  package init(rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, storage: [Float](repeating: 0, count: rows * columns))
  }

  package func row(_ r: Int) -> ArraySlice<Float> { storage[r * columns..<(r + 1) * columns] }

  package func rowRange(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      storage: Array(storage[range.lowerBound * columns..<range.upperBound * columns]))
  }
}
