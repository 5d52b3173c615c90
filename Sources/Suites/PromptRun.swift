import Core
import Datasets
import Experiments
import Foundation
import Logging
import Metrics
import Probes
import Prompts
import Reporting
import Statistics

/// One comparison of templates: every set as an ensemble in both spaces against a base, the templates of one set one by one, and a selection of them
/// that is scored on images it was not made on. All of it follows from features of images and prompts; no tower runs for images whose features are in
/// the store.
struct PromptRun {
  let source: any TaskEvaluator
  let task: PlannedTask
  let settings: PromptTask
  let folder: RunFolder
  let fileName: String
  let progress: any ProgressSink
  private let metric: MetricName
  private let started = ContinuousClock.now
  private let log = Logger(label: "clip-eval.suites")

  init(
    _ source: any TaskEvaluator, _ task: PlannedTask, _ folder: RunFolder, _ fileName: String,
    _ progress: any ProgressSink
  ) throws {
    self.source = source
    self.task = task
    settings = try task.requiredPrompts()
    self.folder = folder
    self.fileName = fileName
    self.progress = progress
    metric = try task.metric()
  }

  private var threads: Int { source.options.threads }

  /// What one set's ensemble said.
  private struct Answers {
    var texts: PromptTexts
    var ensemble: PromptStudy.Ensemble
    var rows: [ResultRow]
    var samples: RecordedSamples
  }

  func run() throws -> TaskResult {
    let split = try read(task.split)
    let samples = try self.samples(of: split)
    guard samples.count > 0 else { throw NoSampleLeft(split.failures, dataset: task.dataset) }
    let imageSeconds = (ContinuousClock.now - started).inSeconds
    let textStart = ContinuousClock.now
    let texts = try settings.sets.map {
      try source.promptTexts($0, of: task, classes: split.classes, progress: progress)
    }
    let textSeconds = (ContinuousClock.now - textStart).inSeconds
    try checkNames(texts)
    let base = texts[settings.sets.firstIndex(of: settings.base) ?? 0]
    let from = candidates(texts)

    var answers: [Answers] = []
    for own in texts {
      for ensemble in PromptStudy.Ensemble.allCases where isMade(ensemble, of: own) {
        try Interruption.check()
        answers.append(try self.answers(ensemble, of: own, split, samples))
      }
    }
    var study = PromptStudy(
      model: source.name, dataset: task.dataset, options: task.optionsText, split: split.name,
      classNames: base.names.reference, metric: metric.rawValue, n: samples.count,
      base: base.templates.reference)
    study.sets = try compared(
      answers, base: base, unit: split.structure.groups?.unit)
    study.notes = notes(texts, from: from)
    var rows = answers.flatMap(\.rows)
    var tally = (images: split.rows.count + split.failures.count, computed: split.computedCount)
    var failures = split.failures
    if from.features.templateCount > 1 {
      study.candidates = try singles(from, samples)
      if let (selected, made, other) = try selection(from, base: base, split, samples) {
        study.selection = selected
        rows += made
        tally.images += other?.rows.count ?? 0
        tally.computed += other?.computedCount ?? 0
        failures += other?.failures ?? []
      }
    }
    study.adjust()
    try folder.write(study, model: task.modelFolder, fileName: fileName)
    return TaskResult(
      rows: rows, failures: failures.map { FailedSample(id: $0.id, reason: $0.reason) },
      timing: TaskTiming(
        experiment: task.experiment, model: source.name, dataset: task.dataset,
        host: ProcessInfo.processInfo.hostName,
        seconds: (ContinuousClock.now - started).inSeconds, textSeconds: textSeconds,
        imageSeconds: imageSeconds, images: tally.images, imagesComputed: tally.computed,
        imagesPerSecond: tally.computed > 0 && imageSeconds > 0
          ? Double(tally.computed) / imageSeconds : nil))
  }

  /// What the prediction files of a set are called besides their task.
  static func filePart(of set: String, ensemble: String, isSelected: Bool) -> String {
    isSelected ? selectedPart : "\(set.replacing("/", with: "_")).\(ensemble)"
  }

  private static let selectedPart = "selected"

  // MARK: sets

  private func read(_ name: String) throws -> ProbeSplit {
    var use = SplitUse(comparing: .projected, normalise: false)
    use.classNames =
      try task.takesNamesOfDataset
      ? nil : source.options.prompts.resolve(task.requiredClassNames(), dataset: task.dataset)
    return try source.probeSplit(name, of: task, use, progress: progress)
  }

