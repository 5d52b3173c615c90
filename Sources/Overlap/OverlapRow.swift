package import Core
package import Statistics

/// The analysis of one evaluation at one threshold. All numbers are fractions of samples, 0…1, and differences of them.
package struct OverlapRow: Sendable, Equatable, Codable {
  /// Samples overlap whose similarity is at least this.
  package var threshold: Double
  package var all: OverlapPart
  package var overlap: OverlapPart
  package var clean: OverlapPart
  /// Of Overlap, two-sided (Clopper–Pearson), at 99.5 % as in the paper. Nil without overlap.
  @ExplicitNull package var overlapInterval99_5: Interval?
  /// All − Clean: by how much overlap inflates the reported accuracy; the paper's main measure. 0 without overlap, nil where all overlaps: what accuracy
  /// would be without it is then not known.
  @ExplicitNull package var change: Double?
  /// Of `change`, percentiles of a bootstrap over samples. Nil without overlap, where all overlaps, and where all samples are right or all wrong.
  @ExplicitNull package var changeInterval95: Interval?
  /// Of `changeInterval95`.
  @ExplicitNull package var changeIntervalMethod: String?
  /// Overlap − Clean. Nil where either is empty.
  @ExplicitNull package var difference: Double?
  /// Of the hits among Overlap, one-sided (greater), with Clean's accuracy as the null: how likely that many or more are if overlap changes nothing.
  /// It takes Clean's accuracy as known, so it is for sets of which most is clean. Nil where either is empty, and where Clean is all wrong and
  /// Overlap is not: a rate of 0 that finitely many samples cannot establish would give 0.
  @ExplicitNull package var pValue: Double?

  package static let testName = BinomialTest.methodName(.greater)
  package static let overlapIntervalMethod = ClopperPearson.methodName

  /// |Overlap| / |All|.
  package var contamination: Double { Double(overlap.count) / Double(all.count) }

  /// `overlapInterval99_5` less Clean's accuracy; what the left half of Figure 17 shows. Nil where either is empty.
  package var differenceInterval99_5: Interval? {
    guard let clean = clean.accuracy, let interval = overlapInterval99_5 else { return nil }
    return Interval(lower: interval.lower - clean, upper: interval.upper - clean)
  }

  /// - Parameters:
  ///   - parts: at least one sample in all.
  ///   - change: the interval of All − Clean, by `CountBootstrap` with so many resamples.
  init(
    threshold: Double, parts: OverlapParts, change interval: Interval?, resamples: Int
  ) {
    self.threshold = threshold
    let (own, clean) = (parts.overlap, parts.clean)
    (all, overlap, self.clean) = (parts.all, own, clean)
    overlapInterval99_5 = ClopperPearson.interval(
      successes: own.right, trials: own.count, confidence: 0.995)
    change = parts.change
    difference = Self.difference(own, clean)
    changeInterval95 = interval
    changeIntervalMethod = interval.map { _ in
      CountBootstrap.methodName("percentile", resamples: resamples)
    }
    pValue = clean.accuracy.flatMap { null in
      null == 0 && own.right > 0
        ? nil
        : BinomialTest.pValue(
          successes: own.right, trials: own.count, probability: null, alternative: .greater)
    }
  }

  static func difference(_ first: OverlapPart, _ second: OverlapPart) -> Double? {
    guard let one = first.accuracy, let other = second.accuracy else { return nil }
    return one - other
  }
}
