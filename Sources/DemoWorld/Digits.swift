/// Digits of the bitmap font, distorted.
enum Digits {
  /// Light on dark as in MNIST, or in any two colours.
  static func canvas(_ digit: Int, inColor: Bool, _ random: inout Random) -> Canvas {
    let ink = inColor ? random.pick(Color.allCases).rgb : RGB(0.97, 0.97, 0.97)
    var paper = RGB(0.02, 0.02, 0.02)
    if inColor {
      repeat {
        paper = random.pick(Color.allCases).rgb.jittered(0.1, &random)
      } while ink.distance(to: paper) < 0.5
    }
    var canvas = Canvas(paper)
    let glyph = Font.rows(of: Character(String(digit))) ?? []
    let dot = Point(random.uniform(3.6...6.4), random.uniform(4.2...7))
    let axis = Trigonometry.unitVector(turns: random.uniform(-0.06...0.06))
    let slant = random.uniform(-0.35...0.35)
    let center = Point(32 + random.uniform(-7...7), 32 + random.uniform(-5...5))
    let bend = Pattern(.marbled, period: 9, &random)
    canvas.paintAll { pixel, x, y in
      let shaken = Point(
        x - center.x + (bend.smoothNoise(x / 11, y / 11) - 0.5) * 5,
        y - center.y + (bend.smoothNoise(x / 11 + 40, y / 11) - 0.5) * 5)
      let turned = Point(
        shaken.x * axis.x + shaken.y * axis.y, shaken.y * axis.x - shaken.x * axis.y)
      let cover = Font.coverage(
        of: glyph, (turned.x + slant * turned.y) / dot.x + 2.5, turned.y / dot.y + 3.5,
        softness: 0.4)
      pixel = pixel.mixed(with: ink, cover)
    }
    canvas.addNoise(inColor ? 0.02 : 0.05, &random)
    return canvas
  }

  /// The canvas as MNIST has it: 28 × 28 grey values, each the mean of the pixels it covers.
  static func small(_ canvas: Canvas) -> [UInt8] {
    let side = 28
    let step = Float(Canvas.side) / Float(side)
    return (0..<side * side).map { i in
      let (top, left) = (Float(i / side) * step, Float(i % side) * step)
      var sum: Float = 0
      var weight: Float = 0
      for row in Int(top)...min(Canvas.side - 1, Int(top + step)) {
        for column in Int(left)...min(Canvas.side - 1, Int(left + step)) {
          let height = min(Float(row + 1), top + step) - max(Float(row), top)
          let width = min(Float(column + 1), left + step) - max(Float(column), left)
          sum += canvas.pixels[row * Canvas.side + column].g * height * width
          weight += height * width
        }
      }
      return UInt8(max(0, min(255, (sum / weight * 255).rounded())))
    }
  }
}
