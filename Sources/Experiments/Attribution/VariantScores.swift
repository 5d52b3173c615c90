package import Core
import Metrics
package import Statistics

/// One result under several protocols, sample by sample: what sums and differences of the values are, and how far these would vary on other
/// samples. Every resample draws the same samples for all.
///
/// The protocols may be of other samples of the dataset: those of one sample set are drawn as many as there are of them, so that differences of
/// values on disjoint sets are of independent draws, and on nested ones of what they share.
package struct VariantScores: Sendable {
  /// A sum of values, each times a number: `[1: 1, 0: -1]` is the second less the first.
  package typealias Combination = [Int: Double]

  package enum Method: Sendable, Equatable {
    /// Values are sums over samples, which are drawn one by one; each class's apart where a value is a mean over classes.
    case sums
    /// The metric is taken anew of every resample.
    case anew(unit: String)
  }

  package let method: Method
  private let variants: [ScoredVariant]
  private let resamples: Int
  private let threads: Int
  private let universe: Universe

  /// Resamples of metrics that have to be taken anew of each.
  package static let fewerResamples = 2_000

  /// - Parameters:
  ///   - unit: what is drawn where samples hang together, in the plural.
  /// - Throws: `EvalError.bug` for no variant.
  package init(
    _ variants: [ScoredVariant], unit: String?, resamples: Int = Bootstrap.resampleCount,
    threads: Int
  ) throws(EvalError) {
    guard !variants.isEmpty else { throw EvalError(.bug, "no variant to compare") }
    self.variants = variants
    self.threads = threads
    universe = Universe(variants)
    let areSums = variants.allSatisfy { variant in
      if case .credits = variant.scores { return variant.groups == nil && variant.folds == nil }
      return false
    }
    method =
      areSums
      ? .sums
      : .anew(unit: unit ?? (variants.contains { $0.groups != nil } ? "groups" : "samples"))
    self.resamples = areSums ? resamples : min(resamples, Self.fewerResamples)
  }

  /// As results name it.
  package func methodName(of combination: Combination) -> String {
    switch method {
    case .sums:
      PairedBootstrap.methodName(
        strata: isByClass(combination) ? "classes" : nil, resamples: resamples)
    case .anew(let unit): PairedBootstrap.methodName(unit: unit, resamples: resamples)
    }
  }

  private func isByClass(_ combination: Combination) -> Bool {
    combination.contains { $0.value != 0 && variants[$0.key].owners != nil }
  }

  /// Each combination with an interval and the test of its being 0; nil where the metric is not defined.
  package func estimates(_ combinations: [Combination]) throws -> [PairedBootstrap.Estimate?] {
    switch method {
    case .sums:
      let contributions = variants.map { $0.contributions() }
      return try combinations.map {
        try PairedBootstrap.difference(
          ofStrata: strata(of: $0, contributions), resamples: resamples, threads: threads)
      }
    case .anew:
      let statistics = try variants.enumerated().map {
        try $1.statistic(unitOf: universe.units(of: $0))
      }
      return try PairedBootstrap.differences(
        units: universe.unitCount, resamples: resamples, threads: threads
      ) { weights in
        let values = statistics.map { $0(weights) }
        return combinations.map { combination in
          var sum = 0.0
          for (variant, factor) in combination {
            guard let value = values[variant] else { return nil }
            sum += factor * value
          }
          return sum
        }
      }
    }
  }

  /// The value of each variant; nil where the metric is not defined.
  package func values() throws -> [Double?] {
    if case .sums = method { return variants.map { $0.contributions().reduce(0, +) } }
    let once = [Int32](repeating: 1, count: universe.unitCount)
    return try variants.enumerated().map {
      try $1.statistic(unitOf: universe.units(of: $0))(once)
    }
  }

  /// What a combination sums over the samples of each stratum, as means: `PairedBootstrap` takes the mean over strata of their means.
  private func strata(
    of combination: Combination, _ contributions: [[Double]]
  ) -> [PairedBootstrap.Stratum] {
    var sums = [Double](repeating: 0, count: universe.count)
    // In order, so that equal samples have equal sums.
    for (variant, factor) in combination.sorted(by: { $0.key < $1.key }) where factor != 0 {
      for (row, value) in contributions[variant].enumerated() {
        sums[universe.place(of: row, in: variant)] += factor * value
      }
    }
    let drawn = universe.strata(byClass: isByClass(combination))
    let sizes = drawn.sizes
    let count = Double(sizes.count)
    var strata = [PairedBootstrap.Stratum](repeating: [:], count: sizes.count)
    for (place, sum) in sums.enumerated() {
      let stratum = drawn.ofPlace[place]
      strata[stratum][sum * Double(sizes[stratum]) * count, default: 0] += 1
    }
    return strata
  }
}

