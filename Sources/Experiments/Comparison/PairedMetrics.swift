import Core
import Metrics
import Statistics

/// The metrics of two evaluations on the samples they share.
struct PairedMetrics {
  let joined: JoinedSamples
  /// What is drawn where samples hang together, in the plural.
  let unit: String
  let resamples: Int
  let threads: Int

  /// Of each joined sample.
  private let units: [Int]
  private let unitCount: Int
  private let folds: [Int]
  let areIndependent: Bool

  init(_ joined: JoinedSamples, unit: String?, resamples: Int, threads: Int) {
    self.joined = joined
    self.unit = unit ?? "groups"
    self.resamples = resamples
    self.threads = threads
    let samples = joined.first.first
    let rows = joined.rows.map { $0[0] }
    areIndependent = samples?.groups == nil && samples?.folds == nil
    if let groups = samples?.groups {
      var numbers: [Int: Int] = [:]
      units = rows.map { row in
        let number = numbers[groups[row]] ?? numbers.count
        numbers[groups[row]] = number
        return number
      }
      unitCount = numbers.count
    } else {
      units = Array(rows.indices)
      unitCount = rows.count
    }
    folds = rows.map { samples?.folds?[$0] ?? 0 }
  }

  private var seeds: Range<Int> { joined.first.indices }

  /// Rows of the joined samples, of one seed of a side.
  private func rows(first seed: Int) -> [Int] { joined.rows.map { $0[seed] } }
  private func rows(second seed: Int) -> [Int] { joined.rows.map { $0[joined.first.count + seed] } }

  private var methodName: String {
    PairedBootstrap.methodName(unit: areIndependent ? "samples" : unit, resamples: resamples)
  }

  /// - Throws: `EvalError.malformedData` for predictions that lack what the metric is computed from.
  func compare(_ metric: String, isMain: Bool) throws -> MetricComparison {
    switch MetricName(rawValue: metric) {
    case .rocAUC: try areas(metric, isMain: isMain)
    case .elevenPointMAP, .areaMAP: try precisions(metric, isMain: isMain).comparison
    default: try means(metric, isMain: isMain)
    }
  }

  private func comparison(
    _ metric: String, isMain: Bool, n: Int, first: Double, second: Double,
    _ estimate: PairedBootstrap.Estimate?, method: String
  ) -> MetricComparison {
    MetricComparison(
      metric: metric, isMain: isMain, n: n, first: first, second: second,
      difference: second - first, interval95: estimate?.interval,
      intervalMethod: estimate?.interval == nil ? nil : method,
      test: estimate?.pValue == nil ? nil : "paired-bootstrap", pValue: estimate?.pValue)
  }

  private func undefined(_ metric: String) -> EvalError {
    EvalError(.malformedData, "\(metric) is not defined of the samples that both sides have")
  }

  // MARK: means

  private func means(_ metric: String, isMain: Bool) throws -> MetricComparison {
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
    let tally = PairedTally(samples, full: full * seeds.count)
    guard let values = tally.values() else { throw undefined(metric) }

    let estimate: PairedBootstrap.Estimate?
    var method = methodName
    if areIndependent {
      var strata = [PairedBootstrap.Stratum](repeating: [:], count: tally.ownerCount)
      let worth = Double(full * seeds.count)
      for sample in samples {
        strata[sample.owner][Double(sample.second - sample.first) / worth, default: 0] += 1
      }
      estimate = try PairedBootstrap.difference(
        ofStrata: strata, resamples: resamples, threads: threads)
      if owners != nil {
        method = PairedBootstrap.methodName(
          strata: metric == MetricName.macroAccuracy.rawValue ? "kinds" : "classes",
          resamples: resamples)
      }
    } else {
      estimate = try PairedBootstrap.differences(
        units: unitCount, resamples: resamples, threads: threads
      ) { weights in
        [tally.values(weights).map { $0.second - $0.first }]
      }.first.flatMap(\.self)
    }
    var result = comparison(
      metric, isMain: isMain, n: samples.count, first: values.first, second: values.second,
      estimate, method: method)
    addMcNemar(samples, to: &result)
    addSeeds(ofSeeds.map { PairedTally($0, full: full).values() }, to: &result)
    return result
  }

  private static func numbered(_ names: [String]?) -> [Int]? {
    names.map { names in
      let order = Set(names).sorted()
      let numbers = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
      return names.map { numbers[$0] ?? 0 }
    }
  }

