package import Core
import Metrics
package import Statistics

/// What each template alone scores more than a base on the same images: from what each image is worth under both.
package struct PromptDifferences {
  private let samples: PromptSamples
  private let base: [UInt8]
  private let full: Int
  /// Of each sample.
  private let units: [Int]
  private let owners: [Int]?
  private let resamples: Int
  private let threads: Int

  /// - Parameter base: of the same samples.
  /// - Returns: nil for metrics that are no mean over samples: of them a template alone has a score, and no interval to another's.
  package init?(
    _ samples: PromptSamples, base: PromptScorer.Score, full: Int,
    resamples: Int = Bootstrap.resampleCount, threads: Int
  ) {
    guard case .single(let labels) = samples.labels, base.credits.count == labels.count,
      !labels.isEmpty
    else { return nil }
    self.samples = samples
    self.base = base.credits
    self.full = full
    self.resamples = resamples
    self.threads = threads
    // Numbers of groups without a sample are left out.
    units =
      samples.structure.groups.map { SampleGroups(unit: "", keys: $0.numbers.map(String.init)) }?
      .numbers ?? Array(labels.indices)
    owners = samples.metric == .meanPerClass ? labels : nil
  }

  private var areIndependent: Bool { samples.structure == .independent }

  /// What the intervals are.
  package var methodName: String {
    guard areIndependent else {
      return PairedBootstrap.methodName(
        unit: samples.structure.groups?.unit ?? "samples", resamples: resamples)
    }
    return owners == nil
      ? PairedBootstrap.methodName(resamples: resamples)
      : PairedMeans.stratifiedMethod(metric: samples.metric.rawValue, resamples: resamples)
  }

  /// With Holm's adjustment over all of them.
  /// - Parameter templates: nil of one whose score is not known.
  package func differences(
    of templates: [PromptScorer.Score]
  ) throws -> [PromptStudy.TemplateDifference?] {
    var found = try templates.map { template -> PromptStudy.TemplateDifference? in
      try Interruption.check()
      return try difference(template.credits)
    }
    if let adjusted = AdjustedPValues.adjust(found.compactMap { $0?.pValue }, by: .holm) {
      var next = adjusted[...]
      for place in found.indices where found[place]?.pValue != nil {
        found[place]?.holm = next.popFirst()
      }
    }
    return found
  }

  private func difference(_ credits: [UInt8]) throws -> PromptStudy.TemplateDifference? {
    guard credits.count == base.count else { return nil }
    let folds = samples.structure.folds?.numbers
    let means = PairedMeans(
      credits.indices.map { sample in
        .init(
          first: Int(base[sample]), second: Int(credits[sample]), unit: units[sample],
          owner: owners?[sample] ?? 0, fold: folds?[sample] ?? 0)
      }, full: full,
      dependentUnits: areIndependent ? nil : (units.max() ?? -1) + 1)
    guard let values = means.values else { return nil }
    let estimate = try means.estimate(resamples: resamples, threads: threads)
    let mcNemar = samples.metric == .accuracy ? means.mcNemar : nil
    let test = mcNemar.map { (McNemar.methodName, $0.pValue) }
    return PromptStudy.TemplateDifference(
      value: values.second - values.first, interval95: estimate?.interval,
      test: test?.0 ?? estimate?.pValue.map { _ in PairedBootstrap.testName },
      pValue: test?.1 ?? estimate?.pValue)
  }
}

extension PromptStudy {
  /// From the base to one template alone.
  package struct TemplateDifference: Sendable, Equatable, Codable {
    package var value: Double
    @ExplicitNull package var interval95: Interval?
    @ExplicitNull package var test: String?
    @ExplicitNull package var pValue: Double?
    /// Over the templates of the set.
    @ExplicitNull package var holm: Double?

    package init(value: Double, interval95: Interval?, test: String?, pValue: Double?) {
      self.value = value
      self.interval95 = interval95
      self.test = test
      self.pValue = pValue
      holm = nil
    }
  }
}
