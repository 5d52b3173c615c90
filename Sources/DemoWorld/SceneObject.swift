/// An object of a scene and how it lies there.
package struct SceneObject: Sendable {
  package var shape: Shape
  package var color: Color
  /// Nil for a plain surface.
  package var texture: Texture?
  var center: Point
  /// Half its size, in pixels.
  var radius: Float
  /// In full turns, clockwise.
  var turn: Float = 0
  var mirrored = false
  /// Width and height, in relation to the radius.
  var stretch = Point(1, 1)
  /// How far the top leans to the right.
  var slant: Float = 0

  init(_ shape: Shape, _ color: Color, center: Point = Point(32, 32), radius: Float = 16) {
    self.shape = shape
    self.color = color
    self.center = center
    self.radius = radius
  }

  /// The word of its size, where it stands out.
  var sizeWord: String? { radius < 12 ? "small" : radius > 21 ? "large" : nil }

  /// Turned, mirrored and stretched as casually taken photos have it.
  mutating func pose(turn limit: Float, _ random: inout Random) {
    turn = shape.turnsFreely ? random.unit() : random.uniform(-limit...limit)
    mirrored = random.chance(0.5) && shape != .moon
    stretch = Point(random.uniform(0.88...1.12), random.uniform(0.88...1.12))
  }

  /// From an offset in pixels to the figure's own square.
  func local(_ offset: Point, axis: Point) -> Point {
    let x = offset.x * axis.x + offset.y * axis.y
    let y = offset.y * axis.x - offset.x * axis.y
    let slanted = x - slant * y
    return Point((mirrored ? -slanted : slanted) / (radius * stretch.x), y / (radius * stretch.y))
  }
}

/// In which manner a scene is drawn.
package enum Style: String, Sendable, CaseIterable {
  case photo, sketch, cartoon
}

extension Canvas {
  mutating func draw(_ object: SceneObject, style: Style, _ random: inout Random) {
    switch style {
    case .photo: drawPhoto(object, &random)
    case .sketch: drawSketch(object, &random)
    case .cartoon: drawCartoon(object)
    }
  }

  /// Textured, lit from above on the left, with a soft shadow.
  private mutating func drawPhoto(_ object: SceneObject, _ random: inout Random) {
    let base = object.color.rgb.jittered(0.06, &random)
    let second = base.shade(random.uniform(0.4...0.6))
    let pattern = object.texture.map {
      Pattern($0, period: max(3.5, object.radius * random.uniform(0.3...0.5)), &random)
    }
    let light = random.uniform(0.1...0.3)
    let shadow = Point(random.uniform(-2...3), random.uniform(1...3))
    let axis = Trigonometry.unitVector(turns: object.turn)
    let figure = object.shape.figure
    let scale = object.radius
    paint(around: object.center + shadow, reach: scale * 1.6) { pixel, offset in
      let distance = figure.distance(object.local(offset, axis: axis)) * scale
      pixel = pixel * (1 - 0.35 * max(0, min(1, 0.5 - distance / 3)))
    }
    paint(around: object.center, reach: scale * 1.6) { pixel, offset in
      let p = object.local(offset, axis: axis)
      let cover = max(0, min(1, 0.5 - figure.distance(p) * scale))
      guard cover > 0 else { return }
      var color = base
      if let pattern {
        color = color.mixed(with: second, pattern.value(offset.x + 32, offset.y + 32))
      }
      color = color * (1 - light * 0.5 * (offset.x + offset.y) / scale)
      let mark = max(0, min(1, 0.5 - figure.markDistance(p) * scale))
      pixel = pixel.mixed(with: color.mixed(with: base.shade(0.75), mark), cover)
    }
  }

  /// The outline alone, in coloured pencil, with an unsteady hand.
  private mutating func drawSketch(_ object: SceneObject, _ random: inout Random) {
    let stroke = object.color.rgb.jittered(0.05, &random)
    let half = random.uniform(0.55...0.95)
    let wobble = Pattern(.marbled, period: 6, &random)
    let axis = Trigonometry.unitVector(turns: object.turn)
    let figure = object.shape.figure
    let scale = object.radius
    paint(around: object.center, reach: scale * 1.6) { pixel, offset in
      let p = object.local(offset, axis: axis)
      let shaky = (wobble.smoothNoise(offset.x / 7 + 9, offset.y / 7 + 9) - 0.5) * 1.8
      let outline = abs(figure.distance(p) * scale + shaky) - half
      let mark = abs(figure.markDistance(p) * scale + shaky * 0.5) - half * 0.7
      let cover = max(0, min(1, 0.5 - min(outline, mark)))
      pixel = pixel.mixed(with: stroke, cover * 0.92)
    }
  }

  /// One flat colour inside a black outline.
  private mutating func drawCartoon(_ object: SceneObject) {
    let axis = Trigonometry.unitVector(turns: object.turn)
    let figure = object.shape.figure
    let scale = object.radius
    let ink = object.color == .black ? RGB(0.95, 0.95, 0.95) : RGB(0.02, 0.02, 0.02)
    paint(around: object.center, reach: scale * 1.6) { pixel, offset in
      let p = object.local(offset, axis: axis)
      let distance = figure.distance(p) * scale
      let fill = max(0, min(1, 0.5 - distance))
      let line = max(0, min(1, 0.5 - (abs(distance) - 1.1)))
      let mark = max(0, min(1, 0.5 - figure.markDistance(p) * scale)) * fill
      let color = object.color.rgb.mixed(with: ink, mark)
      pixel = pixel.mixed(with: color, fill).mixed(with: ink, line)
    }
  }
}
