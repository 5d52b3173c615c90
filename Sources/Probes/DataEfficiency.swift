package import Core
import Foundation

/// How many training examples a class a probe needs to be as good as zero-shot classification with the same model (the paper's
/// Figure 7).
///
/// The measured points are joined by straight lines over log₂ of examples a class ("log-linear interpolation", section 3.1.4): the
/// few-shot points and, last, the probe trained on everything, at its training samples ÷ classes. The answer is where the joined line first
/// reaches the zero-shot value.
///
/// What the paper does not write is decided so:
/// - A curve that never reaches it has no value: "> x", x being the last point.
/// - A curve that is above it from the first point has the line through its first two points extended downwards (`extrapolated`); where
///   that line does not rise there is no value: "< x". The paper prints 0.9 for Flowers102 and EuroSAT, below its first point, and not how it came
///   to that: the accuracies are not published, and this rule (zero-shot 7 to 23 % of the first doubling's gain below one shot), a straight
///   line from chance at no examples, or a fixed value would each print it.
/// - A curve that falls and rises counts where it is first reached, going up; `fallsBelowAgain` tells that a later point lies below.
/// - Few-shot points with as many examples as the whole training set, or more, are left out: they are the whole set.
package enum DataEfficiency {
  package struct Point: Sendable, Codable, Equatable {
    /// Examples a class.
    package var shots: Double
    package var accuracy: Double

    package init(shots: Double, accuracy: Double) {
      self.shots = shots
      self.accuracy = accuracy
    }
  }

  package enum Kind: String, Sendable, Codable {
    /// Between two measured points, or at one.
    case interpolated
    /// Below the first point.
    case extrapolated
    /// Below the first point, and the line through the first two does not rise: no value.
    case below
    /// Never reached: no value.
    case notReached = "not-reached"
  }

  package struct Answer: Sendable, Codable, Equatable {
    /// Nil where there is no value.
    package var shots: Double?
    package var kind: Kind
    /// The point that bounds it where there is no value: the last when it is not reached, else the first.
    package var bound: Double
    /// A point after the crossing lies below the zero-shot value.
    package var fallsBelowAgain: Bool

    package init(shots: Double?, kind: Kind, bound: Double, fallsBelowAgain: Bool) {
      self.shots = shots
      self.kind = kind
      self.bound = bound
      self.fallsBelowAgain = fallsBelowAgain
    }

    /// As a table shows it: `6.0`, `0.9*` where it is extrapolated, `> 184`, `< 1`.
    package var text: String {
      guard let shots else {
        let whole = bound.rounded() == bound && abs(bound) < 1e15
        return "\(kind == .notReached ? ">" : "<") \(whole ? String(Int(bound)) : tenths(bound))"
      }
      return tenths(shots) + (kind == .extrapolated ? "*" : "")
    }
  }

  /// - Parameters:
  ///   - zeroShot: in the unit of the curve's accuracies.
  ///   - curve: points in any order, each of more than 0 examples and none twice.
  ///   - full: the probe trained on the whole training set.
  /// - Throws: `EvalError.malformedData` without a point, and for values that are not finite or counts that are not as said.
  package static func shots(
    toReach zeroShot: Double, curve: [Point], full: Point? = nil
  ) throws(EvalError) -> Answer {
    let points = try checked(curve, full, zeroShot)
    guard let first = points.first, let last = points.last else {
      throw EvalError(.malformedData, "a data-efficiency curve needs a point, found none")
    }
    guard let above = points.firstIndex(where: { $0.accuracy >= zeroShot }) else {
      return Answer(shots: nil, kind: .notReached, bound: last.shots, fallsBelowAgain: false)
    }
    let fallsBelow = points[above...].contains { $0.accuracy < zeroShot }
    func answer(_ shots: Double?, _ kind: Kind) -> Answer {
      Answer(shots: shots, kind: kind, bound: first.shots, fallsBelowAgain: fallsBelow)
    }
    if points[above].accuracy == zeroShot {
      return answer(points[above].shots, .interpolated)
    }
    if above > 0 {
      return answer(cross(zeroShot, points[above - 1], points[above]), .interpolated)
    }
    guard points.count > 1, points[1].accuracy > first.accuracy else { return answer(nil, .below) }
    return answer(cross(zeroShot, first, points[1]), .extrapolated)
  }

  /// Where the line through two points, of which the second is higher, has a value.
  private static func cross(_ value: Double, _ low: Point, _ high: Point) -> Double {
    let share = (value - low.accuracy) / (high.accuracy - low.accuracy)
    let (start, end) = (log2(low.shots), log2(high.shots))
    return exp2(start + share * (end - start))
  }

  private static func checked(
    _ curve: [Point], _ full: Point?, _ zeroShot: Double
  ) throws(EvalError) -> [Point] {
    for point in curve + [full].compactMap(\.self) {
      guard point.shots > 0, point.shots.isFinite, point.accuracy.isFinite, zeroShot.isFinite else {
        throw EvalError(
          .malformedData,
          "expected a finite accuracy at more than 0 examples a class, found \(point.accuracy) at \(point.shots) (zero-shot \(zeroShot))"
        )
      }
    }
    var points = curve.sorted { $0.shots < $1.shots }
    if let full { points = points.filter { $0.shots < full.shots } + [full] }
    for (point, next) in zip(points, points.dropFirst()) where point.shots == next.shots {
      throw EvalError(
        .malformedData, "two points of a data-efficiency curve have \(point.shots) examples a class"
      )
    }
    return points
  }
}

extension DataEfficiency {
  /// Over datasets, as Figure 7 sums it up.
  package struct Summary: Sendable, Codable, Equatable {
    /// Of the datasets that have a value; nil where none has.
    package var mean: Double?
    /// Of all datasets; nil where it depends on where those without a value lie beyond their bounds.
    package var median: Double?
    package var count: Int
    /// Datasets without a value, which the mean leaves out.
    package var withoutValue: Int
  }

  package static func summary(_ answers: [Answer]) -> Summary {
    let values = answers.compactMap(\.shots)
    func middle(_ numbers: [Double]) -> Double {
      let sorted = numbers.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    var median: Double?
    if !answers.isEmpty {
      // One that is not reached with 40 may be reached with 41, or never; one that is below 1 may be anywhere above 0.
      let low = middle(answers.map { $0.shots ?? ($0.kind == .notReached ? $0.bound : 0) })
      let high = middle(answers.map { $0.shots ?? ($0.kind == .notReached ? .infinity : $0.bound) })
      if low == high { median = low }
    }
    return Summary(
      mean: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count), median: median,
      count: answers.count, withoutValue: answers.count - values.count)
  }
}

/// With one decimal, halves to even.
private func tenths(_ value: Double) -> String { String(format: "%.1f", value) }
