import Core
package import Foundation
package import Imaging

/// Pairs side by side as one HTML file that needs no network: to look at, to mark, and to choose a threshold by.
package struct ReviewPage {
  package let html: Data

  /// Pictures are no larger than this along their shorter side, pixels.
  private static let pictureSide = 128

  private struct Content: Encodable {
    struct Pair: Encodable {
      var query: String
      var reference: String
      var score: Double
      var detector: String
      /// Places in `pictures`; −1 where there is none.
      var left: Int
      var right: Int
    }
    struct Curve: Encodable {
      var detector: String
      /// Rising.
      var thresholds: [Double]
      /// With a score of at least each threshold.
      var pairs: [Int]
      var queries: [Int]
    }
    var title: String
    var queryCount: Int
    var pairCount: Int
    var pairs: [Pair]
    var curves: [Curve]
    /// JPEG, base 64.
    var pictures: [String]
  }

  /// - Parameters:
  ///   - limit: pairs that are shown. Of more, a sample over the whole range of scores is.
  ///   - queryImage: of a pair, by its number; nil where there is none to show.
  package init(
    _ pairs: [DuplicatePair], title: String, queryCount: Int, limit: Int,
    queryImage: (Int) -> ImageSource?, referenceImage: (Int) -> ImageSource?
  ) throws {
    var pictures: [String] = []
    var places: [String: Int] = [:]
    func place(_ key: String, _ source: ImageSource?) throws -> Int {
      guard let source else { return -1 }
      if let known = places[key] { return known }
      guard let picture = try SmallPicture.jpeg(of: source, size: .shorterSide(Self.pictureSide))
      else { return -1 }
      places[key] = pictures.count
      pictures.append(picture.base64EncodedString())
      return pictures.count - 1
    }
    let shown = Self.sample(pairs, limit: limit)
    let items = try shown.map { row in
      let pair = pairs[row]
      return Content.Pair(
        query: pair.query, reference: pair.reference, score: pair.score, detector: pair.detector,
        left: try place("q\(pair.query)", queryImage(row)),
        right: try place("r\(pair.reference)", referenceImage(row)))
    }
    let content = Content(
      title: title, queryCount: queryCount, pairCount: pairs.count, pairs: items,
      curves: Self.curves(pairs), pictures: pictures)
    // Names of files are strangers' text: nothing of it may end the element that holds it.
    let data = try CanonicalJSON.string(content)
      .replacing("&", with: "\\u0026").replacing("<", with: "\\u003c")
      .replacing(">", with: "\\u003e")
    html = Data(ReviewTemplate.text.replacing("@@DATA@@", with: data, maxReplacements: 1).utf8)
  }

  /// Which pairs are shown, highest scores first within each detector: all, or as many from each twentieth of a detector's range of scores as
  /// there are.
  static func sample(_ pairs: [DuplicatePair], limit: Int) -> [Int] {
    func precedes(_ a: Int, _ b: Int) -> Bool {
      let (p, q) = (pairs[a], pairs[b])
      return (-p.score, p.query, p.reference, p.detector) < (
        -q.score, q.query, q.reference, q.detector
      )
    }
    guard pairs.count > limit else { return pairs.indices.sorted(by: precedes) }
    var bins: [[Int]] = []
    for rows in Dictionary(grouping: pairs.indices, by: { pairs[$0].detector })
      .sorted(by: { $0.key < $1.key }).map(\.value)
    {
      let scores = rows.map { pairs[$0].score }
      let (low, high) = (scores.min() ?? 0, scores.max() ?? 0)
      var own = [[Int]](repeating: [], count: 20)
      for row in rows {
        let place = high > low ? 20 * (pairs[row].score - low) / (high - low) : 0
        own[min(19, Int(place))].append(row)
      }
      bins += own
    }
    // A turn each, so that bins with few pairs give all of theirs.
    var quotas = [Int](repeating: 0, count: bins.count)
    var left = limit
    while left > 0 {
      var moved = false
      for bin in bins.indices.reversed() where left > 0 && quotas[bin] < bins[bin].count {
        quotas[bin] += 1
        left -= 1
        moved = true
      }
      if !moved { break }
    }
    var chosen: [Int] = []
    for (bin, quota) in zip(bins, quotas) where quota > 0 {
      let sorted = bin.sorted(by: precedes)
      chosen += (0..<quota).map { sorted[$0 * sorted.count / quota] }
    }
    return chosen.sorted(by: precedes)
  }

  /// How many pairs and queries are at or above each of about 200 thresholds, whole thousandths: what the page shows is then exact.
  private static func curves(_ pairs: [DuplicatePair]) -> [Content.Curve] {
    Dictionary(grouping: pairs, by: \.detector).sorted { $0.key < $1.key }.map { detector, own in
      let sorted = own.sorted { $0.score > $1.score }
      let low = min(sorted.last?.score ?? 1, 1) * 1000
      let step = [1.0, 2, 5].first { 1000 - low <= 200 * $0 } ?? 10
      let thresholds = stride(from: (low / step).rounded(.down) * step, through: 1000, by: step)
        .map { $0 / 1000 }
      var queries: Set<String> = []
      var next = 0
      var reached: [(Int, Int)] = []
      for threshold in thresholds.reversed() {
        while next < sorted.count, sorted[next].score >= threshold {
          queries.insert(sorted[next].query)
          next += 1
        }
        reached.append((next, queries.count))
      }
      return Content.Curve(
        detector: detector, thresholds: thresholds, pairs: reached.reversed().map(\.0),
        queries: reached.reversed().map(\.1))
    }
  }
}
