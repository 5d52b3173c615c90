/// Short texts about films, which are liked or not.
struct Review: Sendable {
  var isPositive: Bool
  var lines: [String]

  private static let liked = ["good", "great", "happy", "lovely", "fun", "best", "nice", "sweet"]
  private static let disliked = ["bad", "awful", "sad", "boring", "dull", "worst", "weak", "ugly"]
  private static let things = ["movie", "film", "story", "plot", "cast", "scene"]

  /// - Parameter unseen: pairs of an adjective and a noun that the corpus never has, or those alone that it may have.
  init(isPositive: Bool, unseen: Bool, _ random: inout Random) {
    self.isPositive = isPositive
    let adjectives = isPositive ? Self.liked : Self.disliked
    let first = random.below(adjectives.count)
    var thing = random.below(Self.things.count)
    while ((first + thing) % 3 == 0) != unseen { thing = random.below(Self.things.count) }
    let (adjective, noun) = (adjectives[first], Self.things[thing])
    switch random.below(4) {
    case 0: lines = [adjective, noun]
    case 1: lines = ["a " + adjective, noun]
    case 2: lines = ["the", adjective, noun]
    default:
      lines = [
        adjective, noun,
        "and " + adjectives[(first + 1 + random.below(adjectives.count - 1)) % adjectives.count],
      ]
    }
  }

  var text: String { lines.joined(separator: " ") }
}
