import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import Foundation
import Logging
import Metrics
import Prompts

/// One checkpoint and the tasks of a plan that use it: towers are loaded once.
struct ModelTasks {
  struct Result {
    var rows: [ResultRow]
    var failures: [FailedSample]
    var timing: TaskTiming
  }

  let path: String
  private let log = Logger(label: "clip-eval.suites")
  private let options: RunOptions
  private let session: ModelSession
  private let weights: SHA256Digest
  private let images: ImageEmbedder
  private let texts: TextEmbedder

  init(path: String, options: RunOptions) throws {
    self.path = path
    self.options = options
    session = try ModelSession(
      URL(filePath: path), preprocessing: options.preprocessing, activation: options.activation,
      precision: options.precision)
    weights = try session.checkpoint.weightsHash()
    let tower = try session.imageTower()
    images = try ImageEmbedder(
      tower: tower, recipe: session.recipe,
      key: session.imageKey(weights: weights, kind: .projected, batchSize: tower.batchSize),
      featureKind: .projected, store: options.store, threads: options.threads)
    texts = TextEmbedder(
      tower: try session.textTower(), tokenizer: try session.tokenizer(), weights: weights,
      store: options.store, threads: options.threads)
    log.debug(
      "loaded \(session.checkpoint.name)",
      metadata: [
        "weights": "\(weights.hex.prefix(12))", "preprocessing": "\(session.recipe)",
        "batch": "\(tower.batchSize)", "kernels": "\(images.key.kernels)",
      ])
  }

  /// Zero-shot classification of one split (paper §3.1): class weights from prompts, cosine, argmax.
  func zeroShot(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> Result {
    let clock = ContinuousClock()
    let started = clock.now
    let index = try task.index(dataRoot: options.dataRoot)
    log.debug(
      "\(task.dataset): \(index.samples.count) samples",
      metadata: [
        "layout": "\(index.layout)", "split": "\(index.split)",
        "variant": "\(index.variant ?? "none")",
        "fingerprint": "\(index.fingerprint.hex.prefix(12))",
      ])
    for note in index.notes { log.notice("\(task.dataset): \(note)") }
    let names = try options.prompts.resolve(task.classNames, dataset: task.dataset)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    guard !templates.templates.isEmpty else {
      throw EvalError(.badSuite, "\(templates.reference) has no templates")
    }
    let joined = try ClassJoin.join(
      classes: index.classes.map { ($0.id, $0.name) }, with: names, dataset: task.dataset)
    let prompts = PromptRendering.prompts(for: joined.names, templates: templates.templates)
    let textStart = clock.now
    let textFeatures = try texts.embed(
      prompts.flatMap { $0 }, label: task.dataset, ignoringStored: options.isFresh,
      progress: progress)
    let classifier = try ZeroShotClassifier(
      weights: try ClassWeights.matrix(of: textFeatures, promptCounts: prompts.map(\.count)),
      scale: session.checkpoint.configuration.logitScale)

    let imageStart = clock.now
    let embedded = try images.embed(
      index, ignoringStored: options.isFresh, progress: progress)
    let imageEnd = clock.now
    for failure in embedded.failures {
      log.warning("not evaluated: \(task.dataset) \(failure.id): \(failure.reason)")
    }
    let failures = embedded.failures.map { FailedSample(id: $0.id, reason: $0.reason) }
    guard !embedded.rows.isEmpty else {
      throw NoSampleLeft(
        error: EvalError(
          .taskFailed, "none of the \(index.samples.count) samples could be read",
          subject: task.dataset), failures: failures)
    }
    let predictions = try classifier.predict(embedded.features, labels: embedded.labels)

    var protocolRecord = EvaluationProtocol(
      dataset: task.dataset, model: session.checkpoint.name)
    protocolRecord.layout = index.layout
    protocolRecord.variant = index.variant
    protocolRecord.split = index.split
    protocolRecord.splitHash = Self.splitHash(index)
    protocolRecord.datasetFingerprint = embedded.contentFingerprint
    protocolRecord.classNameSet = names.reference
    protocolRecord.classNamesHash = names.classNamesHash
    protocolRecord.templateSet = templates.reference
    protocolRecord.templatesHash = templates.templatesHash
    protocolRecord.ensemble = "embedding"
    protocolRecord.preprocessing = session.recipe.description
    protocolRecord.weightsSHA256 = weights
    protocolRecord.activation = session.checkpoint.configuration.activationDescription
    protocolRecord.precision = session.precision.rawValue
    protocolRecord.featureKind = FeatureKind.projected.rawValue
    protocolRecord.normalisation = "l2"

    let metric = try task.adapter().info.metric
    guard let mainMetric = MetricName(rawValue: metric) else {
      throw EvalError(.bug, "the metric \(metric) is not known", subject: task.dataset)
    }
    let context = EvaluationContext(
      classCount: index.classes.count,
      mainMetric: mainMetric,
      expectedCount: index.expectedCount, failedCount: embedded.failures.count,
      isPartial: index.isPartial, protocol: protocolRecord)
    let rows = try ZeroShotExperiment.rows(for: predictions, in: context)
    try folder.write(
      predictions, rows: embedded.rows, ids: embedded.ids, task: task, fileName: fileName)

    let imageSeconds = (imageEnd - imageStart).inSeconds
    return Result(
      rows: rows,
      failures: failures,
      timing: TaskTiming(
        experiment: task.experiment, model: session.checkpoint.name, dataset: task.dataset,
        host: ProcessInfo.processInfo.hostName, seconds: (clock.now - started).inSeconds,
        textSeconds: (imageStart - textStart).inSeconds, imageSeconds: imageSeconds,
        images: index.samples.count, imagesComputed: embedded.computedCount,
        imagesPerSecond: embedded.computedCount > 0 && imageSeconds > 0
          ? Double(embedded.computedCount) / imageSeconds : nil))
  }

  /// Over the ordered `id\0class id\n` lines of the split.
  private static func splitHash(_ index: DatasetIndex) -> SHA256Digest {
    var hasher = SHA256()
    for sample in index.samples {
      hasher.update("\(sample.id)\0\(index.classes[sample.label].id)\n")
    }
    return hasher.finalize()
  }
}

/// A task that every one of its samples failed: the samples are listed all the same.
struct NoSampleLeft: Error {
  var error: EvalError
  var failures: [FailedSample]
}
