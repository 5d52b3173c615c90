/// What lies behind the objects.
enum Background: Sendable {
  case plain(Color)
  case grey
  case gradient(RGB, RGB)
  case place(Place)
  case patterned(Texture, RGB, RGB)
  /// A given colour, for drawings and cartoons.
  case flat(RGB)

  enum Place: String, CaseIterable, Sendable {
    case grass, sand, water, sky, wall, wood

    /// As captions say it.
    var phrase: String {
      switch self {
      case .grass: "on the grass"
      case .sand: "on the sand"
      case .water: "in the water"
      case .sky: "in the sky"
      case .wall: "in front of a brick wall"
      case .wood: "on a wooden table"
      }
    }

    private var colors: (RGB, RGB) {
      switch self {
      case .grass: (RGB(0.36, 0.55, 0.24), RGB(0.24, 0.42, 0.16))
      case .sand: (RGB(0.86, 0.77, 0.58), RGB(0.77, 0.67, 0.48))
      case .water: (RGB(0.30, 0.58, 0.76), RGB(0.44, 0.70, 0.84))
      case .sky: (RGB(0.58, 0.78, 0.95), RGB(0.88, 0.94, 0.99))
      case .wall: (RGB(0.66, 0.38, 0.30), RGB(0.80, 0.76, 0.72))
      case .wood: (RGB(0.72, 0.53, 0.34), RGB(0.60, 0.42, 0.25))
      }
    }

    fileprivate func paint(on canvas: inout Canvas, _ random: inout Random) {
      let texture: Texture =
        switch self {
        case .grass, .sand: .speckled
        case .water: .wavy
        case .sky: .marbled
        case .wall: .bricked
        case .wood: .striped
        }
      let pattern = Pattern(texture, period: random.uniform(5...8), &random)
      let (first, second) = (colors.0.jittered(0.05, &random), colors.1.jittered(0.05, &random))
      let blotches = Pattern(.marbled, period: 10, &random)
      canvas.paintAll { pixel, x, y in
        let t: Float =
          switch self {
          case .sky: blotches.smoothNoise(x / 17, y / 11)
          case .wood: pattern.value(x, y) * 0.6 + 0.4 * blotches.smoothNoise(x / 4, y / 14)
          case .wall: pattern.value(x, y)
          default: pattern.value(x, y) * 0.6 + 0.4 * blotches.smoothNoise(x / 6, y / 6)
          }
        pixel = first.mixed(with: second, t)
      }
    }
  }

  /// The usual mixture of them.
  static func random(_ random: inout Random) -> Background {
    func soft(_ random: inout Random) -> RGB {
      RGB(random.uniform(0.25...0.95), random.uniform(0.25...0.95), random.uniform(0.25...0.95))
    }
    switch random.below(10) {
    case 0...2: return .plain(random.pick(Color.allCases))
    case 3: return .grey
    case 4: return .gradient(soft(&random), soft(&random))
    case 5: return .patterned(random.pick(Texture.allCases), soft(&random), soft(&random))
    default: return .place(random.pick(Place.allCases))
    }
  }

  /// As captions say it; nil where nobody would mention it.
  var phrase: String? {
    switch self {
    case .plain(let color): "on a \(color.rawValue) background"
    case .grey: "on a gray background"
    case .place(let place): place.phrase
    case .gradient, .patterned, .flat: nil
    }
  }

  func painted(_ random: inout Random) -> Canvas {
    switch self {
    case .plain(let color):
      return Self.shaded(color.rgb.jittered(0.06, &random), &random)
    case .grey:
      let grey = random.uniform(0.3...0.8)
      return Self.shaded(RGB(grey, grey, grey), &random)
    case .flat(let color):
      return Canvas(color)
    case .gradient(let first, let second):
      return Self.patterned(Pattern(.graded, period: 8, &random), first, second)
    case .patterned(let texture, let first, let second):
      // Low contrast: a background.
      let pattern = Pattern(texture, period: random.uniform(5...12), &random)
      return Self.patterned(pattern, first, first.mixed(with: second, 0.35))
    case .place(let place):
      var canvas = Canvas(RGB(0, 0, 0))
      place.paint(on: &canvas, &random)
      return canvas
    }
  }

  private static func shaded(_ color: RGB, _ random: inout Random) -> Canvas {
    patterned(Pattern(.graded, period: 8, &random), color, color.shade(random.uniform(0...0.25)))
  }

  private static func patterned(_ pattern: Pattern, _ first: RGB, _ second: RGB) -> Canvas {
    var canvas = Canvas(first)
    canvas.paintAll { pixel, x, y in pixel = first.mixed(with: second, pattern.value(x, y)) }
    return canvas
  }
}
