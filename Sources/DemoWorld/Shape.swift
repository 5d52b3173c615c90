/// What an object of the world is. Three words have two senses each: `crane`, `bat` and `mouse`.
package enum Shape: String, CaseIterable, Sendable {
  case circle, square, triangle, star, heart, cross, ring, arrow, moon, diamond, flower, house,
    tree, key
  case craneBird = "crane-bird"
  case craneMachine = "crane-machine"
  case batAnimal = "bat-animal"
  case batClub = "bat-club"
  case mouseAnimal = "mouse-animal"
  case mouseDevice = "mouse-device"
  case fish, duck, snake, hexagon, drop

  /// The word for it, which may have another sense.
  package var word: String {
    String(rawValue.split(separator: "-")[0])
  }

  /// Names that leave no doubt which sense is meant; empty where the word has one sense.
  package var plainNames: [String] {
    switch self {
    case .craneBird: ["crane bird"]
    case .craneMachine: ["construction crane"]
    case .batAnimal: ["flying bat"]
    case .batClub: ["baseball bat"]
    case .mouseAnimal: ["field mouse"]
    case .mouseDevice: ["computer mouse"]
    default: []
    }
  }

  /// What kind of thing it is a type of.
  package var kind: String {
    switch self {
    case .craneBird, .duck: "bird"
    case .batAnimal, .mouseAnimal, .fish, .snake: "animal"
    case .craneMachine: "machine"
    case .batClub: "club"
    case .mouseDevice: "device"
    case .flower, .tree: "plant"
    case .house: "building"
    case .key: "tool"
    default: "shape"
    }
  }

  package var isAnimal: Bool { kind == "animal" || kind == "bird" }

  package var plural: String {
    switch self {
    case .cross: "crosses"
    case .mouseAnimal, .mouseDevice: "mice"
    case .fish: "fish"
    default: word + "s"
    }
  }

  /// Whether it looks the same, or nearly, when turned; such shapes may be turned freely.
  var turnsFreely: Bool {
    switch self {
    case .circle, .ring, .star, .flower, .hexagon, .arrow, .key: true
    default: false
    }
  }

  var figure: Figure { Self.figures[self] ?? Figure(parts: []) }

  private static let figures = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.drawn()) })
}
