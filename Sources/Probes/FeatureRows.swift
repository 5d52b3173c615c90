package import Core
package import LinearAlgebra

/// N × D float32 features in one or several pieces, in memory or mapped from a file. Joining pieces copies nothing, so
/// training on train + validation needs no more memory than the two.
package struct FeatureRows: Sendable {
  /// Rows one after another in memory that somebody owns.
  private struct Piece: Sendable {
    enum Storage: @unchecked Sendable {
      case matrix(Matrix)
      // Read only, and alive as long as its owner.
      case mapped(UnsafePointer<Float>, owner: any AnyObject & Sendable)
    }
    let storage: Storage
    /// Of the whole.
    let rows: Range<Int>
  }

  private let pieces: [Piece]
  /// D.
  package let columns: Int
  /// N.
  package let count: Int

  package init(_ matrix: Matrix) {
    pieces = [Piece(storage: .matrix(matrix), rows: 0..<matrix.rows)]
    columns = matrix.columns
    count = matrix.rows
  }

  /// - Parameters:
  ///   - pointer: the first of `rows` × `columns` numbers, which stay as they are while `owner` lives.
  package init(
    pointer: UnsafePointer<Float>, rows: Int, columns: Int, owner: any AnyObject & Sendable
  ) {
    pieces = [Piece(storage: .mapped(pointer, owner: owner), rows: 0..<rows)]
    self.columns = columns
    count = rows
  }

  /// One after another.
  /// - Throws: `EvalError.malformedData` for different widths.
  package init(joining parts: [FeatureRows]) throws(EvalError) {
    columns = parts.first?.columns ?? 0
    var pieces: [Piece] = []
    var count = 0
    for part in parts {
      guard part.columns == columns else {
        throw EvalError(
          .malformedData,
          "expected features of width \(columns) like the others, found width \(part.columns)")
      }
      pieces += part.pieces.map {
        Piece(
          storage: $0.storage, rows: count + $0.rows.lowerBound..<count + $0.rows.upperBound)
      }
      count += part.count
    }
    self.pieces = pieces
    self.count = count
  }

  /// Calls `body` with the rows of a range, in order, in runs that lie in one piece of memory.
  package func withRows<Failure: Error>(
    _ range: Range<Int>,
    _ body: (UnsafePointer<Float>, _ rows: Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    for piece in pieces {
      let rows = piece.rows.clamped(to: range)
      guard !rows.isEmpty else { continue }
      let offset = (rows.lowerBound - piece.rows.lowerBound) * columns
      switch piece.storage {
      case .mapped(let pointer, _):
        try body(pointer + offset, rows)
      case .matrix(let matrix):
        try matrix.storage.withUnsafeBufferPointer { buffer throws(Failure) in
          guard let base = buffer.baseAddress else { return }
          try body(base + offset, rows)
        }
      }
    }
  }

  /// A copy of some rows, in the given order.
  /// - Precondition: each is in `0..<count`.
  package func selecting(_ rows: some Collection<Int>) -> FeatureRows {
    var storage: [Float] = []
    storage.reserveCapacity(rows.count * columns)
    for row in rows {
      precondition((0..<count).contains(row), "a row that is not there")
      withRows(row..<row + 1) { pointer, _ in
        storage.append(contentsOf: UnsafeBufferPointer(start: pointer, count: columns))
      }
    }
    return FeatureRows(Matrix(rows: rows.count, columns: columns, storage: storage))
  }
}
