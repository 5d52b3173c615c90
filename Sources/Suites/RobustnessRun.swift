import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import LinearAlgebra
import Logging
import Metrics
import Probes
import Prompts

/// One robustness task of a plan: classifiers of a base's classes on one of its shifts, and on the base's own images of the same classes.
///
/// The work is done in this order: the classifiers become final, for which training and validation samples of the base are read where they
/// learn; then the base's evaluation split is read; then the shift. What is made of the base is kept for the next shift.
struct RobustnessRun {
  let source: any TaskEvaluator
  /// Of the shift.
  let task: PlannedTask
  let settings: RobustnessTask
  /// Of the base.
  let base: PlannedTask
  let metric: MetricName
  let folder: RunFolder
  let fileName: String
  let progress: any ProgressSink
  let log = Logger(label: "clip-eval.suites")
  private let started = ContinuousClock.now

  init(
    _ source: any TaskEvaluator, _ task: PlannedTask, _ folder: RunFolder, _ fileName: String,
    _ progress: any ProgressSink
  ) throws {
    self.source = source
    self.task = task
    (settings, base) = try task.requiredRobustness()
    self.folder = folder
    self.fileName = fileName
    self.progress = progress
    metric = try task.metric()
  }

  /// The classifiers of a base, and what they are compared on.
  struct Prepared {
    /// The base's evaluation split.
    var split: ProbeSplit
    /// Of `split.classes`.
    var classifiers: [BaseClassifier]
    /// By what aliases and names the base's classes are known.
    var names: PromptSet?
    /// Of what was learned from.
    var isPartial = false
  }

  func run() throws -> TaskResult {
    var tally = ProbeRun.Tally()
    let prepared = try source.robustness.prepared.value(for: settings) {
      try prepare(&tally)
    }.value
    let shift = try read(task.split, of: task, &tally)
    let map = try ClassMap(
      shift: (task.dataset, shift.classes), base: (base.dataset, prepared.split.classes),
      names: prepared.names, leavesOutUnmatched: settings.leavesOutUnmatched)
    tell(map)
    let scoring = try RobustnessScoring(self, prepared, shift, map)
    return result(try scoring.rows(), tally)
  }

  // MARK: classifiers

  private func prepare(_ tally: inout ProbeRun.Tally) throws -> Prepared {
    let names = try base.classNameAliases(source.options.prompts)
    guard let probeTask = task.baseProbe, let probe = probeTask.probe else {
      let split = try read(base.split, of: base, &tally)
      let named = try source.namedClassifier(base, classes: split.classes, progress: progress)
      return Prepared(
        split: split,
        classifiers: [BaseClassifier(scoring: .words(named.classifier), named: named)],
        names: names)
    }
    let run = try ProbeRun(source, probeTask, folder, "\(base.dataset).robustness", progress)
    guard let round = probe.rounds.first else { throw EvalError(.bug, "a probe without a round") }
    if settings.classifier == .fewShot {
      let (draws, training) = try run.draws(round, &tally)
      run.tellEdges(draws.map(\.outcome))
      return Prepared(
        split: try run.test(round, of: training, &tally),
        classifiers: try draws.map { draw in
          BaseClassifier(
            scoring: .linear(try draw.outcome.model()), identity: draw.identity,
            record: run.record(of: [draw], draw.identity), seed: draw.seed,
            part: "\(draw.shots)-shot.seed-\(draw.seed)")
        }, names: names, isPartial: training.isPartial)
    }
    let (training, identity, outcome) = try run.linear(round, &tally)
    run.tellEdges([outcome])
    let record = run.record([outcome], identity)
    let model = try outcome.model()
    var classifiers = [
      BaseClassifier(scoring: .linear(model), identity: identity, record: record)
    ]
    if let alphas = settings.alphas {
      let named = try source.namedClassifier(
        base, classes: training.train.classes, progress: progress)
      guard named.hasScale else {
        throw EvalError(
          .malformedData,
          "zero-shot weights cannot be mixed with a probe's without the model's logit scale",
          subject: base.dataset, remedy: "State logitScale in embeddings.yaml.")
      }
      classifiers = try alphas.map { alpha in
        BaseClassifier(
          scoring: .linear(
            try WeightEnsemble.mix(
              probe: model, zeroShot: named.classifier, alpha: alpha,
              subject: "\(base.dataset) \(training.train.name)")),
          named: named, identity: identity, record: record, alpha: alpha,
          part: "alpha-\(alpha)")
      }
    }
    return Prepared(
      split: try run.test(round, of: training, &tally), classifiers: classifiers, names: names,
      isPartial: training.isPartial)
  }

  // MARK: splits

  /// A split with the features that the classifier takes, read and embedded now.
  private func read(
    _ split: String, of task: PlannedTask, _ tally: inout ProbeRun.Tally
  ) throws -> ProbeSplit {
    let start = ContinuousClock.now
    let use =
      settings.probe.map { SplitUse($0, isCompared: true) }
      ?? SplitUse(comparing: .projected, normalise: false)
    let found = try source.probeSplit(split, of: task, use, progress: progress)
    tally.imageSeconds += (ContinuousClock.now - start).inSeconds
    tally.images += found.count + found.failures.count
    tally.imagesComputed += found.computedCount
    tally.failures += found.failures.filter { !tally.failures.contains($0) }
    guard found.count > 0 else { throw NoSampleLeft(found.failures, dataset: task.dataset) }
    return found
  }

  private func tell(_ map: ClassMap) {
    // The shift's own class names are of these classes too, where their images count.
    let areChosen = settings.classifier == .classShift && map.countsUnmatched
    guard let first = map.unmatched.first, !areChosen else { return }
    log.notice(
      "\(task.dataset): \(map.unmatched.count) classes are none of \(base.dataset)'s, the first is \(first); their images \(map.countsUnmatched ? "are never right" : "are left out")"
    )
  }

  private func result(_ rows: [ResultRow], _ tally: ProbeRun.Tally) -> TaskResult {
    TaskResult(
      rows: rows, failures: tally.failures.map { FailedSample(id: $0.id, reason: $0.reason) },
      timing: TaskTiming(
        experiment: task.experimentText, model: source.name, dataset: task.dataset,
        host: ProcessInfo.processInfo.hostName,
        seconds: (ContinuousClock.now - started).inSeconds, textSeconds: 0,
        imageSeconds: tally.imageSeconds, images: tally.images,
        imagesComputed: tally.imagesComputed,
        imagesPerSecond: tally.imagesComputed > 0 && tally.imageSeconds > 0
          ? Double(tally.imagesComputed) / tally.imageSeconds : nil,
        fits: settings.classifier.learns ? tally.fits : nil,
        fitSeconds: settings.classifier.learns ? tally.fitSeconds : nil))
  }
}

/// A classifier of a base's classes, final.
struct BaseClassifier {
  enum Scoring {
    case words(ZeroShotClassifier)
    case linear(LinearModel)
  }

  var scoring: Scoring
  /// Of the base's words; nil for what learns alone.
  var named: NamedClassifier?
  var identity: ProbeProtocol?
  var record: ProbeRecord?
  var seed: Int?
  var alpha: Double?
  /// In the names of prediction files, where a task has several.
  var part: String?
}

/// What the tasks on the shifts of one base share: they follow one another.
final class RobustnessMemory {
  let prepared = Latest<RobustnessTask, RobustnessRun.Prepared>()
}