/// All samples of several variants, each once.
private struct Universe: Sendable {
  private(set) var count = 0
  /// Of the variants' samples, by sample set.
  private var places: [[Int]] = []
  private var setOfVariant: [Int] = []
  /// Samples that are drawn together.
  struct Strata: Sendable {
    var ofPlace: [Int] = []
    var sizes: [Int] = []
  }

  private var bySet = Strata()
  private var byClass = Strata()
  private var unitOfPlace: [Int] = []
  private(set) var unitCount = 0

  init(_ variants: [ScoredVariant]) {
    var sets: [[String]] = []
    var numbers: [String: Int] = [:]
    for variant in variants {
      if let known = sets.firstIndex(where: { $0 == variant.keys }) {
        setOfVariant.append(known)
        continue
      }
      setOfVariant.append(sets.count)
      sets.append(variant.keys)
      places.append(
        variant.keys.map { key in
          let number = numbers[key] ?? numbers.count
          numbers[key] = number
          return number
        })
    }
    count = numbers.count
    bySet = drawn(variants, byClass: false)
    if variants.contains(where: { $0.owners != nil }) { byClass = drawn(variants, byClass: true) }
    group(variants)
  }

  func place(of row: Int, in variant: Int) -> Int { places[setOfVariant[variant]][row] }
  func strata(byClass isByClass: Bool) -> Strata { isByClass ? byClass : bySet }
  func units(of variant: Int) -> [Int] { places[setOfVariant[variant]].map { unitOfPlace[$0] } }

  /// Samples of the same sets, and of the same class where it matters, are drawn together.
  private func drawn(_ variants: [ScoredVariant], byClass: Bool) -> Strata {
    var members = [[Int]](repeating: [], count: count)
    for (number, places) in places.enumerated() {
      for place in places { members[place].append(number) }
    }
    var classOfPlace = [String](repeating: "", count: count)
    if byClass {
      for (number, variant) in variants.enumerated() {
        guard let names = variant.owners ?? variant.classes else { continue }
        for (row, name) in names.enumerated() {
          let place = place(of: row, in: number)
          if classOfPlace[place].isEmpty { classOfPlace[place] = name }
        }
      }
    }
    struct Key: Hashable {
      var sets: [Int]
      var name: String
    }
    var strata: [Key: Int] = [:]
    var result = Strata()
    for place in 0..<count {
      let key = Key(sets: members[place], name: classOfPlace[place])
      let stratum = strata[key] ?? strata.count
      strata[key] = stratum
      result.ofPlace.append(stratum)
    }
    result.sizes = [Int](repeating: 0, count: strata.count)
    for stratum in result.ofPlace { result.sizes[stratum] += 1 }
    return result
  }

  /// Samples that hang together in the first variant that has both are drawn together.
  private mutating func group(_ variants: [ScoredVariant]) {
    struct Key: Hashable {
      var variant: Int
      var number: Int
    }
    var units = [Int?](repeating: nil, count: count)
    var known: [Key: Int] = [:]
    for (number, variant) in variants.enumerated() {
      for row in variant.keys.indices {
        let place = place(of: row, in: number)
        guard units[place] == nil else { continue }
        guard let group = variant.groups?[row] else {
          units[place] = unitCount
          unitCount += 1
          continue
        }
        let key = Key(variant: number, number: group)
        if known[key] == nil {
          known[key] = unitCount
          unitCount += 1
        }
        units[place] = known[key]
      }
    }
    unitOfPlace = units.map { $0 ?? 0 }
  }
}

extension ScoredVariant {
  /// What each sample adds to the value, of a mean.
  fileprivate func contributions() -> [Double] {
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
  fileprivate func statistic(
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