  private func samples(of split: ProbeSplit) throws -> PromptSamples {
    let labels: PromptSamples.Labels =
      switch split.labels {
      case .single(let labels): .single(labels)
      case .multiple(let matrix): .multiple(matrix)
      }
    return try PromptSamples(
      features: split.features.matrix, labels: labels, ids: split.ids, structure: split.structure,
      classCount: split.classes.count, metric: metric, dataset: task.dataset)
  }

  /// Results and files tell sets apart by name.
  private func checkNames(_ texts: [PromptTexts]) throws(EvalError) {
    var seen: Set<String> = []
    for own in texts where !seen.insert(own.templates.reference).inserted {
      throw EvalError(
        .badSuite, "two of the sets compared are called \(own.templates.reference)",
        subject: task.dataset, remedy: "Name one of them otherwise, or leave it out.")
    }
  }

  /// The set whose templates are taken one by one.
  private func candidates(_ texts: [PromptTexts]) -> PromptTexts {
    if let from = settings.from, let place = settings.sets.firstIndex(of: from) {
      return texts[place]
    }
    let most = texts.map(\.features.templateCount).max()
    return texts.first { $0.features.templateCount == most } ?? texts[0]
  }

  /// Of one template both ensembles are the same.
  private func isMade(_ ensemble: PromptStudy.Ensemble, of texts: PromptTexts) -> Bool {
    ensemble == .embedding || texts.features.templateCount > 1 && texts.hasScale
  }

  private func notes(_ texts: [PromptTexts], from: PromptTexts) -> [String] {
    var notes: [String] = []
    if !from.hasScale {
      notes.append(
        "The features do not tell the model's logit scale: there are no ensembles in probability space."
      )
    }
    if from.features.templateCount == 1 {
      notes.append(
        settings.from == nil
          ? "None of the sets has several templates: there is nothing to leave out or to select."
          : "\(from.templates.reference) has one template: there is nothing to leave out or to select."
      )
    }
    for note in notes { log.notice("\(task.dataset): \(note)") }
    return notes
  }

  private func answers(
    _ ensemble: PromptStudy.Ensemble, of texts: PromptTexts, _ split: ProbeSplit,
    _ samples: PromptSamples
  ) throws -> Answers {
    var record = split.record
    texts.record(ensemble, in: &record)
    let place = Self.filePart(
      of: texts.templates.reference, ensemble: ensemble.rawValue, isSelected: false)
    let all = Array(0..<texts.features.templateCount)
    let (rows, recorded) = try score(
      samples, at: Array(samples.ids.indices), of: split, texts, templates: all, ensemble, record,
      place: place)
    return Answers(texts: texts, ensemble: ensemble, rows: rows, samples: recorded)
  }

  /// Rows, with the predictions they are made of, which are written.
  /// - Parameters:
  ///   - rows: of the split's samples, those scored.
  ///   - place: in the name of the files.
  private func score(
    _ samples: PromptSamples, at rows: [Int], of split: ProbeSplit, _ texts: PromptTexts,
    templates: [Int], _ ensemble: PromptStudy.Ensemble, _ record: EvaluationProtocol, place: String
  ) throws -> ([ResultRow], RecordedSamples) {
    var context = EvaluationContext(
      classCount: split.classes.count, mainMetric: metric, expectedCount: split.expectedCount,
      failedCount: split.failures.count,
      isPartial: split.isPartial || rows.count < split.count, protocol: record)
    context.experiment = PromptStudy.experiment
    context.structure = samples.structure
    context.nearTieThreshold = texts.nearTieThreshold
    let places = rows.map { split.rows[$0] }
    let file = "\(fileName).\(place)"
    let said = try self.said(of: samples, texts, templates: templates, ensemble)
    let recorded = self.recorded(said, of: samples, texts)
    switch said {
    case .single(let predictions):
      try folder.write(
        predictions, rows: places, ids: samples.ids, task: task, fileName: file,
        more: samples.structure.tensors)
      return (try ZeroShotExperiment.rows(for: predictions, in: context), recorded)
    case .multiple(let predictions, _):
      if metric.isMultiLabel { context.scoring = texts.scaleText }
      try folder.write(
        predictions.ranked, rows: places, ids: samples.ids, task: task, fileName: file,
        more: predictions.tensors + samples.structure.tensors)
      return (try ZeroShotExperiment.rows(for: predictions, in: context), recorded)
    }
  }

  /// What an ensemble says of samples that show one class, or of samples that may show several, with those.
  private enum Said {
    case single(Predictions)
    case multiple(MultiLabelPredictions, LabelMatrix)
  }

