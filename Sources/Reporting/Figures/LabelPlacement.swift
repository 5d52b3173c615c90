import Foundation

/// A rectangle on the paper, y downwards.
struct Box: Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  func overlap(_ other: Box) -> Double {
    let across = min(x + width, other.x + other.width) - max(x, other.x)
    let down = min(y + height, other.y + other.height) - max(y, other.y)
    return across > 0 && down > 0 ? across * down : 0
  }
}

/// Where labels go so that they do not cover each other. The same input gives the same places.
enum LabelPlacement {
  /// Centres of labels on one vertical line, as near as can be to where they belong and at least `spacing` apart.
  ///
  /// Labels that would touch form a block around the mean of their wishes; blocks that touch are joined (isotonic regression by
  /// pooling neighbours).
  static func spread(
    _ wishes: [Double], spacing: Double, within limits: ClosedRange<Double>
  ) -> [Double] {
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    // With the steps taken out, labels may not pass each other: the sums of wishes − steps, and how many.
    var blocks: [(sum: Double, count: Int)] = []
    for (rank, index) in order.enumerated() {
      blocks.append((wishes[index] - Double(rank) * spacing, 1))
      while let last = blocks.last, let before = blocks.dropLast().last,
        before.sum / Double(before.count) > last.sum / Double(last.count)
      {
        blocks.removeLast(2)
        blocks.append((before.sum + last.sum, before.count + last.count))
      }
    }
    let bases = blocks.flatMap { block in
      [Double](repeating: block.sum / Double(block.count), count: block.count)
    }
    // Within the limits, from the top; too many labels go beyond them at the bottom.
    let highest = limits.upperBound - Double(max(wishes.count - 1, 0)) * spacing
    var places = wishes
    for (rank, index) in order.enumerated() {
      let base = max(limits.lowerBound, min(highest, bases[rank]))
      places[index] = base + Double(rank) * spacing
    }
    return places
  }

  /// A place for each label beside its point.
  /// - Parameters:
  ///   - sizes: of the labels.
  ///   - points: their points, and how far their markers reach.
  ///   - obstacles: what labels should not cover besides.
  static func beside(
    _ points: [(x: Double, y: Double)], sizes: [(width: Double, height: Double)],
    reach: Double, obstacles: [Box], within area: Box
  ) -> [Box] {
    let markers = points.map {
      Box(x: $0.x - reach, y: $0.y - reach, width: 2 * reach, height: 2 * reach)
    }
    var placed = [Box?](repeating: nil, count: points.count)
    // The first pass knows only the labels before each; the others put right what came out badly for that.
    for _ in 0..<4 {
      for (index, (point, size)) in zip(points, sizes).enumerated() {
        let others = placed.enumerated().compactMap { $0.offset == index ? nil : $0.element }
        let candidates = Self.candidates(point, size, reach)
        let costs = candidates.enumerated().map { rank, box in
          let covered = (markers + obstacles).reduce(0) { $0 + $1.overlap(box) }
          let texts = others.reduce(0) { $0 + $1.overlap(box) }
          let outside = box.width * box.height - box.overlap(area)
          return Double(rank) * 2 + covered + 3 * texts + 4 * outside
        }
        placed[index] = costs.indices.min { (costs[$0], $0) < (costs[$1], $1) }
          .map { candidates[$0] }
      }
    }
    return placed.compactMap(\.self)
  }

  /// Right, left, above and below first, then the corners, then further away.
  private static func candidates(
    _ point: (x: Double, y: Double), _ size: (width: Double, height: Double), _ reach: Double
  ) -> [Box] {
    let directions: [(x: Double, y: Double)] = [
      (1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1),
    ]
    return [reach + 2, reach + 12, reach + 24, reach + 40].flatMap { distance in
      directions.map { direction in
        Box(
          x: point.x + direction.x * distance + (direction.x - 1) / 2 * size.width,
          y: point.y + direction.y * distance + (direction.y - 1) / 2 * size.height,
          width: size.width, height: size.height)
      }
    }
  }
}
