import Core
import Metrics
import Statistics

/// Areas under ROC curves.
extension PairedMetrics {
  func areas(_ metric: String, isMain: Bool) throws -> MetricComparison {
    typealias Statistic = @Sendable ([Int32]) -> Double?
    func ranked(
      _ samples: RecordedSamples, _ rows: [Int]
    ) throws -> (isPositive: [Bool], scores: [Double], area: Statistic) {
      let isPositive = rows.map { samples.predictions.labels[$0] == 1 }
      let scores = rows.map { row -> Double in
        let place = Predictions.width * row
        let lead =
          Double(samples.predictions.scores[place]) - Double(samples.predictions.scores[place + 1])
        return samples.predictions.prediction[row] == 1 ? lead : -lead
      }
      return (
        isPositive, scores,
        try AreaUnderROC.resampled(
          isPositive: isPositive, scores: scores, samples: Array(rows.indices), units: units)
      )
    }
    let first = try seeds.map { try ranked(joined.first[$0], rows(first: $0)) }
    let second = try seeds.map { try ranked(joined.second[$0], rows(second: $0)) }
    let once = [Int32](repeating: 1, count: unitCount)
    func mean(_ areas: [Statistic], _ weights: [Int32]) -> Double? {
      let values = areas.compactMap { $0(weights) }
      return values.count == areas.count ? values.reduce(0, +) / Double(values.count) : nil
    }
    let (own, others) = (first.map(\.area), second.map(\.area))
    guard let value = mean(own, once), let other = mean(others, once) else {
      throw undefined(metric)
    }
    let estimate = try PairedBootstrap.differences(
      units: unitCount, resamples: resamples, threads: threads
    ) { weights in
      func mean(_ areas: [Statistic]) -> Double? {
        var sum = 0.0
        for area in areas {
          guard let value = area(weights) else { return nil }
          sum += value
        }
        return sum / Double(areas.count)
      }
      guard let first = mean(own), let second = mean(others) else { return [nil] }
      return [second - first]
    }.first.flatMap(\.self)
    var result = comparison(
      metric, isMain: isMain, n: joined.rows.count, first: value, second: other, estimate,
      method: methodName)
    if areIndependent, seeds.count == 1, first[0].isPositive == second[0].isPositive,
      let test = DeLong.Comparison(first[0].isPositive, second[0].scores, first[0].scores)
    {
      result.deLong = .init(interval95: test.interval(), pValue: test.pValue)
      if let pValue = test.pValue { (result.test, result.pValue) = (DeLong.methodName, pValue) }
    }
    addSeeds(
      seeds.map { seed in
        own[seed](once).flatMap { first in others[seed](once).map { (first, $0) } }
      }, to: &result)
    return result
  }
}
