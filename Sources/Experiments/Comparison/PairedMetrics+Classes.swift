import Core
import Statistics

/// What became of each class.
extension PairedMetrics {
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
