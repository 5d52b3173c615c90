import Core
package import Imaging

/// Images of a set, to be read when they are needed.
package struct ImageCollection: Sendable {
  package let count: Int
  /// Unique in the set: what pairs call the image.
  package let id: @Sendable (Int) -> String
  package let source: @Sendable (Int) throws -> ImageSource

  package init(
    count: Int, id: @escaping @Sendable (Int) -> String,
    source: @escaping @Sendable (Int) throws -> ImageSource
  ) {
    (self.count, self.id, self.source) = (count, id, source)
  }

  /// Several sets, one after the other.
  package init(joining sets: [ImageCollection]) {
    var starts: [Int] = []
    var total = 0
    for set in sets {
      starts.append(total)
      total += set.count
    }
    let first = starts
    @Sendable func place(_ number: Int) -> (set: ImageCollection, number: Int) {
      let set = (first.firstIndex { $0 > number } ?? first.count) - 1
      return (sets[set], number - first[set])
    }
    self.init(
      count: total,
      id: { number in
        let (set, own) = place(number)
        return set.id(own)
      },
      source: { number in
        let (set, own) = place(number)
        return try set.source(own)
      })
  }

  /// Some of the images.
  func chosen(_ numbers: [Int]) -> ImageCollection {
    ImageCollection(
      count: numbers.count, id: { id(numbers[$0]) }, source: { try source(numbers[$0]) })
  }
}

/// An image that no detector of pixels looks at, and why.
package struct UnusableImage: Sendable, Equatable {
  /// In its set.
  package let number: Int
  package let id: String
  package let reason: String
}
