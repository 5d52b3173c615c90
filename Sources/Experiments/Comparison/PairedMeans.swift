import Metrics
import Statistics

/// A metric that is a mean of what each sample is worth, of two sides on the same samples: the difference, and how sure it is.
struct PairedMeans {
  private let samples: [PairedTally.Sample]
  /// The most that a sample can be worth.
  private let full: Int
  /// How many units are drawn, where samples hang together or are averaged in folds; nil of independent draws.
  private let dependentUnits: Int?
  private let tally: PairedTally

  init(_ samples: [PairedTally.Sample], full: Int, dependentUnits: Int?) {
    self.samples = samples
    self.full = full
    self.dependentUnits = dependentUnits
    tally = PairedTally(samples, full: full)
  }

  /// Nil where a fold has no sample.
  var values: (first: Double, second: Double)? { tally.values() }

  /// By a paired bootstrap: of independent samples in their strata, otherwise of the units that are drawn.
  func estimate(resamples: Int, threads: Int) throws -> PairedBootstrap.Estimate? {
    guard let dependentUnits else {
      var strata = [PairedBootstrap.Stratum](repeating: [:], count: tally.ownerCount)
      for sample in samples {
        strata[sample.owner][Double(sample.second - sample.first) / Double(full), default: 0] += 1
      }
      return try PairedBootstrap.difference(
        ofStrata: strata, resamples: resamples, threads: threads)
    }
    let tally = tally
    return try PairedBootstrap.differences(
      units: dependentUnits, resamples: resamples, threads: threads
    ) { weights in
      [tally.values(weights).map { $0.second - $0.first }]
    }.first.flatMap(\.self)
  }

  /// Of independent samples that are right or wrong; nil of others.
  var mcNemar: McNemar? {
    guard dependentUnits == nil, full == 1 else { return nil }
    return McNemar(
      onlyFirst: samples.count { $0.first > $0.second },
      onlySecond: samples.count { $0.second > $0.first }, count: samples.count)
  }

  /// What a paired bootstrap is called that draws samples of each class apart, or of each kind of a composition test.
  static func stratifiedMethod(metric: String, resamples: Int) -> String {
    PairedBootstrap.methodName(
      strata: metric == MetricName.macroAccuracy.rawValue ? "kinds" : "classes",
      resamples: resamples)
  }
}
