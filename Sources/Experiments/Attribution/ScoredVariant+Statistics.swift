import Metrics
import Statistics

extension ScoredVariant {
  /// What each sample adds to the value, of a mean.
  func contributions() -> [Double] {
    guard case .credits(let credits, let full) = scores else { return [] }
    guard let owners else {
      let n = Double(credits.count { $0 != nil }) * Double(full)
      return credits.map { $0.map { Double($0) / n } ?? 0 }
    }
    var sizes: [String: Int] = [:]
    for (owner, credit) in zip(owners, credits) where credit != nil {
      sizes[owner, default: 0] += 1
    }
    let share = 1 / (Double(sizes.count) * Double(full))
    return zip(owners, credits).map { owner, credit in
      credit.map { share * Double($0) / Double(sizes[owner] ?? 1) } ?? 0
    }
  }

  /// The metric, given how often each unit is drawn.
  func statistic(
    unitOf units: [Int]
  ) throws -> @Sendable ([Int32]) -> Double? {
    switch scores {
    case .credits(let credits, let full):
      var numbers: [String: Int] = [:]
      for owner in owners ?? [] where numbers[owner] == nil { numbers[owner] = numbers.count }
      let samples = credits.indices.compactMap { row -> PairedTally.Sample? in
        credits[row].map { credit in
          PairedTally.Sample(
            first: Int(credit), second: Int(credit), unit: units[row],
            owner: owners.flatMap { numbers[$0[row]] } ?? 0, fold: folds?[row] ?? 0)
        }
      }
      let tally = PairedTally(samples, full: full)
      return { tally.values($0)?.first }
    case .area(let isPositive, let scores):
      let area = try AreaUnderROC.resampled(
        isPositive: isPositive, scores: scores, samples: Array(scores.indices), units: units)
      return { area($0) }
    case .precision(let labels, let scores, let interpolated):
      let precisions = try MeanAveragePrecision.resampled(
        scores: scores, labels: labels, interpolated: interpolated)
      return { weights in
        let known = precisions(units.map { weights[$0] }).compactMap(\.self)
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
      }
    }
  }
}