  /// Of top-1 correctness of independent samples, and nothing else.
  private func addMcNemar(_ samples: [PairedTally.Sample], to result: inout MetricComparison) {
    guard result.metric == MetricName.accuracy.rawValue, areIndependent, seeds.count == 1,
      let test = McNemar(
        onlyFirst: samples.count { $0.first > $0.second },
        onlySecond: samples.count { $0.second > $0.first }, count: samples.count)
    else { return }
    result.mcNemar = .init(
      onlyFirst: test.onlyFirst, onlySecond: test.onlySecond, pValue: test.pValue, midP: test.midP)
    (result.test, result.pValue) = (McNemar.methodName, test.pValue)
    result.minimumDetectableEffect = MinimumDetectableEffect.accuracyDifference(
      samples: test.count, discordant: test.onlyFirst + test.onlySecond)
  }

  private func addSeeds(
    _ values: [(first: Double, second: Double)?], to result: inout MetricComparison
  ) {
    guard values.count > 1 else { return }
    let known = values.enumerated().compactMap { number, value in
      value.map {
        MetricComparison.SeedDifference(seed: number, first: $0.first, second: $0.second)
      }
    }
    result.seeds = known
    result.trainingInterval95 = SeedSummary(known.map(\.difference))?.trainingInterval95
  }

  // MARK: areas under ROC

  private func areas(_ metric: String, isMain: Bool) throws -> MetricComparison {
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

  // MARK: average precision

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

  // MARK: classes

  /// Share of right answers of each class; of one seed.
  func classes() throws -> [ClassChange] {
    guard seeds.count == 1 else { return [] }
    let (first, second) = (joined.first[0], joined.second[0])
    guard first.ranks == nil, first.predictions.labels.count == first.count else { return [] }
    var names: [String] = []
    var samples: [PairedTally.Sample] = []
    for (place, rows) in joined.rows.enumerated() {
      let label = first.predictions.labels[rows[0]]
      guard label >= 0, let own = first.correctness(rows[0]),
        let other = second.correctness(rows[1])
      else { continue }
      names.append(first.className(label))
      samples.append(
        .init(
          first: own ? 1 : 0, second: other ? 1 : 0, unit: units[place], owner: 0,
          fold: folds[place]))
    }
    guard let owners = Self.numbered(names), !samples.isEmpty else { return [] }
    for index in samples.indices { samples[index].owner = owners[index] }
    let order = Set(names).sorted()
    var counts = [(n: Int, first: Int, second: Int, lost: Int, gained: Int)](
      repeating: (0, 0, 0, 0, 0), count: order.count)
    for sample in samples {
      counts[sample.owner].n += 1
      counts[sample.owner].first += sample.first
      counts[sample.owner].second += sample.second
      if sample.first > sample.second { counts[sample.owner].lost += 1 }
      if sample.second > sample.first { counts[sample.owner].gained += 1 }
    }
    var estimates: [PairedBootstrap.Estimate?] = []
    if !areIndependent {
      let tally = PairedTally(samples, full: 1)
      estimates = try PairedBootstrap.differences(
        units: unitCount, resamples: resamples, threads: threads, tally.differences)
    }
    var changes = counts.enumerated().map { number, count in
      let n = Double(count.n)
      var change = ClassChange(
        name: order[number], n: count.n, first: Double(count.first) / n,
        second: Double(count.second) / n, difference: Double(count.second - count.first) / n,
        onlyFirst: count.lost, onlySecond: count.gained)
      if areIndependent {
        change.interval95 = PairedProportions.interval(
          onlyFirst: count.lost, onlySecond: count.gained, count: count.n)
        change.intervalMethod = PairedProportions.methodName
        change.pValue =
          McNemar(onlyFirst: count.lost, onlySecond: count.gained, count: count.n)?.pValue
      } else if estimates.indices.contains(number), let interval = estimates[number]?.interval {
        change.interval95 = interval
        change.intervalMethod = methodName
      }
      return change
    }
    if let adjusted = AdjustedPValues.adjust(changes.compactMap(\.pValue), by: .holm),
      adjusted.count == changes.count
    {
      for index in changes.indices { changes[index].holm = adjusted[index] }
    }
    return ClassChange.sorted(changes)
  }
}

extension ClassChange {
  /// Those that changed most first.
  static func sorted(_ changes: [ClassChange]) -> [ClassChange] {
    changes.sorted {
      (abs($0.difference), $1.name) > (abs($1.difference), $0.name)
    }
  }
}
