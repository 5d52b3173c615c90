import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import LinearAlgebra
import Metrics

/// What evaluates the tasks of one `--model`: a checkpoint, or a folder of features made elsewhere.
protocol TaskEvaluator: ProbeSource {
  /// As the plan names it.
  var path: String { get }
  /// Nil where it is not known.
  var cost: ModelCost? { get }
  func zeroShot(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult

  func retrieval(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult

  func composition(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult

  /// The classifier of a task's class names and templates.
  /// - Parameter classes: which it tells apart, in that order.
  func namedClassifier(
    _ task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> NamedClassifier

  /// The text features of one of a task's template sets.
  /// - Parameter reference: the set.
  func promptTexts(
    _ reference: String, of task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> PromptTexts

  /// Features in float32 of the samples that `PrecisionAgreement` measures; nil where those that are evaluated are float32 themselves, or made elsewhere.
  func exactSample(
    of task: PlannedTask, progress: any ProgressSink
  ) throws -> (ids: [String], features: Matrix)?

  /// What is known of a task's samples before they are scored, and how many of their images would have to be embedded. Features that the store holds
  /// of other tasks' samples are gathered.
  func look(at task: PlannedTask, others: [PlannedTask]) throws -> SplitLook

  /// What the tasks on the shifts of one base share.
  var robustness: RobustnessMemory { get }
}

extension TaskEvaluator {
  /// The task's experiment.
  func evaluate(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    switch SuiteFile.ExperimentName(rawValue: task.experiment) {
    case .zeroShot:
      try zeroShot(task, folder: folder, fileName: fileName, progress: progress)
    case .retrieval:
      try retrieval(task, folder: folder, fileName: fileName, progress: progress)
    case .composition:
      try composition(task, folder: folder, fileName: fileName, progress: progress)
    case .linearProbe:
      try ProbeRun(self, task, folder, fileName, progress).linearProbe()
    case .fewShot:
      try ProbeRun(self, task, folder, fileName, progress).fewShot()
    case .knn:
      try ProbeRun(self, task, folder, fileName, progress).nearestNeighbours()
    case .robustness:
      try RobustnessRun(self, task, folder, fileName, progress).run()
    case .prompts:
      try PromptRun(self, task, folder, fileName, progress).run()
    case nil:
      throw EvalError(.bug, "the experiment \(task.experiment) is not known", subject: task.dataset)
    }
  }
}

struct TaskResult {
  var rows: [ResultRow]
  var failures: [FailedSample]
  var timing: TaskTiming
}

/// The evaluator of a path.
func makeEvaluator(_ model: LocatedModel, options: RunOptions) throws -> any TaskEvaluator {
  EmbeddingsFolder.recognises(model.url)
    ? EmbeddingTasks(
      try EmbeddingsFolder(model.url), path: model.url.standardizedFileURL.path, options: options)
    : try ModelTasks(model, options: options)
}

/// What a split is, besides its features: the part of a task that does not depend on where features come from.
struct ScoredSplit {
  var classCount: Int
  var expectedCount: Int?
  var isPartial: Bool
  var `protocol`: EvaluationProtocol
  /// Of the samples that have a feature.
  var structure: SampleStructure
  var frameSets: FrameSets?
  var clips: SampleGroups?
  /// Of the split, with those of which no frame has a feature.
  var clipCount = 0
  var candidates: CandidateLists?
  /// What protocols record where there are `candidates`.
  var candidatesText = "candidates=own-list"
  /// Of features made elsewhere, as protocols record it where a softmax depends on it; a checkpoint's follows from its weights.
  var scaleText: String?
  var nearTieThreshold = NearTies.threshold
  var precisionAgreement: PrecisionAgreement?
  /// Whether scores are logits on the model's own scale, which softmax makes probabilities.
  var hasScale = true
  var shown = ShownSplit()

  /// Scores a split's features and writes its predictions.
  /// - Throws: `NoSampleLeft` when no sample has a feature.
  func rows(
    of embedded: EmbeddedDataset, classifier: PromptClassifier, task: PlannedTask,
    folder: RunFolder, fileName: String
  ) throws -> [ResultRow] {
    guard !embedded.rows.isEmpty else {
      throw NoSampleLeft(embedded, dataset: task.dataset)
    }
    let mainMetric = try task.metric()
    var context = EvaluationContext(
      classCount: classCount, mainMetric: mainMetric, expectedCount: expectedCount,
      failedCount: embedded.failures.count, isPartial: isPartial, protocol: `protocol`)
    context.structure = structure
    context.frameSets = frameSets
    context.nearTieThreshold = nearTieThreshold
    context.precisionAgreement = precisionAgreement
    if let labels = embedded.multiLabels {
      if mainMetric.isMultiLabel { context.scoring = scaleText }
      let predictions = try classifier.predict(
        embedded.features, labels: labels, ids: embedded.ids)
      let rows = try ZeroShotExperiment.rows(for: predictions, in: context)
      try folder.write(
        predictions.ranked, rows: embedded.rows, ids: embedded.ids, task: task, fileName: fileName,
        more: predictions.tensors + structure.tensors + (frameSets?.tensors ?? []))
      try folder.write(shown.classes, task: task, fileName: fileName)
      return rows
    }
    if let clips {
      return try rows(
        ofClips: clips, embedded, classifier: classifier, context: context, task: task,
        folder: folder, fileName: fileName)
    }
    if candidates != nil { context.scoring = candidatesText }
    context.candidates = candidates
    var predictions = try classifier.predict(
      embedded.features, labels: embedded.labels, candidates: candidates, ids: embedded.ids)
    let rows = try ZeroShotExperiment.rows(for: predictions, in: context)
    if hasScale, task.isShown, !folder.isScratch {
      predictions.confidence = try classifier.confidence(
        of: predictions, embedded.features, candidates: candidates, ids: embedded.ids)
    }
    try folder.write(
      predictions, rows: embedded.rows, ids: embedded.ids, task: task, fileName: fileName,
      more: structure.tensors)
    try folder.write(
      shown, of: predictions, rows: embedded.rows, task: task, fileName: fileName)
    return rows
  }
}

extension ScoredSplit {
  /// Several frames of each clip: a prediction, and an entry of the files, stands for a clip.
  private func rows(
    ofClips clips: SampleGroups, _ embedded: EmbeddedDataset, classifier: PromptClassifier,
    context: EvaluationContext, task: PlannedTask, folder: RunFolder, fileName: String
  ) throws -> [ResultRow] {
    var (predictions, firsts) = try classifier.predict(
      embedded.features, labels: embedded.labels, clips: clips, ids: embedded.ids)
    var context = context
    context.structure = structure.rows(firsts)
    context.failedCount = clipCount - firsts.count
    context.scoring = ["scores=mean-of-softmax-over-frames", scaleText].compactMap(\.self)
      .joined(separator: " ")
    let rows = try ZeroShotExperiment.rows(for: predictions, in: context)
    if !hasScale || !task.isShown { predictions.confidence = [] }
    let first = firsts.map { embedded.rows[$0] }
    try folder.write(
      predictions, rows: first, ids: firsts.map { embedded.ids[$0] }, task: task,
      fileName: fileName, more: context.structure.tensors)
    try folder.write(shown, of: predictions, rows: first, task: task, fileName: fileName)
    return rows
  }
}

/// A task that every one of its samples failed: the samples are listed all the same.
struct NoSampleLeft: Error {
  var error: EvalError
  var failures: [FailedSample]

  init(_ embedded: EmbeddedDataset, dataset: String) {
    self.init(embedded.failures, dataset: dataset)
  }

  init(_ failed: [EmbeddedDataset.Failure], dataset: String) {
    error = EvalError(
      .taskFailed, "none of the \(failed.count) samples could be read", subject: dataset)
    failures = failed.map { FailedSample(id: $0.id, reason: $0.reason) }
  }
}
