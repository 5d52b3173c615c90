/// Everything that decides an image, before it is drawn.
package struct Scene: Sendable {
  var background: Background
  package var style: Style
  package var objects: [SceneObject]
  /// Pieces of no class that lie about, over and under the objects.
  var clutter = 0
  /// Passes of a box blur; 0 for none.
  var blur = 0
  /// Standard deviation of added noise.
  var noise: Float = 0.015
  /// Over all of the picture.
  var brightness: Float = 1

  init(_ objects: [SceneObject], style: Style = .photo, background: Background) {
    self.objects = objects
    self.style = style
    self.background = background
  }

  /// The picture, as 64 × 64 × 3 bytes. The same stream gives the same picture.
  func drawn(_ random: inout Random) -> Canvas {
    var canvas = background.painted(&random)
    for _ in 0..<(clutter + 1) / 2 { canvas.drawClutter(&random) }
    for object in objects { canvas.draw(object, style: style, &random) }
    for _ in 0..<clutter / 2 { canvas.drawClutter(&random) }
    if blur > 0 { canvas.blur(radius: blur) }
    if brightness != 1 {
      for i in canvas.pixels.indices { canvas.pixels[i] = canvas.pixels[i] * brightness }
    }
    if noise > 0 { canvas.addNoise(noise, &random) }
    return canvas
  }
}

extension Canvas {
  /// A shard or a stick of any colour at any place but the middle.
  mutating func drawClutter(_ random: inout Random) {
    let direction = Trigonometry.unitVector(turns: random.unit())
    let center = Point(32, 32) + direction * random.uniform(14...34)
    let size = random.uniform(3...8)
    let primitive: Primitive
    if random.chance(0.5) {
      let corners = random.integer(3...5)
      primitive = .polygon(
        (0..<corners).map { i in
          Trigonometry.unitVector(turns: (Float(i) + random.uniform(-0.3...0.3)) / Float(corners))
            * (size * random.uniform(0.6...1.2))
        })
    } else {
      let along = Trigonometry.unitVector(turns: random.unit()) * (size * 1.3)
      primitive = .capsule(along * -1, along, 1.2, 1.8)
    }
    let color = random.pick(Color.allCases).rgb.jittered(0.15, &random)
    paint(around: center, reach: size * 2) { pixel, offset in
      pixel = pixel.mixed(with: color, max(0, min(1, 0.5 - primitive.distance(offset))))
    }
  }

  /// Lines of text, centred about `center`; a dot of the font is `dot` pixels.
  mutating func draw(_ lines: [String], center: Point, dot: Float, color: RGB) {
    let lineHeight = Float(Font.height + 2) * dot
    var top = center.y - (Float(lines.count) * lineHeight - 2 * dot) / 2
    for line in lines {
      let letters = line.uppercased().compactMap(Font.rows)
      var left = center.x - (Float(letters.count * Font.advance) - 1) * dot / 2
      for letter in letters {
        let half = Point(Float(Font.width), Float(Font.height)) * (dot / 2)
        let corner = Point(left, top)
        paint(around: corner + half, reach: half.length + 1) { pixel, offset in
          let p = (offset + half) * (1 / dot)
          let cover = Font.coverage(of: letter, p.x, p.y, softness: 1 / dot)
          pixel = pixel.mixed(with: color, cover)
        }
        left += Float(Font.advance) * dot
      }
      top += lineHeight
    }
  }
}
