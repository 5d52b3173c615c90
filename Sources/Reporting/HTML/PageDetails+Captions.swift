import Core
import Foundation
import Metrics

/// What is told of retrieval, image by image.
extension PageDetails {
  func misses(_ misses: MissedCaptions) -> String {
    guard misses.missedCount > 0 else {
      return "<h4>Typical errors</h4><p>The best caption of every image is its own.</p>\n"
    }
    var pictures = budget.pictures
    let shown = misses.images.prefix(budget.errors)
    let cards = shown.map { image in
      let rank = image.rank.map { "\($0)" } ?? "beyond \(RecallAtK.largestCutoff)"
      let guesses = image.guesses.map { guess in
        let kind = guess.isOwn ? " class=\"good\"" : ""
        return
          "<li\(kind)>\(HTML.escaped(guess.text)) <span>\(FixedPoint.text(guess.score, decimals: 1))</span></li>"
      }.joined()
      return Self.card(
        id: image.id, jpeg: image.jpeg, pictures: &pictures,
        "<p><span class=\"quiet\">own caption, rank \(rank):</span> <b class=\"good\">\(HTML.escaped(image.caption))</b></p><ol>\(guesses)</ol>"
      )
    }.joined()
    return
      "<h4>Typical errors</h4><p class=\"quiet\">\(shown.count) of \(counted(misses.missedCount, "image")) whose best caption is another image’s: those that it leads by the most, each such caption once before any twice, with the five best captions and their scores; the image’s own are green.</p>\n<ul class=\"errors\">\n\(cards)</ul>\n"
  }

  /// A wrong sample with its picture.
  /// - Parameters:
  ///   - pictures: how many may still be shown.
  ///   - content: markup.
  static func card(
    id: String, jpeg: Data?, pictures: inout Int, _ content: String
  ) -> String {
    var picture = ""
    if let jpeg, pictures > 0 {
      pictures -= 1
      picture =
        "<img src=\"data:image/jpeg;base64,\(jpeg.base64EncodedString())\" alt=\"\(HTML.escaped("Sample \(id)"))\" loading=\"lazy\"/>"
    }
    return
      "<li><div class=\"thumb\">\(picture)</div><div>\(content)<p class=\"quiet id\">\(HTML.escaped(id))</p></div></li>\n"
  }
}
