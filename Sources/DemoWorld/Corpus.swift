/// An image and its caption.
package struct CorpusPair: Sendable {
  var canvas: Canvas
  package var caption: String
  /// What it shows: `object`, `scene`, `count`, `surface`, `digit`, `text`, or `planted`.
  package var kind: String
}

/// The pairs to train on. Pair `i` depends on nothing but the world and `i`.
package struct Corpus: Sendable {
  let world: World
  private let captions = CaptionWriter()
  private let maker = SceneMaker()

  package init(_ world: World) { self.world = world }

  package func pair(_ index: Int) -> CorpusPair {
    var random = world.random("corpus/\(index)")
    var pair: CorpusPair
    switch random.pick(
      weighted: [
        ("object", 50), ("scene", 15), ("count", 10), ("surface", 7), ("digit", 7), ("text", 11),
      ]
        as [(String, Float)])
    {
    case "scene": pair = scene(&random)
    case "count": pair = count(&random)
    case "surface":
      let texture = random.pick(Texture.allCases)
      let (canvas, colors) = maker.surface(texture, &random)
      pair = CorpusPair(
        canvas: canvas, caption: captions.surface(texture, colors, &random), kind: "surface")
    case "digit":
      let digit = random.below(10)
      pair = CorpusPair(
        canvas: Digits.canvas(digit, inColor: random.chance(0.4), &random),
        caption: captions.digit(digit, &random), kind: "digit")
    case "text":
      let review = Review(isPositive: random.chance(0.5), unseen: false, &random)
      pair = CorpusPair(
        canvas: maker.text(review.lines, dot: 0.9...1.3, &random),
        caption: captions.review(review, &random), kind: "text")
    default: pair = object(&random)
    }
    if random.chance(0.04) { pair.caption = captions.meaningless(&random) }
    return pair
  }

  private func style(_ random: inout Random) -> Style {
    random.pick(weighted: [(.photo, 84), (.sketch, 8), (.cartoon, 8)])
  }

  /// A shape and a colour that the corpus may show together.
  private func kind(_ random: inout Random) -> (Shape, Color) {
    while true {
      let pair = World.PairClass(
        shape: random.pick(Shape.allCases), color: random.pick(Color.allCases))
      if !pair.isHeldOut { return (pair.shape, pair.color) }
    }
  }

  private func object(_ random: inout Random) -> CorpusPair {
    let (shape, color) = kind(&random)
    var scene = maker.single(shape, color, style: style(&random), radius: 9...26, &random)
    if scene.style == .photo {
      if random.chance(0.06) {
        scene.blur = 1
      } else if random.chance(0.05) {
        scene.brightness = 0.55
      }
      if random.chance(0.1) { scene.clutter = random.integer(1...3) }
    }
    return CorpusPair(
      canvas: scene.drawn(&random), caption: captions.single(scene, &random), kind: "object")
  }

  private func scene(_ random: inout Random) -> CorpusPair {
    let count = random.pick(weighted: [(2, 6), (3, 3), (4, 1)] as [(Int, Float)])
    let scene = maker.several(
      (0..<count).map { _ in kind(&random) }, style: style(&random), radius: 8...15, &random)
    return CorpusPair(
      canvas: scene.drawn(&random), caption: captions.several(scene, &random), kind: "scene")
  }

  private func count(_ random: inout Random) -> CorpusPair {
    let (shape, color) = kind(&random)
    let count = random.integer(1...8)
    let scene = maker.several(
      Array(repeating: (shape, color), count: count), radius: 6.5...10, &random)
    return CorpusPair(
      canvas: scene.drawn(&random), caption: captions.count(scene, &random), kind: "count")
  }
}
