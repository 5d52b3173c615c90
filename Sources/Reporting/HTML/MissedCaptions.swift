package import Foundation

/// Of retrieval: images whose best-scored caption is another image's.
package struct MissedCaptions: Sendable {
  /// A caption among the five best.
  package struct Guess: Sendable {
    package var text: String
    /// Whether it is one of the image's own.
    package var isOwn: Bool
    /// Scale × cosine.
    package var score: Double

    package init(text: String, isOwn: Bool, score: Double) {
      self.text = text
      self.isOwn = isOwn
      self.score = score
    }
  }

  package struct Image: Sendable {
    package var id: String
    /// Of its own captions the one that scores highest, as the model saw it.
    package var caption: String
    /// Its place among all captions without the image's others, from 2; nil beyond the ten first.
    package var rank: Int?
    /// Best first.
    package var guesses: [Guess]
    /// Nil where no picture was kept.
    package var jpeg: Data?

    package init(id: String, caption: String, rank: Int?, guesses: [Guess], jpeg: Data?) {
      self.id = id
      self.caption = caption
      self.rank = rank
      self.guesses = guesses
      self.jpeg = jpeg
    }
  }

  package var imageCount: Int
  package var captionCount: Int
  /// All that are missed.
  package var missedCount: Int
  /// Some of them, to look at.
  package var images: [Image]

  package init(imageCount: Int, captionCount: Int, missedCount: Int, images: [Image]) {
    self.imageCount = imageCount
    self.captionCount = captionCount
    self.missedCount = missedCount
    self.images = images
  }
}
