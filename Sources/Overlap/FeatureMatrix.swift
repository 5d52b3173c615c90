import Core
package import LinearAlgebra

/// N × D float32 features in pieces that somebody owns, in memory or mapped from files.
package struct FeatureMatrix: Sendable {
  package struct Piece: @unchecked Sendable {
    // Read only, and alive as long as the owner.
    let pointer: UnsafePointer<Float>
    let rows: Int
    let owner: any AnyObject & Sendable

    package init(pointer: UnsafePointer<Float>, rows: Int, owner: any AnyObject & Sendable) {
      (self.pointer, self.rows, self.owner) = (pointer, rows, owner)
    }
  }

  private let pieces: [(piece: Piece, first: Int)]
  /// N.
  package let count: Int
  /// D.
  package let columns: Int
  /// What messages call a row.
  package let name: @Sendable (Int) -> String

  package init(
    _ pieces: [Piece], columns: Int, name: @escaping @Sendable (Int) -> String
  ) {
    var placed: [(Piece, Int)] = []
    var count = 0
    for piece in pieces where piece.rows > 0 {
      placed.append((piece, count))
      count += piece.rows
    }
    self.pieces = placed
    self.count = count
    self.columns = columns
    self.name = name
  }

  package init(_ matrix: Matrix, name: @escaping @Sendable (Int) -> String) {
    self.init(Self.pieces(matrix), columns: matrix.columns, name: name)
  }

  /// A copy of a matrix.
  package static func pieces(_ matrix: Matrix) -> [Piece] {
    let buffer = FloatBuffer(count: matrix.storage.count)
    matrix.storage.withUnsafeBufferPointer { values in
      if let base = values.baseAddress {
        buffer.pointer.update(from: base, count: values.count)
      }
    }
    return [Piece(pointer: buffer.pointer, rows: matrix.rows, owner: buffer)]
  }

  /// Calls `body` with the rows of a range, in order, in runs that lie in one piece of memory.
  func withRows<Failure: Error>(
    _ range: Range<Int>, _ body: (UnsafePointer<Float>, _ rows: Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    for (piece, first) in pieces {
      let rows = (first..<first + piece.rows).clamped(to: range)
      guard !rows.isEmpty else { continue }
      try body(piece.pointer + (rows.lowerBound - first) * columns, rows)
    }
  }

  /// - Precondition: the row is in `0..<count`.
  func pointer(ofRow row: Int) -> UnsafePointer<Float> {
    var (low, high) = (0, pieces.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if pieces[middle].first <= row { low = middle } else { high = middle - 1 }
    }
    return pieces[low].piece.pointer + (row - pieces[low].first) * columns
  }
}
