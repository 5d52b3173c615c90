/// The highest scores of one sample with the classes that have them, best first; equal scores rank by lowest
/// class, so that the first is what numpy's `argmax` returns.
package struct TopScores: Sendable {
  /// Class of each rank, −1 where there are fewer classes than ranks.
  package private(set) var classes: [Int]
  /// NaN where there are fewer classes than ranks.
  package private(set) var scores: [Float]

  package init(width: Int) {
    classes = [Int](repeating: -1, count: width)
    scores = [Float](repeating: .nan, count: width)
  }

  /// Replaces the ranking with that of `row`, whose values must not be NaN.
  package mutating func rank(_ row: ArraySlice<Float>) {
    let width = classes.count
    var filled = 0
    for (candidate, score) in row.enumerated() {
      if filled == width && !(score > scores[width - 1]) { continue }
      var position = min(filled, width - 1)
      while position > 0 && score > scores[position - 1] {
        scores[position] = scores[position - 1]
        classes[position] = classes[position - 1]
        position -= 1
      }
      scores[position] = score
      classes[position] = candidate
      if filled < width { filled += 1 }
    }
    for position in filled..<width {
      classes[position] = -1
      scores[position] = .nan
    }
  }

  /// By how much the best score leads the second; NaN with fewer than two classes.
  package var margin: Float { scores.count > 1 ? scores[0] - scores[1] : .nan }
}
