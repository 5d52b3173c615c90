import Core
import Metrics
import Statistics

/// Mean average precisions.
extension PairedMetrics {
  /// With the classes that changed.
  func precisions(
    _ metric: String, isMain: Bool
  ) throws -> (comparison: MetricComparison, classes: [ClassChange]) {
    let interpolated = metric == MetricName.elevenPointMAP.rawValue
    func precision(
      _ samples: RecordedSamples, _ rows: [Int]
    ) throws -> (labels: LabelMatrix, values: @Sendable ([Int32]) -> [Double?]) {
      guard let labels = samples.labels, let scores = samples.classScores else {
        throw EvalError(
          .malformedData, "the predictions do not hold what \(metric) is computed from")
      }
      let width = labels.classCount
      let chosen = labels.rows(rows)
      return (
        chosen,
        try MeanAveragePrecision.resampled(
          scores: rows.flatMap { scores[$0 * width..<($0 + 1) * width] }, labels: chosen,
          interpolated: interpolated)
      )
    }
    let (labels, first) = try precision(joined.first[0], rows(first: 0))
    let (otherLabels, second) = try precision(joined.second[0], rows(second: 0))
    guard labels.classCount == otherLabels.classCount else {
      throw EvalError(
        .malformedData,
        "one side has \(labels.classCount) classes, the other \(otherLabels.classCount)")
    }
    @Sendable func mean(_ values: [Double?]) -> Double? {
      let known = values.compactMap(\.self)
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
    let units = units
    let estimates = try PairedBootstrap.differences(
      units: unitCount, resamples: resamples, threads: threads
    ) { weights in
      let ofSamples = units.map { weights[$0] }
      let (own, others) = (first(ofSamples), second(ofSamples))
      let overall = mean(own).flatMap { own in mean(others).map { $0 - own } }
      return [overall]
        + zip(own, others).map { own, other in
          own.flatMap { own in other.map { $0 - own } }
        }
    }
    let once = [Int32](repeating: 1, count: joined.rows.count)
    let (own, others) = (first(once), second(once))
    guard let value = mean(own), let other = mean(others) else { throw undefined(metric) }
    let result = comparison(
      metric, isMain: isMain, n: joined.rows.count, first: value, second: other,
      estimates.first.flatMap(\.self), method: methodName)
    let positives = labels.counts(of: .positive)
    let classes = own.indices.compactMap { number -> ClassChange? in
      guard let first = own[number], let second = others[number] else { return nil }
      let estimate = estimates.indices.contains(number + 1) ? estimates[number + 1] : nil
      return ClassChange(
        name: joined.first[0].className(number), n: positives[number], first: first,
        second: second, difference: second - first, interval95: estimate?.interval,
        intervalMethod: estimate?.interval == nil ? nil : methodName)
    }
    return (result, ClassChange.sorted(classes))
  }
}
