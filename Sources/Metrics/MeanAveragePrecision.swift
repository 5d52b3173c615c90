package import Core
import Statistics

/// Mean average precision of a multi-label classifier: how well each class ranks the images that show it above those that do not.
package enum MeanAveragePrecision {
  /// Both variants with what they have in common.
  package struct Result: Sendable, Equatable {
    /// VOC2007's: precision at eleven recalls.
    package var elevenPoint: MetricValue
    /// scikit-learn's `average_precision_score`, averaged over classes.
    package var area: MetricValue
    /// Classes without a positive image, which the mean cannot include. None in a complete split.
    package var emptyClasses: [Int]
  }

  /// What a protocol says of a metric besides its name: who has no part in a ranking, and how equal scores count.
  package static let variant = "difficult=ignored ties=one-step"

  /// - Parameters:
  ///   - scores: N × C, row-major; comparable within a class.
  ///   - labels: N × C.
  ///   - resamples: of the bootstrap.
  /// - Throws: `EvalError.malformedData` for a score that is not a number.
  package static func evaluate(
    scores: [Float], labels: LabelMatrix, resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> Result {
    let rankings = try rankings(scores, labels)
    let values = means(rankings, weights: nil)
    let intervals = ImageBootstrap.intervals(
      count: labels.count, confidences: [0.95, 0.995], resamples: resamples
    ) { means(rankings, weights: $0) }
    let present = rankings.filter { $0.positiveCount > 0 }
    let chance =
      present.isEmpty
      ? nil : present.compactMap(\.positiveRate).reduce(0, +) / Double(present.count)

    func value(_ name: MetricName, _ variant: Int) -> MetricValue {
      let own = intervals?[variant]
      return MetricValue(
        name: name, value: values[variant], interval95: own?.first, interval99_5: own?.last,
        intervalMethod: own == nil ? nil : ImageBootstrap.methodName(resamples: resamples),
        count: labels.count, chance: chance)
    }
    return Result(
      elevenPoint: value(.elevenPointMAP, 0), area: value(.areaMAP, 1),
      emptyClasses: rankings.indices.filter { rankings[$0].positiveCount == 0 })
  }

  /// Both variants' values alone, without intervals; nil where no class has a positive sample.
  package static func means(
    scores: [Float], labels: LabelMatrix
  ) throws(EvalError) -> (elevenPoint: Double?, area: Double?) {
    let values = means(try rankings(scores, labels), weights: nil)
    return (values[0], values[1])
  }

  /// Of each class the average precision, as a function of how often each image counts; nil of a class without a positive one.
  /// - Throws: `EvalError.malformedData` for a score that is not a number.
  package static func resampled(
    scores: [Float], labels: LabelMatrix, interpolated: Bool
  ) throws(EvalError) -> @Sendable ([Int32]) -> [Double?] {
    let rankings = try rankings(scores, labels)
    return { weights in
      rankings.map { ranking in
        ranking.averagePrecision(weights: weights).map { interpolated ? $0.elevenPoint : $0.area }
      }
    }
  }

  private static func rankings(
    _ scores: [Float], _ labels: LabelMatrix
  ) throws(EvalError) -> [ClassRanking] {
    try requireSameCount(labels.labels.count, scores.count)
    let classCount = labels.classCount
    if let index = scores.firstIndex(where: \.isNaN) {
      throw EvalError(
        .malformedData,
        "the score of sample \(index / classCount) for class \(index % classCount) is not a number")
    }
    return (0..<classCount).map { owner in
      let column = stride(from: owner, to: scores.count, by: classCount)
      return ClassRanking(
        scores: column.map { scores[$0] }, labels: column.map { labels.labels[$0] })
    }
  }

  /// Eleven-point and area, each averaged over the classes that have a positive sample; nil where none has.
  private static func means(_ rankings: [ClassRanking], weights: [Int32]?) -> [Double?] {
    let values = rankings.compactMap { $0.averagePrecision(weights: weights) }
    guard !values.isEmpty else { return [nil, nil] }
    let count = Double(values.count)
    return [
      values.reduce(0) { $0 + $1.elevenPoint } / count, values.reduce(0) { $0 + $1.area } / count,
    ]
  }
}
