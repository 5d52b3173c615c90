import Foundation

/// What templates say of some images, added up.
extension ProbabilityEnsemble {
  struct ScoreOfClass {
    var candidate: Int
    var score: Float
    var probability: Double
  }

  /// Sums over templates of the probabilities of each class, and of what they lack to 1: near 1 a sum alone cannot tell images apart.
  struct Sums {
    private let classCount: Int
    private var probabilities: [Double]
    private var complements: [Double]

    init(rows: Int, classCount: Int) {
      self.classCount = classCount
      probabilities = [Double](repeating: 0, count: rows * classCount)
      complements = probabilities
    }

    mutating func add(
      _ cosines: ArraySlice<Double>, scale: Double, to row: Int,
      among candidates: some Sequence<Int>
    ) {
      let first = cosines.startIndex
      var best = -1
      for candidate in candidates
      where best < 0 || cosines[first + candidate] > cosines[first + best] {
        best = candidate
      }
      guard best >= 0 else { return }
      let highest = cosines[first + best]
      var others = 0.0
      let start = row * classCount
      var exponentials: [(candidate: Int, value: Double)] = []
      exponentials.reserveCapacity(classCount)
      for candidate in candidates where candidate != best {
        let value = exp(scale * (cosines[first + candidate] - highest))
        exponentials.append((candidate, value))
        others += value
      }
      let total = 1 + others
      for (candidate, value) in exponentials {
        probabilities[start + candidate] += value / total
        complements[start + candidate] += 1 - value / total
      }
      probabilities[start + best] += 1 / total
      complements[start + best] += others / total
    }

    /// Of the candidates, all when nil, in rising order.
    func scores(_ row: Int, count: Double, among candidates: [Int]?) -> [ScoreOfClass] {
      func score(_ candidate: Int) -> ScoreOfClass {
        let index = row * classCount + candidate
        let probability = probabilities[index] / count
        let logarithm =
          probability > 0.5 ? log1p(-complements[index] / count) : log(probability)
        return ScoreOfClass(
          candidate: candidate, score: Float(ProbabilityEnsemble.rounded(logarithm)),
          probability: probability)
      }
      return candidates?.map(score) ?? (0..<classCount).map(score)
    }
  }

  private static func rounded(_ value: Double) -> Double {
    guard value.isFinite else { return value }
    let step = value.ulp * 0x1p30
    return (value / step).rounded() * step
  }
}
