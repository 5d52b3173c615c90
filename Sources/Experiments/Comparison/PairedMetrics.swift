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
  let units: [Int]
  let unitCount: Int
  let folds: [Int]
  let areIndependent: Bool

  init(_ joined: JoinedSamples, unit: String?, resamples: Int, threads: Int) {
    self.joined = joined
    self.unit = unit ?? (joined.first.first?.groups == nil ? "samples" : "groups")
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

  var seeds: Range<Int> { joined.first.indices }

  /// Rows of the joined samples, of one seed of a side.
  func rows(first seed: Int) -> [Int] { joined.rows.map { $0[seed] } }
  func rows(second seed: Int) -> [Int] { joined.rows.map { $0[joined.first.count + seed] } }

  var methodName: String {
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

  func comparison(
    _ metric: String, isMain: Bool, n: Int, first: Double, second: Double,
    _ estimate: PairedBootstrap.Estimate?, method: String
  ) -> MetricComparison {
    MetricComparison(
      metric: metric, isMain: isMain, n: n, first: first, second: second,
      difference: second - first, interval95: estimate?.interval,
      intervalMethod: estimate?.interval == nil ? nil : method,
      test: estimate?.pValue == nil ? nil : PairedBootstrap.testName, pValue: estimate?.pValue)
  }

  func undefined(_ metric: String) -> EvalError {
    EvalError(.malformedData, "\(metric) is not defined of the samples that both sides have")
  }

  func addSeeds(
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

  /// Numbers in place of names, in the order of the names.
  static func numbered(_ names: [String]?) -> [Int]? {
    names.map { names in
      let order = Set(names).sorted()
      let numbers = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
      return names.map { numbers[$0] ?? 0 }
    }
  }
}
