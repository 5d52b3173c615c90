import Core
import Metrics
import Statistics

/// Metrics that are means of what each sample is worth: accuracies, recalls, means over classes.
extension PairedMetrics {
  func means(_ metric: String, isMain: Bool) throws -> MetricComparison {
    func credits(_ samples: RecordedSamples) throws(EvalError) -> SampleCredits {
      guard let credits = try SampleCredits(samples, metric: metric) else {
        throw EvalError(.malformedData, "\(metric) is a metric that cannot be compared by sample")
      }
      return credits
    }
    let first = try joined.first.map(credits)
    let second = try joined.second.map(credits)
    let owners = Self.numbered(first[0].owners)
    var samples: [PairedTally.Sample] = []
    var ofSeeds = seeds.map { _ in [PairedTally.Sample]() }
    for (place, rows) in joined.rows.enumerated() {
      let own = seeds.compactMap { first[$0].credits[rows[$0]] }
      let others = seeds.compactMap { second[$0].credits[rows[joined.first.count + $0]] }
      guard own.count == seeds.count, others.count == seeds.count else { continue }
      var sample = PairedTally.Sample(
        first: own.reduce(0, +), second: others.reduce(0, +), unit: units[place],
        owner: owners?[rows[0]] ?? 0, fold: folds[place])
      samples.append(sample)
      guard seeds.count > 1 else { continue }
      for seed in seeds {
        (sample.first, sample.second) = (own[seed], others[seed])
        ofSeeds[seed].append(sample)
      }
    }
    let full = first[0].full
    let means = PairedMeans(
      samples, full: full * seeds.count, dependentUnits: areIndependent ? nil : unitCount)
    guard let values = means.values else { throw undefined(metric) }
    let estimate = try means.estimate(resamples: resamples, threads: threads)
    let method =
      areIndependent && owners != nil
      ? PairedMeans.stratifiedMethod(metric: metric, resamples: resamples) : methodName
    var result = comparison(
      metric, isMain: isMain, n: samples.count, first: values.first, second: values.second,
      estimate, method: method)
    addMcNemar(means, to: &result)
    addSeeds(ofSeeds.map { PairedTally($0, full: full).values() }, to: &result)
    return result
  }

  /// Of top-1 correctness of independent samples, and nothing else.
  private func addMcNemar(_ means: PairedMeans, to result: inout MetricComparison) {
    guard result.metric == MetricName.accuracy.rawValue, seeds.count == 1, let test = means.mcNemar
    else { return }
    result.mcNemar = .init(
      onlyFirst: test.onlyFirst, onlySecond: test.onlySecond, pValue: test.pValue, midP: test.midP)
    (result.test, result.pValue) = (McNemar.methodName, test.pValue)
    result.minimumDetectableEffect = MinimumDetectableEffect.accuracyDifference(
      samples: test.count, discordant: test.onlyFirst + test.onlySecond)
  }
}
