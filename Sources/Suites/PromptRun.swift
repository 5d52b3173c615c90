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
  let metric: MetricName
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

  var threads: Int { source.options.threads }

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
      study.candidates = try singles(from, base: base, samples)
      if let (selected, made, other) = try selection(
        from, base: base, split, samples, notes: &study.notes)
      {
        study.selection = selected
        rows += made
        tally.images += other?.rows.count ?? 0
        tally.computed += other?.computedCount ?? 0
        failures += other?.failures ?? []
      }
    }
    for note in study.notes { log.notice("\(task.dataset): \(note)") }
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

  func read(_ name: String) throws -> ProbeSplit {
    var use = SplitUse(comparing: .projected, normalise: false)
    use.classNames =
      try task.takesNamesOfDataset
      ? nil : source.options.prompts.resolve(task.requiredClassNames(), dataset: task.dataset)
    return try source.probeSplit(name, of: task, use, progress: progress)
  }

  func samples(of split: ProbeSplit) throws -> PromptSamples {
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
    for own in texts {
      // `a/b_c` and `a_b/c` would have one file of predictions.
      let part = Self.filePart(of: own.templates.reference, ensemble: "", isSelected: false)
      guard seen.insert(part).inserted else {
        throw EvalError(
          .badSuite,
          "two of the sets compared are called \(own.templates.reference), or almost so",
          subject: task.dataset, remedy: "Name one of them otherwise, or leave it out.")
      }
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
    return notes
  }
}
