import Foundation

extension Axis {
  /// A range of fractions with room for labels above and below the marks; nil for fewer than two values.
  static func roomy(_ values: [Double]) -> ClosedRange<Double>? {
    guard let low = values.min(), let high = values.max(), low < high else { return nil }
    let room = (high - low) * 0.08
    return max(0, low - room)...min(1, high + room)
  }
}

extension Series {
  /// Marks nothing: labels keep off its points, which lie along the lines of these series on axes that are linear or log₁₀.
  static func clearance(of series: [Series], x: Axis.Scale, y: Axis.Scale) -> Series {
    let steps = 24
    let places = series.filter { $0.line != nil }.flatMap { one in
      zip(one.points, one.points.dropFirst()).flatMap { from, to in
        (1..<steps).map { step in
          let share = Double(step) / Double(steps)
          return Series.Point(
            between(from.x, to.x, share, x), between(from.y, to.y, share, y))
        }
      }
    }
    var clearance = Series("", colour: nil, points: places)
    clearance.isNamed = false
    clearance.isRepeated = true
    return clearance
  }

  private static func between(
    _ from: Double, _ to: Double, _ share: Double, _ scale: Axis.Scale
  ) -> Double {
    guard scale == .log10, from > 0, to > 0 else { return from + (to - from) * share }
    return from * pow(to / from, share)
  }
}
