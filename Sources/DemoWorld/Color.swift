/// Linear mixing of display values 0…1 is all the world needs.
struct RGB: Sendable {
  var r: Float
  var g: Float
  var b: Float

  init(_ r: Float, _ g: Float, _ b: Float) {
    self.r = r
    self.g = g
    self.b = b
  }

  static func + (a: RGB, b: RGB) -> RGB { RGB(a.r + b.r, a.g + b.g, a.b + b.b) }
  static func * (a: RGB, s: Float) -> RGB { RGB(a.r * s, a.g * s, a.b * s) }

  func mixed(with other: RGB, _ t: Float) -> RGB {
    RGB(r + (other.r - r) * t, g + (other.g - g) * t, b + (other.b - b) * t)
  }

  func distance(to other: RGB) -> Float {
    let (x, y, z) = (r - other.r, g - other.g, b - other.b)
    return (x * x + y * y + z * z).squareRoot()
  }

  func jittered(_ amount: Float, _ random: inout Random) -> RGB {
    func moved(_ value: Float, _ random: inout Random) -> Float {
      max(0, min(1, value + random.uniform(-amount...amount)))
    }
    return RGB(moved(r, &random), moved(g, &random), moved(b, &random))
  }

  /// A darker or, when it is dark already, a lighter tone of the same hue.
  func shade(_ strength: Float) -> RGB {
    r + g + b > 0.75
      ? self * (1 - strength) : mixed(with: RGB(0.75, 0.75, 0.78), strength * 0.8)
  }
}

/// The colours that captions name.
package enum Color: String, CaseIterable, Sendable {
  case red, orange, yellow, green, blue, purple, pink, brown, black, white

  var rgb: RGB {
    switch self {
    case .red: RGB(0.85, 0.10, 0.12)
    case .orange: RGB(0.96, 0.52, 0.06)
    case .yellow: RGB(0.97, 0.87, 0.13)
    case .green: RGB(0.13, 0.62, 0.20)
    case .blue: RGB(0.12, 0.29, 0.86)
    case .purple: RGB(0.50, 0.16, 0.68)
    case .pink: RGB(0.97, 0.54, 0.75)
    case .brown: RGB(0.45, 0.27, 0.12)
    case .black: RGB(0.07, 0.07, 0.08)
    case .white: RGB(0.96, 0.96, 0.95)
    }
  }
}
