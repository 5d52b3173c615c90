package import Core

/// Two evaluations of one experiment on one dataset, sample by sample.
package struct TaskComparison: Sendable, Codable {
  /// What of the results the two share, or one side of it.
  package struct Subject: Sendable, Hashable, Codable {
    package var experiment: String
    package var dataset: String
    @ExplicitNull package var options: String?
    @ExplicitNull package var split: String?
    @ExplicitNull package var shots: Int?
    /// Of robustness.
    @ExplicitNull package var classifier: String?
    @ExplicitNull package var alpha: Double?
    /// Of retrieval.
    @ExplicitNull package var direction: String?
    /// What else tells it from others on its dataset: the model where prompts are compared, the prompts where models are. Nil for what is
    /// compared, and where all have the same.
    @ExplicitNull package var model: String?
    @ExplicitNull package var classNames: String?
    @ExplicitNull package var templates: String?

    package init(
      experiment: String, dataset: String, options: String?, split: String?, shots: Int? = nil,
      classifier: String? = nil, alpha: Double? = nil, direction: String? = nil,
      model: String? = nil, classNames: String? = nil, templates: String? = nil
    ) {
      self.experiment = experiment
      self.dataset = dataset
      self.options = options
      self.split = split
      self.shots = shots
      self.classifier = classifier
      self.alpha = alpha
      self.direction = direction
      self.model = model
      self.classNames = classNames
      self.templates = templates
    }
  }

  package struct ChangeCounts: Sendable, Equatable, Codable {
    package var gained: Int
    package var lost: Int
    package var changed: Int
  }

  package var subject: Subject
  /// Hashes of the protocols.
  package var firstProtocols: [String]
  package var secondProtocols: [String]
  package var samples: JoinedSamples.Counts
  package var metrics: [MetricComparison]
  /// Nil where there are answers of several seeds.
  @ExplicitNull package var changeCounts: ChangeCounts?
  package var classes: [ClassChange]
  /// What prompts call classes, by id: of those whose name is another word than their id.
  package var classNames: [String: String]
  package var changes: [SampleChange]
  /// What a reader should know.
  package var notes: [String]

  /// A class as people know it, with the id that it has in files: `kit fox (n02119789)`.
  package func title(ofClass id: String) -> String {
    classNames[id].map { "\($0) (\(id))" } ?? id
  }

  /// One metric of two results.
  package struct Wanted: Sendable {
    package var metric: String
    package var isMain: Bool
    /// As the results have it, for a check; nil where they are not of these samples alone.
    package var first: Double?
    package var second: Double?

    package init(metric: String, isMain: Bool, first: Double?, second: Double?) {
      self.metric = metric
      self.isMain = isMain
      self.first = first
      self.second = second
    }
  }

  /// - Parameters:
  ///   - first, second: one for each of `seeds`, or one.
  ///   - unit: what is drawn where samples hang together, in the plural.
  /// - Throws: `EvalError.malformedData` where predictions give another value than the results say.
  package init(
    _ subject: Subject, _ first: [RecordedSamples], _ second: [RecordedSamples], seeds: [Int],
    wanted: [Wanted], unit: String?, resamples: Int, threads: Int
  ) throws {
    self.subject = subject
    let name = "\(subject.experiment) \(subject.dataset)"
    let joined = try JoinedSamples(first, second, subject: name)
    let paired = PairedMetrics(joined, unit: unit, resamples: resamples, threads: threads)
    samples = joined.counts
    classNames = first.first?.classNames ?? [:]
    metrics = []
    classes = []
    for wanted in wanted {
      var comparison: MetricComparison
      if first.count == 1, first[0].classScores != nil, wanted.metric.hasSuffix("mAP") {
        let precisions = try paired.precisions(wanted.metric, isMain: wanted.isMain)
        comparison = precisions.comparison
        if classes.isEmpty { classes = precisions.classes }
      } else {
        comparison = try paired.compare(wanted.metric, isMain: wanted.isMain)
      }
      if comparison.seeds != nil {
        for place in seeds.indices { comparison.seeds?[place].seed = seeds[place] }
      }
      try Self.check(comparison, wanted, samples, subject: name)
      metrics.append(comparison)
    }
    if classes.isEmpty { classes = try paired.classes() }
    changes = SampleChanges.find(joined)
    let counts = Dictionary(grouping: changes, by: \.kind).mapValues(\.count)
    changeCounts =
      first.count > 1
      ? nil
      : ChangeCounts(
        gained: counts[.gained] ?? 0, lost: counts[.lost] ?? 0, changed: counts[.changed] ?? 0)
    firstProtocols = []
    secondProtocols = []
    notes = []
  }

  /// Where a side has no other samples than these, its results have to come out again.
  private static func check(
    _ found: MetricComparison, _ wanted: Wanted, _ samples: JoinedSamples.Counts, subject: String
  ) throws(EvalError) {
    guard samples.duplicateIDs == 0 else { return }
    let sides = [
      ("first", found.first, wanted.first, samples.onlyFirst),
      ("second", found.second, wanted.second, samples.onlySecond),
    ]
    for (side, value, recorded, missing) in sides where missing == 0 {
      guard let recorded, abs(value - recorded) > 1e-9 else { continue }
      throw EvalError(
        .malformedData,
        "the predictions of the \(side) side give a \(wanted.metric) of \(value), its results say \(recorded)",
        subject: subject, remedy: "They are not of one run: run it again with --fresh.")
    }
  }
}
