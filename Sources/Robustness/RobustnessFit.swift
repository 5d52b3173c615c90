package import Core
package import Statistics

/// The straight line through models' transformed accuracies, with lines through resamples of the models: what accuracy under shift
/// is expected of a model of some base accuracy.
package struct RobustnessFit: Codable, Sendable, Equatable {
  /// On the scale.
  package struct Line: Codable, Sendable, Equatable {
    package var intercept: Double
    package var slope: Double
  }

  /// How much each model counts.
  package enum Weighting: String, Codable, Sendable {
    case equal
    /// By the inverse of the binomial variance of its shifted accuracy on the scale; needs its number of samples.
    case inverseVariance
  }

  /// Which models each resample has.
  package enum Resampling: Sendable, Equatable {
    /// As many models as there are, drawn with replacement by xoshiro256**.
    case seeded(resamples: Int, seed: UInt64)
    /// Indices of models, a list for each resample.
    case indices([[Int]])

    package static let standard = Resampling.seeded(resamples: 1000, seed: 2_103_00020)
  }

  package let scale: AccuracyScale
  package let weighting: Weighting
  package let line: Line
  /// Models.
  package let count: Int
  /// The smallest and the largest base accuracy among them: what lies outside is extrapolated.
  package let baseRange: Interval
  /// Models whose accuracy of 0 or 1 stands for (k + ½) / (n + 1).
  package let moved: [String]
  /// Lines through resamples. A resample without two different base accuracies has none and is left out.
  package let resampled: [Line]
  /// Resamples drawn.
  package let resamples: Int
  /// The generator's; nil for indices that were given.
  package let seed: UInt64?

  package var slope: Double { line.slope }
  package var intercept: Double { line.intercept }
  package var slopeInterval95: Interval? { percentiles(resampled.map(\.slope), confidence: 0.95) }
  package var interceptInterval95: Interval? {
    percentiles(resampled.map(\.intercept), confidence: 0.95)
  }

  /// How results name the method of its intervals.
  package var intervalMethod: String {
    "bootstrap-percentile over models, outward order statistics, resamples=\(resamples)"
      + (seed.map { " prng=xoshiro256starstar seed=\($0)" } ?? "")
  }

  /// - Parameters:
  ///   - points: at least three models with at least two different base accuracies.
  ///   - subject: what is fitted, for errors.
  /// - Throws: `EvalError.malformedData` where there is no line, and for accuracies that have no place on the scale.
  package init(
    _ points: [RobustnessPoint], scale: AccuracyScale = .logit, weighting: Weighting = .equal,
    resampling: Resampling = .standard, subject: String? = nil
  ) throws(EvalError) {
    guard points.count >= 3 else {
      throw EvalError(
        .malformedData,
        "a line needs at least 3 models, found \(points.count)", subject: subject,
        remedy: "Loosen the filter or give more baselines.")
    }
    var problem = LineProblem()
    var moved: [String] = []
    for point in points {
      let (x, y, weight) = try Self.placed(point, scale, weighting, subject: subject)
      problem.append(x: x, y: y, weight: weight)
      if scale != .linear, [point.base, point.shift].contains(where: { $0 == 0 || $0 == 1 }) {
        moved.append(point.model)
      }
    }
    guard let line = problem.line else {
      throw EvalError(
        .malformedData,
        "all \(points.count) models have the same base accuracy, \(points[0].base): no line goes through them",
        subject: subject)
    }
    let draws = try Self.draws(resampling, count: points.count, subject: subject)
    self.scale = scale
    self.weighting = weighting
    self.line = line
    self.moved = moved
    count = points.count
    let bases = points.map(\.base)
    baseRange = Interval(lower: bases.min() ?? 0, upper: bases.max() ?? 1)
    resamples = draws.count
    resampled = draws.compactMap { problem.resampled($0).line }
    if case .seeded(_, let seed) = resampling { self.seed = seed } else { seed = nil }
  }

  /// The accuracy under shift that the line gives; on the linear scale it may lie outside of 0…1.
  /// - Parameter count: samples behind the base accuracy, for one of 0 or 1.
  /// - Returns: nil for a base accuracy that has no place on the scale.
  package func predicted(base: Double, count: Int? = nil) -> Double? {
    scale.transformed(base, count: count).map { value(line, $0) }
  }

  /// The percentile interval of the line at a base accuracy: where the line may lie, not where models do.
  package func band(base: Double, count: Int? = nil, confidence: Double = 0.95) -> Interval? {
    guard let x = scale.transformed(base, count: count) else { return nil }
    return percentiles(resampled.map { value($0, x) }, confidence: confidence)
  }

  /// The accuracy that a line gives at a value of the scale.
  func value(_ line: Line, _ x: Double) -> Double {
    scale.fraction(line.intercept + line.slope * x)
  }

  private static func placed(
    _ point: RobustnessPoint, _ scale: AccuracyScale, _ weighting: Weighting, subject: String?
  ) throws(EvalError) -> (x: Double, y: Double, weight: Double) {
    func at(_ value: Double, _ count: Int?, _ what: String) throws(EvalError) -> Double {
      if let place = scale.transformed(value, count: count) { return place }
      let isEdge = value == 0 || value == 1
      throw EvalError(
        .malformedData,
        "\(point.model): \(what) accuracy \(value) has no place on the \(scale.rawValue) scale",
        subject: subject,
        remedy: isEdge
          ? "Give its number of samples, leave the model out, or use the linear scale."
          : "Accuracies are fractions between 0 and 1.")
    }
    let x = try at(point.base, point.baseCount, "base")
    let y = try at(point.shift, point.shiftCount, "shifted")
    guard weighting == .inverseVariance else { return (x, y, 1) }
    guard let count = point.shiftCount, count > 0 else {
      throw EvalError(
        .malformedData,
        "\(point.model): weights by inverse variance need the number of shifted samples",
        subject: subject)
    }
    let n = Double(count)
    // Away from 0 and 1, where the estimated variance would be none.
    let p = (point.shift * n + 0.5) / (n + 1)
    let slope = scale.slope(at: p)
    return (x, y, n / (p * (1 - p) * slope * slope))
  }

  private static func draws(
    _ resampling: Resampling, count: Int, subject: String?
  ) throws(EvalError) -> [[Int]] {
    switch resampling {
    case .indices(let lists):
      guard lists.allSatisfy({ list in list.allSatisfy { (0..<count).contains($0) } }) else {
        throw EvalError(
          .malformedData, "a resample names a model beyond the \(count) there are",
          subject: subject)
      }
      return lists
    case .seeded(let resamples, let seed):
      var generator = Xoshiro256StarStar(seed: seed)
      return (0..<max(0, resamples)).map { _ in
        (0..<count).map { _ in Int(generator.next(below: UInt64(count))) }
      }
    }
  }
}

