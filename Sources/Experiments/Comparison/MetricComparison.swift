package import Core
package import Statistics

/// One metric of two evaluations on the samples they share. Differences are the second side less the first, fractions.
package struct MetricComparison: Sendable, Equatable, Codable {
  package var metric: String
  /// The dataset's own: the first that its results have.
  package var isMain: Bool
  /// What the metric counts: samples, or sets of frames.
  package var n: Int
  /// On the shared samples.
  package var first: Double
  package var second: Double
  package var difference: Double
  @ExplicitNull package var interval95: Interval?
  @ExplicitNull package var intervalMethod: String?
  /// `mcnemar-exact` of accuracies, `delong` of areas under ROC, `paired-bootstrap` of other metrics and of samples that hang together.
  @ExplicitNull package var test: String?
  @ExplicitNull package var pValue: Double?
  /// Over the datasets of its family; filled in by `RunComparison`.
  @ExplicitNull package var holm: Double?
  @ExplicitNull package var benjaminiHochberg: Double?
  @ExplicitNull package var mcNemar: McNemarCounts?
  @ExplicitNull package var deLong: DeLongDifference?
  /// Difference that McNemar's test finds in 80 % of cases, at this discordance.
  @ExplicitNull package var minimumDetectableEffect: Double?
  /// Of means over seeds: each seed, and the t-interval of the mean of their differences (which training samples were drawn).
  @ExplicitNull package var seeds: [SeedDifference]?
  @ExplicitNull package var trainingInterval95: Interval?

  package struct McNemarCounts: Sendable, Equatable, Codable {
    package var onlyFirst: Int
    package var onlySecond: Int
    package var pValue: Double
    package var midP: Double
  }

  package struct DeLongDifference: Sendable, Equatable, Codable {
    @ExplicitNull package var interval95: Interval?
    @ExplicitNull package var pValue: Double?
  }

  package struct SeedDifference: Sendable, Equatable, Codable {
    package var seed: Int
    package var first: Double
    package var second: Double

    package var difference: Double { second - first }
  }

  /// The p-value that several datasets are judged by; the plain one until it is adjusted.
  package var adjusted: Double? { holm ?? pValue }
}

/// A class that one side does better on.
package struct ClassChange: Sendable, Equatable, Codable {
  /// Of the class; a number where runs do not tell.
  package var name: String
  package var n: Int
  package var first: Double
  package var second: Double
  package var difference: Double
  @ExplicitNull package var interval95: Interval?
  @ExplicitNull package var intervalMethod: String?
  /// Of samples that only one side got right.
  @ExplicitNull package var onlyFirst: Int?
  @ExplicitNull package var onlySecond: Int?
  /// McNemar's, exact; nil where samples hang together, and of average precisions.
  @ExplicitNull package var pValue: Double?
  /// Over the classes of the dataset.
  @ExplicitNull package var holm: Double?
}

/// A sample that is not answered alike.
package struct SampleChange: Sendable, Equatable, Codable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// The second side alone is right.
    case gained
    /// The first side alone is right.
    case lost
    /// Both are wrong, in other ways; or both right, where several answers are.
    case changed
  }

  package var id: String
  /// Number of the fold, where a dataset has several.
  @ExplicitNull package var fold: Int?
  package var kind: Kind
  /// Class, or rank of the right answer in retrieval.
  @ExplicitNull package var label: String?
  @ExplicitNull package var first: String?
  @ExplicitNull package var second: String?
}