  private func said(
    of samples: PromptSamples, _ texts: PromptTexts, templates: [Int],
    _ ensemble: PromptStudy.Ensemble
  ) throws -> Said {
    let embedded = try ZeroShotClassifier(
      weights: texts.features.classWeights(of: templates), scale: texts.scale)
    switch samples.labels {
    case .single(let labels):
      return .single(
        ensemble == .embedding
          ? try embedded.predict(samples.features, labels: labels, ids: samples.ids)
          : try ProbabilityEnsemble(texts.features, scale: texts.scale).predict(
            samples.features, labels: labels, ids: samples.ids, threads: threads))
    case .multiple(let labels):
      return .multiple(
        ensemble == .embedding
          ? try embedded.predict(samples.features, labels: labels, ids: samples.ids)
          : try ProbabilityEnsemble(texts.features, scale: texts.scale).predict(
            samples.features, labels: labels, ids: samples.ids, threads: threads), labels)
    }
  }

  /// The same for comparisons.
  private func recorded(
    _ said: Said, of samples: PromptSamples, _ texts: PromptTexts
  ) -> RecordedSamples {
    var recorded = RecordedSamples(ids: samples.ids)
    recorded.classes = texts.classLabels
    recorded.groups = samples.structure.groups?.numbers
    recorded.folds = samples.structure.folds?.numbers
    switch said {
    case .single(let predictions):
      recorded.predictions = predictions
    case .multiple(let predictions, let labels):
      recorded.predictions = predictions.ranked
      recorded.labels = labels
      recorded.classScores = predictions.scores
    }
    return recorded
  }

  /// What each set scored, with what it has over the base.
  private func compared(
    _ answers: [Answers], base: PromptTexts, unit: String?
  ) throws -> [PromptStudy.SetScore] {
    let reference = answers.first {
      $0.texts.templates.reference == base.templates.reference && $0.ensemble == .embedding
    }
    return try answers.map { own in
      let main = own.rows.first { $0.metric == metric.rawValue }
      var score = PromptStudy.SetScore(
        set: own.texts.templates.reference, templates: own.texts.features.templateCount,
        ensemble: own.ensemble, value: main?.value, interval95: main?.interval95)
      let isBase = score.set == base.templates.reference && own.ensemble == .embedding
      if !isBase, let reference {
        score.difference = try difference(reference.samples, own.samples, unit: unit)
      }
      return score
    }
  }

