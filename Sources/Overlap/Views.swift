import CKernels

/// The parts of an image that are compared with the whole of another: a copy that was cropped, turned or mirrored looks like one of them.
package enum Views {
  /// The whole image first.
  static let all: [Warp] = {
    let shifts = [-1.0, 1.0]
    var views = [Warp.identity, .window(side: 0.88)]
    for y in shifts {
      for x in shifts { views.append(.window(side: 0.88, x: 0.06 * x, y: 0.06 * y)) }
    }
    for y in [-1.0, 0, 1] {
      for x in [-1.0, 0, 1] { views.append(.window(side: 0.68, x: 0.16 * x, y: 0.16 * y)) }
    }
    views += [-16.0, -8, 8, 16].map { .turned($0) }
    return views + views.prefix(6).map(\.mirrored)
  }()

  /// Those of references: mirrored ones of the queries see to mirrored copies.
  static let upright = Array(all.prefix(19))

  /// Where to begin to lay a reference over a query that were found by a view: as the view has it, and a little turned or scaled.
  /// - Parameters:
  ///   - number: of a query's view, or `all.count` more than that of a reference's.
  ///   - query, reference: the images' aspects.
  static func starts(_ number: Int, query: Double, reference: Double) -> [Warp] {
    let found =
      number < all.count
      ? all[number].squeezed(query) : upright[number - all.count].squeezed(reference).inverse
    let changes = [
      Warp.turned(12), .turned(-12), .window(side: 0.85), .window(side: 1 / 0.85),
    ]
    return [found] + changes.map { $0.squeezed(reference).of(found) }
  }
}

/// A picture in 8 × 8 cells of three colours: vectors of length 1 whose products say how alike two pictures are at a glance.
///
/// Each cell is the mean over its part of the view; each colour's mean over the cells is taken away, and the vector scaled, so that brighter, darker and tinted
/// copies are alike.
enum CellVector {
  static let cells = 8
  static let width = 3 * cells * cells

  /// The vectors of some views, each of `width` numbers at `out`; zeros for a view without any detail.
  static func write(
    _ picture: Pyramid, views: [Warp], into out: UnsafeMutablePointer<Float>
  ) {
    let side = 2 * cells
    let source = picture.middle
    var drawn = [Float](repeating: 0, count: 3 * side * side)
    for (number, view) in views.enumerated() {
      let to = out + number * width
      source.withUnsafeBufferPointer { source in
        drawn.withUnsafeMutableBufferPointer { drawn in
          guard let from = source.baseAddress, let target = drawn.baseAddress else { return }
          view.withPointer { ck_warp(from, Pyramid.sides[1], $0, target, side) }
          reduce(target, side, to)
        }
      }
    }
  }

  private static func reduce(
    _ drawn: UnsafePointer<Float>, _ side: Int, _ to: UnsafeMutablePointer<Float>
  ) {
    let count = cells * cells
    var squares: Float = 0
    for c in 0..<3 {
      var sum: Float = 0
      for y in 0..<cells {
        for x in 0..<cells {
          let from = drawn + (c * side + 2 * y) * side + 2 * x
          let value = (from[0] + from[1]) + (from[side] + from[side + 1])
          to[c * count + y * cells + x] = value
          sum += value
        }
      }
      let mean = sum / Float(count)
      for i in c * count..<(c + 1) * count {
        to[i] -= mean
        squares += to[i] * to[i]
      }
    }
    // Below a standard deviation of 1 (of 255; values are sums of four) nothing but noise would be scaled up.
    let scale = squares < Float(width) * 16 ? 0 : 1 / squares.squareRoot()
    for i in 0..<width { to[i] *= scale }
  }
}
