/// An altered copy of a test image that the corpus holds: the truth that overlap detection is measured against.
package struct Planted: Sendable {
  package enum Change: String, CaseIterable, Sendable {
    // Mild: what copies on the web go through.
    case recompressed, recoloured, rescaled, cropped
    // Hard: most of the picture is still there.
    case halved, turned, mirrored

    package var isMild: Bool {
      switch self {
      case .recompressed, .recoloured, .rescaled, .cropped: true
      case .halved, .turned, .mirrored: false
      }
    }
  }

  package let source: EvaluationItem
  package let change: Change
  /// JPEG's, of the copy.
  package let quality: Int

  /// Which pairs of the corpus are copies: one in so many.
  private static let interval = 250
  package static func isPlanted(_ index: Int) -> Bool { index % interval == 97 }

  /// - Parameter sources: test images in the order in which they are planted.
  init?(index: Int, sources: [EvaluationItem], _ random: inout Random) {
    let number = index / Self.interval
    guard Self.isPlanted(index), number < sources.count else { return nil }
    source = sources[number]
    change = Change.allCases[number % Change.allCases.count]
    quality = change == .recompressed ? random.integer(20...45) : 90
  }

  func drawn(_ random: inout Random) -> Canvas {
    let original = source.draw()
    var copy = original
    switch change {
    case .recompressed:
      break
    case .recoloured:
      let gains = RGB(
        random.uniform(0.85...1.15), random.uniform(0.85...1.15), random.uniform(0.85...1.15))
      let lift = random.uniform(-0.06...0.06)
      copy.paintAll { pixel, _, _ in
        pixel = RGB(pixel.r * gains.r + lift, pixel.g * gains.g + lift, pixel.b * gains.b + lift)
      }
    case .rescaled:
      // Down and up again.
      let side = Float(random.integer(30...44))
      copy.paintAll { pixel, x, y in
        let step = 64 / side
        let (u, v) = ((x / step - 0.5).rounded(.down), (y / step - 0.5).rounded(.down))
        let (s, t) = (x / step - 0.5 - u, y / step - 0.5 - v)
        func sample(_ i: Float, _ j: Float) -> RGB {
          original.average(around: Point((i + 0.5) * step, (j + 0.5) * step), side: step)
        }
        let top = sample(u, v).mixed(with: sample(u + 1, v), s)
        pixel = top.mixed(with: sample(u, v + 1).mixed(with: sample(u + 1, v + 1), s), t)
      }
    case .cropped:
      copy.crop(original, side: random.uniform(0.84...0.94), &random)
    case .halved:
      copy.crop(original, side: random.uniform(0.62...0.74), &random)
    case .turned:
      let axis = Trigonometry.unitVector(
        turns: random.uniform(0.03...0.06) * (random.chance(0.5) ? 1 : -1))
      copy.paintAll { pixel, x, y in
        let (u, v) = (x - 32, y - 32)
        pixel = original.interpolated(
          Point(32 + u * axis.x + v * axis.y, 32 + v * axis.x - u * axis.y))
      }
    case .mirrored:
      copy.paintAll { pixel, x, y in pixel = original.interpolated(Point(64 - x, y)) }
    }
    return copy
  }
}

extension Canvas {
  /// The colour at a point, between the four nearest pixels; outside, that of the edge.
  func interpolated(_ p: Point) -> RGB {
    let (x, y) = (max(0, min(63, p.x - 0.5)), max(0, min(63, p.y - 0.5)))
    let (i, j) = (min(62, Int(x)), min(62, Int(y)))
    let (s, t) = (x - Float(i), y - Float(j))
    let corner = j * Self.side + i
    let top = pixels[corner].mixed(with: pixels[corner + 1], s)
    let below = pixels[corner + Self.side].mixed(with: pixels[corner + Self.side + 1], s)
    return top.mixed(with: below, t)
  }

  /// The mean of four points in a square of the given side.
  fileprivate func average(around p: Point, side: Float) -> RGB {
    let d = side / 4
    let sum =
      interpolated(Point(p.x - d, p.y - d)) + interpolated(Point(p.x + d, p.y - d))
      + (interpolated(Point(p.x - d, p.y + d)) + interpolated(Point(p.x + d, p.y + d)))
    return sum * 0.25
  }

  /// A square part of another picture, as large as the whole.
  fileprivate mutating func crop(_ original: Canvas, side: Float, _ random: inout Random) {
    let room = 64 * (1 - side)
    let corner = Point(random.uniform(0...room), random.uniform(0...room))
    paintAll { pixel, x, y in
      pixel = original.interpolated(Point(corner.x + x * side, corner.y + y * side))
    }
  }
}