/// Weighted least squares of y on x.
private struct LineProblem {
  private var x: [Double] = []
  private var y: [Double] = []
  private var weights: [Double] = []

  mutating func append(x: Double, y: Double, weight: Double) {
    self.x.append(x)
    self.y.append(y)
    weights.append(weight)
  }

  func resampled(_ indices: [Int]) -> LineProblem {
    var problem = LineProblem()
    for index in indices {
      problem.append(x: x[index], y: y[index], weight: weights[index])
    }
    return problem
  }

  /// nil where x does not vary.
  var line: RobustnessFit.Line? {
    guard let first = x.first, x.contains(where: { $0 != first }) else { return nil }
    var (total, sumX, sumY) = (0.0, 0.0, 0.0)
    for index in x.indices {
      total += weights[index]
      sumX += weights[index] * x[index]
      sumY += weights[index] * y[index]
    }
    let (meanX, meanY) = (sumX / total, sumY / total)
    var (xx, xy) = (0.0, 0.0)
    for index in x.indices {
      xx += weights[index] * (x[index] - meanX) * (x[index] - meanX)
      xy += weights[index] * (x[index] - meanX) * (y[index] - meanY)
    }
    let slope = xy / xx
    guard slope.isFinite else { return nil }
    return RobustnessFit.Line(intercept: meanY - slope * meanX, slope: slope)
  }
}

/// The central percentile interval, its ends the order statistics next outside, as imagenet-testbed's plotter takes them.
/// - Returns: nil without values.
func percentiles(_ values: [Double], confidence: Double) -> Interval? {
  guard !values.isEmpty, confidence > 0, confidence < 1 else { return nil }
  let sorted = values.sorted()
  let last = Double(sorted.count - 1)
  let tail = (1 - confidence) / 2
  // A position that is whole but for rounding is that order statistic.
  let lower = Int((tail * last + 1e-9).rounded(.down))
  let upper = Int(((1 - tail) * last - 1e-9).rounded(.up))
  return Interval(lower: sorted[lower], upper: sorted[min(upper, sorted.count - 1)])
}
