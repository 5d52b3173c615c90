import Foundation

/// The paper's grid for C, 10^(−6 + j/8) with j = 0 … 96, and its search (§3.2, appendix A.3), whatever a point's score comes from.
package enum PaperGrid {
  package static let count = 97
  /// Of the halving search at most: seven points, and then twice two, four times.
  package static let fitCount = 15

  package static func value(_ point: Int) -> Double { pow(10, -6 + Double(point) / 8) }

  /// The point with the highest score; of equal ones the lowest.
  package static func best(_ scores: [Int: Double]) -> Int? {
    scores.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  package static func all(_ scores: ([Int]) throws -> [Double]) rethrows -> [Int: Double] {
    let points = Array(0..<count)
    return Dictionary(uniqueKeysWithValues: zip(points, try scores(points)))
  }

  /// Every second decade, then the neighbours of the peak at half the distance, down to an eighth of a decade.
  package static func halving(_ scores: ([Int]) throws -> [Double]) rethrows -> [Int: Double] {
    var found: [Int: Double] = [:]
    var step = 16
    var points = Array(stride(from: 0, to: count, by: step))
    while true {
      for (point, score) in zip(points, try scores(points)) { found[point] = score }
      step /= 2
      guard step > 0, let best = best(found) else { return found }
      points = [best - step, best + step].filter { (0..<count).contains($0) && found[$0] == nil }
    }
  }
}
