/// A point or a vector; y points down, as rows do.
struct Point: Sendable {
  var x: Float
  var y: Float

  init(_ x: Float, _ y: Float) {
    self.x = x
    self.y = y
  }

  static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
  static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
  static func * (a: Point, s: Float) -> Point { Point(a.x * s, a.y * s) }
  func dot(_ b: Point) -> Float { x * b.x + y * b.y }
  var length: Float { dot(self).squareRoot() }
}

/// Sine and cosine from exactly rounded operations alone: the C library's differ in the last bit between
/// machines, and one bit can move a pixel.
enum Trigonometry {
  /// - Parameter turns: the angle, in full turns.
  static func unitVector(turns: Float) -> Point {
    var rest = turns - turns.rounded(.down)
    var quarter = 0
    while rest >= 0.25 {
      rest -= 0.25
      quarter += 1
    }
    let angle = rest * 6.283_185_5
    let square = angle * angle
    // Taylor series; within 1e-6 on a quarter turn.
    let sine =
      angle * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72))))
    let cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56)))
    switch quarter & 3 {
    case 0: return Point(cosine, sine)
    case 1: return Point(-sine, cosine)
    case 2: return Point(-cosine, -sine)
    default: return Point(sine, -cosine)
    }
  }
}

/// A simple outline with a signed distance: negative inside, in the outline's own unit.
enum Primitive: Sendable {
  case circle(Point, Float)
  /// Half axes along x and y. The distance is exact on the outline and scaled elsewhere.
  case ellipse(Point, Float, Float)
  /// A line with round ends whose radius changes evenly from one end to the other.
  case capsule(Point, Point, Float, Float)
  case polygon([Point])

  static func box(_ x: Float, _ y: Float, _ halfWidth: Float, _ halfHeight: Float) -> Primitive {
    .polygon([
      Point(x - halfWidth, y - halfHeight), Point(x + halfWidth, y - halfHeight),
      Point(x + halfWidth, y + halfHeight), Point(x - halfWidth, y + halfHeight),
    ])
  }

  func distance(_ p: Point) -> Float {
    switch self {
    case .circle(let center, let radius):
      return (p - center).length - radius
    case .ellipse(let center, let a, let b):
      let q = Point((p.x - center.x) / a, (p.y - center.y) / b)
      return (q.length - 1) * min(a, b)
    case .capsule(let from, let to, let start, let end):
      let along = to - from
      let t = max(0, min(1, (p - from).dot(along) / along.dot(along)))
      return (p - (from + along * t)).length - (start + (end - start) * t)
    case .polygon(let corners):
      return Self.distance(p, to: corners)
    }
  }

  /// Distance to the nearest edge; the side by counting the edges that a ray to the right crosses.
  private static func distance(_ p: Point, to corners: [Point]) -> Float {
    var nearest = Float.infinity
    var inside = false
    var previous = corners[corners.count - 1]
    for corner in corners {
      let edge = corner - previous
      let offset = p - previous
      let t = max(0, min(1, offset.dot(edge) / edge.dot(edge)))
      let gap = offset - edge * t
      nearest = min(nearest, gap.dot(gap))
      if (previous.y > p.y) != (corner.y > p.y),
        p.x < previous.x + edge.x * (p.y - previous.y) / edge.y
      {
        inside.toggle()
      }
      previous = corner
    }
    return nearest.squareRoot() * (inside ? -1 : 1)
  }
}

/// A figure of several outlines, in a square from −1 to 1.
struct Figure: Sendable {
  enum Part: Sendable {
    case add(Primitive)
    case cut(Primitive)
  }
  var parts: [Part]
  /// Drawn on top in a dark tone: eyes, doors, buttons.
  var marks: [Primitive] = []

  func distance(_ p: Point) -> Float {
    var result = Float.infinity
    for part in parts {
      switch part {
      case .add(let primitive): result = min(result, primitive.distance(p))
      case .cut(let primitive): result = max(result, -primitive.distance(p))
      }
    }
    return result
  }

  func markDistance(_ p: Point) -> Float {
    marks.reduce(.infinity) { min($0, $1.distance(p)) }
  }
}
