import Core
import Experiments
import Metrics
import Statistics

/// What sets, and templates alone, have over the base.
extension PromptRun {
  /// What each set scored, with what it has over the base.
  func compared(
    _ answers: [Answers], base: PromptTexts, unit: String?
  ) throws -> [PromptStudy.SetScore] {
    let reference = answers.first {
      $0.texts.templates.reference == base.templates.reference && $0.ensemble == .embedding
    }
    return try answers.enumerated().map { place, own in
      let main = own.rows.first { $0.metric == metric.rawValue }
      var score = PromptStudy.SetScore(
        set: own.texts.templates.reference, templates: own.texts.features.templateCount,
        ensemble: own.ensemble, value: main?.value, interval95: main?.interval95)
      score.sameAs =
        answers.prefix(place).first {
          $0.ensemble == own.ensemble
            && $0.texts.templates.templatesHash == own.texts.templates.templatesHash
        }?.texts.templates.reference
      let isBase = score.set == base.templates.reference && own.ensemble == .embedding
      if !isBase, let reference {
        score.difference = try difference(reference.samples, own.samples, unit: unit)
      }
      return score
    }
  }

  func difference(
    _ first: RecordedSamples, _ second: RecordedSamples, unit: String?
  ) throws -> PromptStudy.Difference? {
    try Interruption.check()
    var wanted = [
      TaskComparison.Wanted(metric: metric.rawValue, isMain: true, first: nil, second: nil)
    ]
    if metric != .accuracy, first.labels == nil {
      wanted.append(
        .init(metric: MetricName.accuracy.rawValue, isMain: false, first: nil, second: nil))
    }
    let comparison = try TaskComparison(
      .init(
        experiment: task.experiment, dataset: task.dataset, options: task.optionsText,
        split: task.split), [first], [second], seeds: [], wanted: wanted,
      unit: unit ?? "samples", resamples: Bootstrap.resampleCount, threads: threads)
    return PromptStudy.Difference(comparison, metric: metric.rawValue)
  }

  /// Each template of a set alone, and all of the others without it.
  func singles(
    _ from: PromptTexts, base: PromptTexts, _ samples: PromptSamples
  ) throws -> PromptStudy.Candidates {
    let scorer = scorer(from, samples)
    let all = Array(0..<from.features.templateCount)
    progress.begin("\(task.dataset) templates", total: 2 * all.count)
    defer { progress.end() }
    let alone = try scorer.scores(.adding, all, to: [])
    progress.advance(all.count, cached: false)
    let without = try scorer.scores(.leaving, all, to: all)
    progress.advance(all.count, cached: false)
    let paired = PromptDifferences(
      samples, base: try self.scorer(base, samples).score(of: base.all), full: scorer.full,
      threads: threads)
    let differences = try paired?.differences(of: alone)
    return PromptStudy.Candidates(
      set: from.templates.reference, value: try scorer.score(of: all).value,
      templates: all.map { place in
        .init(
          number: place + 1, text: from.templates.templates[place], value: alone[place].value,
          without: without[place].value, difference: differences?[place])
      }, intervalMethod: paired?.methodName,
      sensitivity: sensitivity(alone, of: samples, full: scorer.full))
  }

  private func sensitivity(
    _ alone: [PromptScorer.Score], of samples: PromptSamples, full: Int
  ) -> PromptSensitivity? {
    let values = alone.compactMap(\.value)
    guard values.count == alone.count else { return nil }
    var strata: [Int]?
    if case .single(let labels) = samples.labels, metric == .meanPerClass { strata = labels }
    let isIndependent = samples.structure == .independent && !alone.contains { $0.credits.isEmpty }
    return PromptSensitivity(
      values: values, credits: isIndependent ? alone.map(\.credits) : nil, strata: strata,
      full: full)
  }

  func scorer(_ texts: PromptTexts, _ samples: PromptSamples) -> PromptScorer {
    PromptScorer(texts.features, scale: texts.scale, samples: samples, threads: threads)
  }
}
