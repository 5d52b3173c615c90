/// An image under construction, 64 × 64, display values 0…1.
struct Canvas: Sendable {
  static let side = 64
  var pixels: [RGB]

  init(_ color: RGB) { pixels = Array(repeating: color, count: Self.side * Self.side) }

  /// Calls `paint` with every pixel's colour and centre.
  mutating func paintAll(_ paint: (inout RGB, Float, Float) -> Void) {
    for row in 0..<Self.side {
      for column in 0..<Self.side {
        paint(&pixels[row * Self.side + column], Float(column) + 0.5, Float(row) + 0.5)
      }
    }
  }

  /// The same for the pixels within `reach` of a centre.
  mutating func paint(around center: Point, reach: Float, _ paint: (inout RGB, Point) -> Void) {
    let last = Self.side - 1
    let columns = (low: max(0, Int(center.x - reach)), high: min(last, Int(center.x + reach)))
    let rows = (low: max(0, Int(center.y - reach)), high: min(last, Int(center.y + reach)))
    guard columns.low <= columns.high, rows.low <= rows.high else { return }
    for row in rows.low...rows.high {
      for column in columns.low...columns.high {
        paint(
          &pixels[row * Self.side + column], Point(Float(column) + 0.5, Float(row) + 0.5) - center)
      }
    }
  }

  var mean: RGB { pixels.reduce(RGB(0, 0, 0), +) * (1 / Float(pixels.count)) }

  mutating func addNoise(_ deviation: Float, _ random: inout Random) {
    for i in pixels.indices {
      // One draw serves three channels: noise of cameras is grey for the most part.
      let grey = random.normal() * deviation
      pixels[i] = RGB(pixels[i].r + grey, pixels[i].g + grey, pixels[i].b + grey)
    }
  }

  /// Three box blurs along both axes, which together are close to a Gaussian.
  mutating func blur(radius: Int) {
    for _ in 0..<3 {
      blurRows(radius)
      transpose()
      blurRows(radius)
      transpose()
    }
  }

  private mutating func blurRows(_ radius: Int) {
    let source = pixels
    let side = Self.side
    for row in 0..<side {
      for column in 0..<side {
        var sum = RGB(0, 0, 0)
        for offset in -radius...radius {
          sum = sum + source[row * side + max(0, min(side - 1, column + offset))]
        }
        pixels[row * side + column] = sum * (1 / Float(2 * radius + 1))
      }
    }
  }

  private mutating func transpose() {
    let side = Self.side
    for row in 0..<side {
      for column in 0..<row { pixels.swapAt(row * side + column, column * side + row) }
    }
  }

  /// 8-bit RGB, interleaved, rows from the top.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * pixels.count)
    for pixel in pixels {
      for value in [pixel.r, pixel.g, pixel.b] {
        bytes.append(UInt8(max(0, min(255, (value * 255).rounded()))))
      }
    }
    return bytes
  }
}