  private func difference(
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
      unit: unit, resamples: Bootstrap.resampleCount, threads: threads)
    return PromptStudy.Difference(comparison, metric: metric.rawValue)
  }

  // MARK: templates

  private func singles(
    _ from: PromptTexts, _ samples: PromptSamples
  ) throws -> PromptStudy.Candidates {
    let scorer = PromptScorer(from.features, scale: from.scale, samples: samples, threads: threads)
    let all = Array(0..<from.features.templateCount)
    progress.begin("\(task.dataset) templates", total: 2 * all.count)
    defer { progress.end() }
    let alone = try scorer.scores(.adding, all, to: [])
    progress.advance(all.count, cached: false)
    let without = try scorer.scores(.leaving, all, to: all)
    progress.advance(all.count, cached: false)
    let values = alone.compactMap(\.value)
    var strata: [Int]?
    if case .single(let labels) = samples.labels, metric == .meanPerClass { strata = labels }
    let isIndependent = samples.structure == .independent && !alone.contains { $0.credits.isEmpty }
    return PromptStudy.Candidates(
      set: from.templates.reference, value: try scorer.score(of: all).value,
      templates: all.map { place in
        .init(
          number: place + 1, text: from.templates.templates[place], value: alone[place].value,
          without: without[place].value)
      },
      sensitivity: values.count == all.count
        ? PromptSensitivity(
          values: values, credits: isIndependent ? alone.map(\.credits) : nil, strata: strata,
          full: scorer.full) : nil)
  }

  // MARK: selection

  private func selection(
    _ from: PromptTexts, base: PromptTexts, _ split: ProbeSplit, _ samples: PromptSamples
  ) throws -> (PromptStudy.Selected, [ResultRow], ProbeSplit?)? {
    guard let on = settings.selectOn else { return nil }
    var scored = Array(samples.ids.indices)
    let selecting: PromptSamples
    var other: ProbeSplit?
    if settings.selectionSplit == nil {
      let halves = try halves(split, samples)
      selecting = samples.rows(halves.selecting)
      scored = halves.scoring
    } else {
      let train = try read(on).labelled(
        as: split.classes, of: split.name, dataset: task.dataset)
      selecting = try self.samples(of: train)
      guard selecting.count > 0 else {
        throw NoSampleLeft(train.failures, dataset: "\(task.dataset) \(on)")
      }
      other = train
    }
    let scoring = other == nil ? samples.rows(scored) : samples
    func scorer(_ texts: PromptTexts, _ samples: PromptSamples) -> PromptScorer {
      PromptScorer(texts.features, scale: texts.scale, samples: samples, threads: threads)
    }
    let path = try PromptSelection.forward(
      on: scorer(from, selecting), scoring: scorer(from, scoring), size: settings.size)
    guard !path.steps.isEmpty else {
      throw EvalError(
        .taskFailed, "no template has a score to be selected by", subject: task.dataset)
    }
    let chosen = try from.templates.subset(path.templates)
    var record = split.record
    var own = from
    own.templates = chosen
    own.record(.embedding, in: &record)
    record.seed = settings.seed
    record.selection = selectionText(from, on: on, other)
    if other == nil { record.splitHash = splitHash(split, scored) }
    let (rows, answers) = try score(
      scoring, at: scored, of: split, own, templates: path.templates.map { $0 - 1 }, .embedding,
      record, place: Self.selectedPart)
    let main = rows.first { $0.metric == metric.rawValue }
    // The base on the images that the selection is scored on.
    let baseSamples = recorded(
      try said(
        of: scoring, base, templates: Array(0..<base.features.templateCount), .embedding),
      of: scoring, base)
    let contrasts = try [base, from].uniqued(by: \.templates.reference).map { texts in
      let all = Array(0..<texts.features.templateCount)
      return PromptStudy.Selected.Contrast(
        set: texts.templates.reference, selected: try scorer(texts, selecting).score(of: all).value,
        scored: try scorer(texts, scoring).score(of: all).value)
    }
    return (
      PromptStudy.Selected(
        set: chosen.reference, on: on, seed: settings.seed, size: settings.size,
        selectedCount: selecting.count, scoredCount: scoring.count, path: path, value: main?.value,
        interval95: main?.interval95,
        difference: try difference(
          baseSamples, answers, unit: scoring.structure.groups?.unit),
        contrasts: contrasts), rows, other
    )
  }

  private func halves(_ split: ProbeSplit, _ samples: PromptSamples) throws -> PromptHalves {
    var labels: [Int]?
    if case .single(let own) = samples.labels { labels = own }
    return try PromptHalves(
      ids: samples.ids, labels: labels, classIDs: split.classes.map(\.id),
      structure: samples.structure, seed: UInt64(settings.seed ?? 1),
      subject: "\(task.dataset) \(split.name)")
  }

  /// All that decides which templates were selected, and what they are scored on.
  private func selectionText(_ from: PromptTexts, on: String, _ other: ProbeSplit?) -> String {
    var parts = [
      "greedy-forward from=\(from.templates.reference)",
      "hash=\(from.templates.templatesHash?.hex.prefix(12) ?? "none")",
      "metric=\(metric.rawValue)", "size=\(settings.size.map { "at-most-\($0)" } ?? "any")",
    ]
    if let other {
      parts.append("on=\(on)")
      if let hash = other.splitHash { parts.append("onHash=\(hash.hex.prefix(12))") }
      parts.append("scored=all")
    } else {
      parts += [
        "on=half", "scored=other-half",
        "draw=\(ClassStrata.generator.split(separator: " ").joined(separator: "+"))",
      ]
    }
    return parts.joined(separator: " ")
  }

  /// Over the ordered lines `id \0 class id` of some of the samples; of several classes the ids alone.
  private func splitHash(_ split: ProbeSplit, _ rows: [Int]) -> SHA256Digest {
    guard case .single(let labels) = split.labels else {
      return SHA256.hash(rows.map { "\(split.ids[$0])\n" }.joined())
    }
    return SHA256.hash(
      rows.map { "\(split.ids[$0])\0\(split.classes[labels[$0]].id)\n" }.joined())
  }
}

extension PromptSet {
  /// Some of the templates, in the order of the set: `CIFAR10/openai-2021[2+5]`, which cannot be taken for one template.
  /// - Parameter numbers: from 1, rising.
  func subset(_ numbers: [Int]) throws -> PromptSet {
    try PromptSet(
      dataset: dataset, name: "\(name)[\(numbers.map(String.init).joined(separator: "+"))]",
      version: version, source: source, classes: [],
      templates: numbers.map { templates[$0 - 1] })
  }
}

extension Array {
  fileprivate func uniqued<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
    var seen: Set<Key> = []
    return filter { seen.insert(key($0)).inserted }
  }
}
