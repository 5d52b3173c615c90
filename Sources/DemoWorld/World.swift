/// The synthetic world: everything in it follows from its version and seed.
package struct World: Sendable {
  /// Raised when any picture or caption changes.
  package static let version = 1
  package let seed: UInt64

  package init(seed: UInt64 = 2021) { self.seed = seed }

  func random(_ stream: String) -> Random { Random(stream, seed: seed) }

  /// A class of the broad set: a coloured shape, in one sense of its word.
  package struct PairClass: Hashable, Sendable {
    package let shape: Shape
    package let color: Color

    /// In the form of ImageNet's synset ids.
    package var id: String {
      "n90" + Numbers.padded(World.shapes.firstIndex(of: shape) ?? 0, 3)
        + Numbers.padded(Color.allCases.firstIndex(of: color) ?? 0, 3)
    }

    /// A name that leaves no doubt which sense of the word is meant.
    var plainName: String { "\(color.rawValue) \(shape.plainNames.first ?? shape.word)" }

    /// Whether no image and no caption of the corpus has this pair.
    package var isHeldOut: Bool {
      guard let s = World.shapes.firstIndex(of: shape), let c = Color.allCases.firstIndex(of: color)
      else { return false }
      let place = (c + 7 * s) % 10
      return place == 1 || (place == 6 && s.isMultiple(of: 2))
    }

    /// Whether the class is among the subset that some of the shifts cover, as ImageNet-R and -A do.
    package var isInSubset: Bool {
      let s = World.shapes.firstIndex(of: shape) ?? 0
      let c = Color.allCases.firstIndex(of: color) ?? 0
      return [0, 3, 7].contains((s + c) % 10)
    }
  }

  /// The shapes of the broad set.
  package static let shapes: [Shape] = Array(Shape.allCases.prefix(20))

  /// The 200 classes of the broad set, by shape and then by colour.
  package static let classes: [PairClass] = shapes.flatMap { shape in
    Color.allCases.map { PairClass(shape: shape, color: $0) }
  }

  package static let animals: [Shape] = Shape.allCases.filter(\.isAnimal)

  /// What multi-label scenes hold.
  package static let sceneShapes: [Shape] = [
    .arrow, .circle, .cross, .fish, .heart, .house, .moon, .ring, .square, .star, .tree, .triangle,
  ]

  package static let numberWords = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
  static let digitWords = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
  ]
}

enum Numbers {
  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
