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
}

/// An image that no detector looks at, and why.
package struct UnusableImage: Sendable, Equatable, Codable {
  package let id: String
  package let reason: String

  package init(id: String, reason: String) {
    (self.id, self.reason) = (id, reason)
  }
}
