/// How scenes of the kinds the world has come about. Every function draws from the stream it is given.
struct SceneMaker: Sendable {
  /// How far an object's colour must stand out from what is behind it, as a distance in RGB.
  var contrast: Float = 0.42

  /// One object.
  func single(
    _ shape: Shape, _ color: Color, style: Style = .photo, radius: ClosedRange<Float> = 11...25,
    turn: Float = 0.06, _ random: inout Random
  ) -> Scene {
    var object = SceneObject(shape, color)
    object.radius = random.uniform(radius)
    let room = max(0, 31 - object.radius)
    object.center = Point(
      32 + random.uniform(-room...room) * 0.8, 32 + random.uniform(-room...room) * 0.8)
    object.pose(turn: turn, &random)
    if style == .photo, random.chance(0.35) { object.texture = random.pick(Texture.ofObjects) }
    return finished([object], style: style, &random)
  }

  /// Objects of the given shapes and colours that do not touch.
  func several(
    _ kinds: [(Shape, Color)], style: Style = .photo, radius: ClosedRange<Float>,
    _ random: inout Random
  ) -> Scene {
    var objects: [SceneObject] = []
    for (shape, color) in kinds {
      var object = SceneObject(shape, color)
      object.radius = random.uniform(radius)
      object.pose(turn: 0.04, &random)
      place(&object, among: objects, &random)
      if style == .photo, random.chance(0.15) { object.texture = random.pick(Texture.ofObjects) }
      objects.append(object)
    }
    return finished(objects, style: style, &random)
  }

  /// Looks for a free place, and makes the object smaller when there is none.
  private func place(
    _ object: inout SceneObject, among others: [SceneObject], _ random: inout Random
  ) {
    while true {
      for _ in 0..<40 {
        let reach = min(31, object.radius * 1.05)
        let range = reach...(64 - reach)
        object.center = Point(random.uniform(range), random.uniform(range))
        let isFree = others.allSatisfy {
          ($0.center - object.center).length > ($0.radius + object.radius) * 1.08
        }
        if isFree { return }
      }
      object.radius *= 0.88
    }
  }

  private func finished(_ objects: [SceneObject], style: Style, _ random: inout Random) -> Scene {
    switch style {
    case .photo:
      var scene = Scene(objects, background: background(for: objects, &random))
      scene.brightness = random.uniform(0.88...1.08)
      return scene
    case .sketch:
      // Kraft paper, on which both black and white pencils show.
      let paper = RGB(0.80, 0.76, 0.68).jittered(0.04, &random)
      var scene = Scene(objects, style: .sketch, background: .flat(paper))
      scene.noise = 0.02
      return scene
    case .cartoon:
      let pale = RGB(0.72, 0.86, 0.86).jittered(0.14, &random)
      var scene = Scene(objects, style: .cartoon, background: .flat(pale))
      scene.noise = 0
      return scene
    }
  }

  /// One from which every object stands out, as far as a few tries find one.
  private func background(for objects: [SceneObject], _ random: inout Random) -> Background {
    var best = (background: Background.grey, gap: -Float.infinity)
    for _ in 0..<8 {
      let candidate = Background.random(&random)
      var stream = random
      let mean = candidate.painted(&stream).mean
      let gap = objects.map { $0.color.rgb.distance(to: mean) }.min() ?? .infinity
      if gap > best.gap { best = (candidate, gap) }
      if gap >= contrast { break }
    }
    return best.background
  }

  /// A surface, all over.
  func surface(_ texture: Texture, _ random: inout Random) -> (
    canvas: Canvas, colors: (Color, Color)
  ) {
    let colors = random.sample(2, of: Color.allCases)
    let pattern = Pattern(texture, period: random.uniform(5...13), &random)
    let (first, second) = (
      colors[0].rgb.jittered(0.08, &random), colors[1].rgb.jittered(0.08, &random)
    )
    var canvas = Canvas(first)
    canvas.paintAll { pixel, x, y in pixel = first.mixed(with: second, pattern.value(x, y)) }
    canvas.addNoise(random.uniform(0.01...0.05), &random)
    return (canvas, (colors[0], colors[1]))
  }

  /// Text on paper or in colours.
  func text(_ lines: [String], dot: ClosedRange<Float>, _ random: inout Random) -> Canvas {
    let dark = random.chance(0.75)
    let ink = dark ? RGB(0.08, 0.08, 0.1) : RGB(0.95, 0.95, 0.93)
    let paper =
      dark
      ? RGB(0.85, 0.84, 0.8).jittered(0.13, &random)
      : RGB(0.25, 0.25, 0.3).jittered(0.2, &random)
    let widest = Float(lines.map(\.count).max() ?? 1) * Float(Font.advance) - 1
    let size = min(random.uniform(dot), 62 / widest)
    let room = Point(max(0, 31 - widest * size / 2), max(0, 30 - Float(lines.count) * 4.5 * size))
    let center = Point(
      32 + random.uniform(-room.x...room.x) * 0.8, 32 + random.uniform(-room.y...room.y) * 0.8)
    var canvas = Canvas(paper)
    canvas.draw(lines, center: center, dot: size, color: ink.jittered(0.08, &random))
    canvas.addNoise(0.015, &random)
    return canvas
  }
}
