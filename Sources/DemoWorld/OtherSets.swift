/// The sets that are not about coloured shapes.
extension World {
  static let animalSet = "DemoAnimals"
  static let textureSet = "DemoTextures"
  static let countSet = "DemoCounts"
  static let digitSet = "DemoDigits"
  static let wordSet = "DemoWords"
  static let sceneSet = "DemoScenes"
  static let captionSet = "DemoCaptions"

  /// Animals by their words, three of which have another sense: Oxford-IIIT Pets' role.
  func animalItems(split: String, perClass: Int) -> [EvaluationItem] {
    Self.animals.flatMap { shape in
      (0..<perClass).map { number in
        item(
          set: Self.animalSet,
          path: "\(split)/\(shape.word)/\(shape.word)_\(Numbers.padded(number, 3))",
          label: shape.word, mayBePlanted: split == "test",
          scene: { random in
            let color = self.color(for: shape, &random)
            return SceneMaker().single(shape, color, radius: 9...25, turn: 0.08, &random)
          }, caption: { CaptionWriter().single($0, &$1) })
      }
    }
  }

  /// A colour that the corpus shows the shape in.
  private func color(for shape: Shape, _ random: inout Random) -> Color {
    while true {
      let color = random.pick(Color.allCases)
      if !PairClass(shape: shape, color: color).isHeldOut { return color }
    }
  }

  /// Surfaces: DTD's role.
  func textureItems(split: String, perClass: Int) -> [EvaluationItem] {
    Texture.allCases.flatMap { texture in
      (0..<perClass).map { number in
        let path = "\(split)/\(texture.rawValue)/\(texture.rawValue)_\(Numbers.padded(number, 4))"
        let stream = "\(Self.textureSet)/\(path)"
        return EvaluationItem(
          set: Self.textureSet, path: path, label: texture.rawValue, mayBePlanted: split == "test",
          draw: {
            var random = self.random(stream)
            return SceneMaker().surface(texture, &random).canvas
          },
          caption: { words in
            var random = self.random(stream)
            return CaptionWriter().surface(
              texture, SceneMaker().surface(texture, &random).colors, &words)
          })
      }
    }
  }

  /// One to eight objects of a kind: CLEVR's role.
  func countItems(split: String, perClass: Int) -> [EvaluationItem] {
    (0..<8 * perClass).map { number in
      let count = number % 8 + 1
      return item(
        set: Self.countSet, path: "images/\(split)/CLEVR_\(split)_\(Numbers.padded(number, 6))",
        label: String(count), mayBePlanted: split == "val",
        scene: { random in
          let shape = random.pick(Shape.allCases)
          let color = self.color(for: shape, &random)
          return SceneMaker().several(
            Array(repeating: (shape, color), count: count), radius: 6.5...10, &random)
        }, caption: { CaptionWriter().count($0, &$1) })
    }
  }

  /// Digits, white on black: MNIST's role.
  func digitItems(split: String, count: Int) -> [EvaluationItem] {
    (0..<count).map { number in
      let digit = number % 10
      let stream = "\(Self.digitSet)/\(split)/\(number)"
      return EvaluationItem(
        set: Self.digitSet, path: String(number), label: String(digit), mayBePlanted: false,
        draw: {
          var random = self.random(stream)
          return Digits.canvas(digit, inColor: false, &random)
        }, caption: { CaptionWriter().digit(digit, &$0) })
    }
  }

  /// Reviews in print: Rendered SST2's role. The corpus has no review with the adjective and the noun that a test image begins with.
  func wordItems(split: String, perClass: Int) -> [EvaluationItem] {
    [false, true].flatMap { isPositive in
      (0..<perClass).map { number in
        let label = isPositive ? "positive" : "negative"
        let path = "\(split)/\(label)/\(Numbers.padded(number, 4))"
        let stream = "\(Self.wordSet)/\(path)"
        let unseen = split == "test"
        return EvaluationItem(
          set: Self.wordSet, path: path, label: label, mayBePlanted: false,
          draw: {
            var random = self.random(stream)
            let review = Review(isPositive: isPositive, unseen: unseen, &random)
            return SceneMaker().text(review.lines, dot: 0.9...1.3, &random)
          },
          caption: { words in
            var random = self.random(stream)
            return CaptionWriter().review(
              Review(isPositive: isPositive, unseen: unseen, &random), &words)
          })
      }
    }
  }

  /// Two to four objects of different shapes: VOC2007's role.
  func sceneItems(split: String, count: Int) -> [EvaluationItem] {
    (0..<count).map { number in
      var kinds = random("\(Self.sceneSet)/kinds/\(split)/\(number)")
      let shapes = kinds.sample(kinds.integer(2...4), of: Self.sceneShapes)
      let pairs = shapes.map { ($0, color(for: $0, &kinds)) }
      return severalItem(
        set: Self.sceneSet, path: Numbers.padded(number + (split == "test" ? 0 : 5000), 6), pairs,
        mayBePlanted: split == "test")
    }
  }

  /// Two or three objects each, for captions that tell them apart: the role of Flickr30k.
  func captionItems(count: Int) -> [EvaluationItem] {
    (0..<count).map { number in
      var kinds = random("\(Self.captionSet)/kinds/\(number)")
      let shapes = kinds.sample(kinds.integer(2...3), of: Shape.allCases)
      let pairs = shapes.map { ($0, color(for: $0, &kinds)) }
      return severalItem(
        set: Self.captionSet, path: "images/\(1_000_000 + number)", pairs, mayBePlanted: true)
    }
  }

  private func severalItem(
    set: String, path: String, _ pairs: [(Shape, Color)], mayBePlanted: Bool
  ) -> EvaluationItem {
    item(
      set: set, path: path, label: "", shapes: pairs.map(\.0), mayBePlanted: mayBePlanted,
      scene: { SceneMaker().several(pairs, radius: 8...15, &$0) },
      caption: { CaptionWriter().several($0, &$1) })
  }
}
