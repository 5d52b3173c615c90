import Core
import DemoWorld
import Foundation
import Imaging
import Testing

@Suite struct WorldTests {
  private let world = World()

  /// Raise `World.version` and retrain when this changes: the checkpoints are of these pixels.
  @Test func picturesAreThoseTheCheckpointsWereTrainedOn() throws {
    let items = try world.evaluationItems(.tiny)
    var hash = SHA256()
    for item in items { item.pixels.withUnsafeBytes { hash.update($0) } }
    let corpus = Corpus(world)
    for index in 0..<200 { hash.update(corpus.pair(index).caption) }
    #expect(
      hash.finalize().hex == "6021a442b6cb29b9eccff05e40959902cd4c9a2ec4b3c6ddcdcb08ab7d341118")
  }

  @Test func classesAreAsDocumented() {
    #expect(World.classes.count == 200)
    #expect(Set(World.classes.map(\.id)).count == 200)
    #expect(World.classes.allSatisfy { $0.id.wholeMatch(of: /n\d{8}/) != nil })
    let heldOut = World.classes.filter(\.isHeldOut)
    #expect(heldOut.count == 30)
    // Every shape and every colour is seen in training, and every shape has one pair that is not.
    #expect(Set(heldOut.map(\.shape)).count == 20)
    let byColor = Dictionary(grouping: heldOut, by: \.color)
    #expect(byColor.count == 10 && byColor.values.allSatisfy { $0.count <= 4 })
    #expect(World.classes.count(where: \.isInSubset) == 60)
  }

  @Test func corpusNeverShowsAHeldOutPair() {
    let corpus = Corpus(world)
    let senses = Dictionary(
      grouping: World.classes, by: { "\($0.color.rawValue) \($0.shape.word)" })
    // Where both senses of a word are held out in a colour, or its only one, no caption can say the two together.
    let forbidden = senses.filter { $0.value.allSatisfy(\.isHeldOut) }.map(\.key)
    #expect(forbidden.count > 15)
    for index in 0..<4000 {
      let caption = " " + corpus.pair(index).caption.filter { $0.isLetter || $0 == " " } + " "
      for pair in forbidden {
        #expect(!caption.contains(" \(pair) "), "\(index): \(caption)")
      }
    }
  }

  @Test func sameWordNamesTwoThings() {
    let words = Dictionary(grouping: World.shapes, by: \.word).filter { $0.value.count > 1 }
    #expect(Set(words.keys) == ["crane", "bat", "mouse"])
    for shapes in words.values {
      #expect(shapes.allSatisfy { !$0.plainNames.isEmpty })
      #expect(Set(shapes.flatMap(\.plainNames)).count == 2)
    }
  }
}
