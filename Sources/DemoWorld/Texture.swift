/// A pattern: how far a point lies towards the second of two colours.
package enum Texture: String, CaseIterable, Sendable {
  case striped, dotted, checkered, zigzag, meshed, bricked, wavy, speckled, ringed, marbled, scaly,
    graded

  /// Patterns that an object's surface may have.
  static let ofObjects: [Texture] = [.striped, .dotted, .checkered, .speckled]
}

/// A texture with its scale, direction and offset chosen.
struct Pattern: Sendable {
  let texture: Texture
  private let period: Float
  private let direction: Point
  private let offset: Point
  private let noise: UInt64

  init(_ texture: Texture, period: Float, _ random: inout Random) {
    self.texture = texture
    self.period = period
    direction = Trigonometry.unitVector(turns: random.unit())
    offset = Point(random.uniform(0...64), random.uniform(0...64))
    noise = random.next()
  }

  /// 0 for the first colour, 1 for the second. Coordinates in pixels.
  func value(_ x: Float, _ y: Float) -> Float {
    let (px, py) = (x + offset.x, y + offset.y)
    let u = (px * direction.x + py * direction.y) / period
    let v = (py * direction.x - px * direction.y) / period
    switch texture {
    case .striped: return Self.edge(Self.wave(u))
    case .dotted:
      let (fu, fv) = (u - u.rounded(), v - v.rounded())
      return Self.edge((0.34 - (fu * fu + fv * fv).squareRoot()) * 3)
    case .checkered: return Self.edge(Self.wave(u) * Self.wave(v) * 2)
    case .zigzag: return Self.edge(Self.wave(u + 0.9 * abs(v - v.rounded())))
    case .meshed: return Self.edge(max(abs(u - u.rounded()), abs(v - v.rounded())) * 4 - 1.5)
    case .bricked:
      let row = (py / period).rounded(.down)
      let (fx, fy) = (Self.fraction(px / (2 * period) + row * 0.5), Self.fraction(py / period))
      return min(fx * 2, fy) < 0.16 ? 1 : 0
    case .wavy: return Self.edge(Self.wave(u + 0.8 * Self.roundWave(v * 0.6)))
    case .speckled: return Self.lattice(Int(px / 1.7), Int(py / 1.7), noise) > 0.72 ? 1 : 0
    case .ringed:
      let (cx, cy) = (x - 32 + (direction.x * 14), y - 32 + (direction.y * 14))
      return Self.edge(Self.wave((cx * cx + cy * cy).squareRoot() / period + offset.x))
    case .marbled:
      return Self.edge(Self.wave(u * 0.6 + 2.2 * smoothNoise(px / 9, py / 9)))
    case .scaly:
      let row = (py / period).rounded(.down)
      let fx = Self.fraction(px / period + (row * 0.5)) - 0.5
      let fy = Self.fraction(py / period)
      return Self.edge((abs((fx * fx + fy * fy * 0.9).squareRoot() - 0.55) - 0.1) * -6)
    case .graded:
      return max(0, min(1, ((x - 32) * direction.x + (y - 32) * direction.y) / 72 + 0.5))
    }
  }

  /// Smooth noise in 0…1, of wavelength 1.
  func smoothNoise(_ x: Float, _ y: Float) -> Float {
    let (fx, fy) = (x.rounded(.down), y.rounded(.down))
    let (ix, iy) = (Int(fx), Int(fy))
    func ease(_ t: Float) -> Float { t * t * (3 - 2 * t) }
    let (tx, ty) = (ease(x - fx), ease(y - fy))
    let top = Self.lattice(ix, iy, noise) * (1 - tx) + Self.lattice(ix + 1, iy, noise) * tx
    let bottom =
      Self.lattice(ix, iy + 1, noise) * (1 - tx) + Self.lattice(ix + 1, iy + 1, noise) * tx
    return top + (bottom - top) * ty
  }

  /// A triangle wave from −0.5 to 0.5 of period 1.
  private static func wave(_ t: Float) -> Float { 2 * abs(t - t.rounded()) - 0.5 }

  /// Close to half a sine from −0.5 to 0.5, of period 1.
  private static func roundWave(_ t: Float) -> Float {
    let rise = wave(t) + 0.5
    return rise * rise * (3 - 2 * rise) - 0.5
  }

  private static func fraction(_ t: Float) -> Float { t - t.rounded(.down) }

  /// A soft step about a pixel wide.
  private static func edge(_ t: Float) -> Float { max(0, min(1, 0.5 + t * 4)) }

  private static func lattice(_ x: Int, _ y: Int, _ noise: UInt64) -> Float {
    let key =
      UInt64(bitPattern: Int64(x)) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(bitPattern: Int64(y))
      &* 0xc2b2_ae3d_27d4_eb4f
    return Float(Random.mixed(key ^ noise) >> 40) / Float(1 << 24)
  }
}
