import Core
import Experiments
import Foundation
import Metrics
import Reporting

extension Predictions {
  /// Of images that rank captions those whose best is not their own, the most certain first: by how much it leads the best of their own, of
  /// own ones beyond the five best by how much it leads the fifth. Each best caption once before any a second time.
  ///
  /// - Parameter ranks: of each image's best own caption, from 1.
  func typicalMisses(ranks: [Int], limit: Int) -> [Int] {
    let leads = (0..<count).map { image -> Float in
      let range = image * Self.width..<(image + 1) * Self.width
      let own = range.first { top5[$0] == labels[image] }
      let last = range.last { top5[$0] >= 0 } ?? range.lowerBound
      return scores[range.lowerBound] - scores[own ?? last]
    }
    // A caption and itself, as in a tie, must not look like a right answer: captions count from 1, images are all 0.
    return TypicalErrors.choose(
      labels: ranks.map { $0 > 1 ? 0 : -1 }, predictions: prediction.map { $0 + 1 },
      certainty: leads, limit: limit)
  }
}

extension PredictionFile {
  /// What a report tells of retrieval: of the file of images that rank captions, with that of captions that rank images beside it, which says whose
  /// each caption is.
  /// - Returns: nil for the other file.
  func misses() throws -> MissedCaptions? {
    let name = url.deletingPathExtension()
    guard name.pathExtension == RetrievalDirection.imageToText.rawValue else { return nil }
    let base = name.deletingPathExtension()
    let texts = try TextLines.read(
      base.deletingLastPathComponent().appending(path: base.lastPathComponent + ".captions.txt")
    ).map(RunFolder.unescaped)
    let other = base.deletingLastPathComponent().appending(
      path: "\(base.lastPathComponent).\(RetrievalDirection.textToImage.rawValue)")
    let captions = try PredictionFile(other)
    let imageOfCaption = Dictionary(
      zip(try captions.integers("index"), try captions.integers("label")),
      uniquingKeysWith: { first, _ in first })

    var predictions = Predictions()
    predictions.labels = try labels()
    predictions.prediction = try self.predictions()
    predictions.top5 = try integers("top5", width: Predictions.width)
    predictions.scores = try floats("score", width: Predictions.width)
    let (ranks, places) = (try integers("rank"), try integers("index"))
    let chosen = predictions.typicalMisses(ranks: ranks, limit: RunFolder.pictureCount)
    let ids = try ids(of: chosen)
    func text(_ caption: Int) throws -> String {
      guard texts.indices.contains(caption) else {
        throw EvalError(
          .malformedData, "expected numbers of \(texts.count) captions, found \(caption)",
          subject: url.path)
      }
      return texts[caption]
    }
    let pictures = sibling(".errors")
    let images = try chosen.map { image -> MissedCaptions.Image in
      let range = image * Predictions.width..<(image + 1) * Predictions.width
      let guesses = try range.filter { predictions.top5[$0] >= 0 }.map { place in
        let caption = predictions.top5[place]
        return MissedCaptions.Guess(
          text: try text(caption), isOwn: imageOfCaption[caption] == places[image],
          score: Double(predictions.scores[place]))
      }
      let picture = pictures.appending(path: "\(places[image]).jpg")
      return MissedCaptions.Image(
        id: ids[image] ?? "", caption: try text(predictions.labels[image]),
        rank: ranks[image] > RecallAtK.largestCutoff ? nil : ranks[image], guesses: guesses,
        jpeg: isFile(picture) ? try readFile(picture) : nil)
    }
    return MissedCaptions(
      imageCount: count, captionCount: texts.count, missedCount: ranks.count { $0 > 1 },
      images: images)
  }
}
