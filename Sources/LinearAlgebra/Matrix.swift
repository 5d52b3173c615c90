import Core

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

extension Matrix {
  /// Fills the rows, a block at a time, on several threads. Which rows form a block does not depend on the number of threads; BLAS is
  /// single-threaded within.
  package mutating func withRowBlocks(
    of blockRows: Int, threads: Int,
    _ body:
      @escaping @Sendable (_ rows: Range<Int>, _ target: UnsafeMutablePointer<Float>) throws
      -> Void
  ) throws {
    guard rows > 0, columns > 0 else { return }
    let (rows, columns) = (rows, columns)
    let queue = WorkQueue(count: (rows + blockRows - 1) / blockRows)
    try storage.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = WritableRows(pointer: base)
      try Workers.run(count: min(threads, (rows + blockRows - 1) / blockRows)) { _, isCancelled in
        BLAS.useThisThreadOnly()
        while !isCancelled(), let block = queue.next() {
          let range = block * blockRows..<min(rows, (block + 1) * blockRows)
          try body(range, target.pointer + range.lowerBound * columns)
        }
      }
    }
  }
}

/// Blocks of rows that do not overlap: each worker writes its own.
private struct WritableRows: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
}
