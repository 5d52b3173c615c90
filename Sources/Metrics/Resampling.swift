import Core
import Statistics

/// A statistic of some of a split's samples that can be taken anew of a resample: given how often each unit was drawn (nil: once),
/// its value, or nil where the samples drawn define none.
typealias WeightedStatistic = ([Int32]?) -> Double?

/// Values and intervals of metrics of samples that are no independent draws (`SampleStructure.groups`), that are averaged over
/// folds, or that are no proportion.
struct Resampling {
  private let structure: SampleStructure
  private let resamples: Int
  /// What is drawn: the group of each sample, or the sample itself.
  private let units: [Int]
  private let unitCount: Int
  /// The samples of each fold.
  private let folds: [[Int]]

  init(_ structure: SampleStructure, count: Int, resamples: Int) throws(EvalError) {
    for groups in [structure.groups, structure.folds].compactMap(\.self) {
      try requireSameCount(groups.numbers.count, count)
    }
    self.structure = structure
    self.resamples = resamples
    if let groups = structure.groups {
      // Groups without samples are never drawn.
      var known: [Int: Int] = [:]
      units = groups.numbers.map { number in
        let unit = known[number] ?? known.count
        known[number] = unit
        return unit
      }
      unitCount = known.count
    } else {
      units = Array(0..<count)
      unitCount = count
    }
    folds = structure.folds?.members ?? [Array(0..<count)]
  }

  /// - Parameters:
  ///   - count: samples evaluated.
  ///   - statistic: of the samples with these numbers, drawn in these units.
  func value(
    _ name: MetricName, count: Int, chance: Double?,
    of statistic: (_ samples: [Int], _ units: [Int]) -> WeightedStatistic
  ) -> MetricValue {
    let statistics = folds.map { statistic($0, units) }
    func mean(_ weights: [Int32]?) -> Double? {
      var sum = 0.0
      for statistic in statistics {
        guard let value = statistic(weights) else { return nil }
        sum += value
      }
      return statistics.isEmpty ? nil : sum / Double(statistics.count)
    }
    let value = count > 0 ? mean(nil) : nil
    // Where every resample says the same, it has nothing to say of the spread.
    let intervals =
      value == nil
      ? nil
      : ImageBootstrap.intervals(
        count: unitCount, confidences: [0.95, 0.995], resamples: resamples
      ) { [mean($0)] }?.first.flatMap { $0[1].lower < $0[1].upper ? $0 : nil }
    let method =
      structure.groups.map { ClusterBootstrap.methodName($0.unit, resamples: resamples) }
      ?? ImageBootstrap.methodName(resamples: resamples)
    return MetricValue(
      name: name, value: value, interval95: intervals?.first, interval99_5: intervals?.last,
      intervalMethod: intervals == nil ? nil : method, count: count, chance: chance)
  }
}

extension Resampling {
  /// The mean of what each sample is worth, of `full` at most.
  static func mean(of credits: [Int], full: Int) -> ([Int], [Int]) -> WeightedStatistic {
    { samples, units in
      var sums: [Int: (credit: Int, count: Int)] = [:]
      for sample in samples {
        sums[units[sample], default: (0, 0)].credit += credits[sample]
        sums[units[sample], default: (0, 0)].count += 1
      }
      let tallies = sums.sorted { $0.key < $1.key }
      return { weights in
        var (credit, count) = (0, 0)
        for (unit, tally) in tallies {
          let weight = weights.map { Int($0[unit]) } ?? 1
          credit += weight * tally.credit
          count += weight * tally.count
        }
        return count > 0 ? Double(credit) / Double(full * count) : nil
      }
    }
  }

  /// The mean over the classes that have samples of each one's share of right ones.
  static func meanPerClass(
    labels: [Int], isRight: [Bool], classCount: Int
  ) -> ([Int], [Int]) -> WeightedStatistic {
    { samples, units in
      struct Place: Hashable { var owner, unit: Int }
      var sums: [Place: (hits: Int, count: Int)] = [:]
      for sample in samples {
        let place = Place(owner: labels[sample], unit: units[sample])
        sums[place, default: (0, 0)].count += 1
        if isRight[sample] { sums[place, default: (0, 0)].hits += 1 }
      }
      let tallies = sums.sorted { ($0.key.owner, $0.key.unit) < ($1.key.owner, $1.key.unit) }
      return { weights in
        var hits = [Int](repeating: 0, count: classCount)
        var counts = hits
        for (place, tally) in tallies {
          let weight = weights.map { Int($0[place.unit]) } ?? 1
          hits[place.owner] += weight * tally.hits
          counts[place.owner] += weight * tally.count
        }
        var (sum, present) = (0.0, 0)
        for (hits, count) in zip(hits, counts) where count > 0 {
          sum += Double(hits) / Double(count)
          present += 1
        }
        return present > 0 ? sum / Double(present) : nil
      }
    }
  }
}
