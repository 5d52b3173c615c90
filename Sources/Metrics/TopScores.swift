/// The highest scores of one sample with the classes that have them, best first; equal scores rank by lowest
/// class, so that the first is what numpy's `argmax` returns.
package struct TopScores: Sendable {
  /// Class of each rank, −1 where there are fewer classes than ranks.
  package private(set) var classes: [Int]
  /// NaN where there are fewer classes than ranks.
  package private(set) var scores: [Float]
  private var filled = 0

  package init(width: Int) {
    classes = [Int](repeating: -1, count: width)
    scores = [Float](repeating: .nan, count: width)
  }

  /// Forgets every score.
  package mutating func reset() {
    for rank in 0..<filled {
      classes[rank] = -1
      scores[rank] = .nan
    }
    filled = 0
  }

  /// Classes must come in rising order, and scores must not be NaN.
  package mutating func insert(_ score: Float, of candidate: Int) {
    let width = classes.count
    if filled == width && !(score > scores[width - 1]) { return }
    var rank = min(filled, width - 1)
    while rank > 0 && score > scores[rank - 1] {
      scores[rank] = scores[rank - 1]
      classes[rank] = classes[rank - 1]
      rank -= 1
    }
    scores[rank] = score
    classes[rank] = candidate
    if filled < width { filled += 1 }
  }

  /// The lowest score that is ranked, once every rank is taken.
  package var cutoff: Float? { filled == scores.count ? scores.last : nil }

  /// By how much the best score leads the second; NaN with fewer than two classes.
  package var margin: Float { scores.count > 1 ? scores[0] - scores[1] : .nan }
}
