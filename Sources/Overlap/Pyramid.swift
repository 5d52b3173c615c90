/// A thumbnail in three sizes, 64, 32 and 16 pixels a side, each the mean of four pixels of the one before; planes R, G, B.
struct Pyramid {
  static let sides = [64, 32, 16]
  private(set) var levels: [[Float]]

  init(_ pixels: UnsafePointer<UInt8>) {
    levels = [(0..<Thumbnail.byteCount).map { Float(pixels[$0]) }]
    for side in Self.sides.dropLast() {
      let half = side / 2
      guard let from = levels.last else { continue }
      var to = [Float](repeating: 0, count: 3 * half * half)
      from.withUnsafeBufferPointer { from in
        for c in 0..<3 {
          for y in 0..<half {
            for x in 0..<half {
              let i = c * side * side + 2 * y * side + 2 * x
              to[(c * half + y) * half + x] =
                0.25 * ((from[i] + from[i + 1]) + (from[i + side] + from[i + side + 1]))
            }
          }
        }
      }
      levels.append(to)
    }
  }

  /// Planes of 32 × 32.
  var middle: [Float] { levels[1] }
}
