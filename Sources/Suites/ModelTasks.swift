import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import Foundation
import LinearAlgebra
import Logging
import Prompts

/// One checkpoint and the tasks of a plan that use it: towers are loaded once.
struct ModelTasks: TaskEvaluator {
  let path: String
  var name: String { session.name }
  var cost: ModelCost? { ModelCost(name, session.checkpoint.configuration.vision) }
  let log = Logger(label: "clip-eval.suites")
  let options: RunOptions
  let session: ModelSession
  let weights: SHA256Digest
  let embedders: Embedders
  /// The same in float32, to measure against; nil where `embedders` are that.
  let exact: Embedders?
  let memory = SplitMemory()
  let robustness = RobustnessMemory()
  private let pooled = Latest<FeatureKind, ImageEmbedder>()

  init(_ model: LocatedModel, options: RunOptions) throws {
    path = model.url.standardizedFileURL.path
    self.options = options
    session = try ModelSession(
      model, preprocessing: options.preprocessing, activation: options.activation,
      precision: options.precision)
    weights = try session.weightsHash()
    embedders = try Embedders(session, weights: weights, options: options)
    exact =
      session.precision == .fp32
      ? nil
      : try Embedders(
        ModelSession(
          model, preprocessing: options.preprocessing, activation: options.activation),
        weights: weights, options: options)
    log.debug(
      "loaded \(session.name)",
      metadata: [
        "weights": "\(weights.hex.prefix(12))", "preprocessing": "\(session.recipe)",
        "batch": "\(embedders.images.tower.batchSize)",
        "kernels": "\(embedders.images.key.kernels)",
      ])
  }

  /// What makes image features of a kind. The towers are those of zero-shot.
  func imageEmbedder(_ kind: FeatureKind) throws -> ImageEmbedder {
    guard kind != .projected else { return embedders.images }
    return try pooled.value(for: kind) {
      let tower = embedders.images.tower
      return try ImageEmbedder(
        tower: tower, recipe: session.recipe,
        key: session.imageKey(weights: weights, kind: kind, batchSize: tower.batchSize),
        featureKind: kind, store: options.store, threads: options.threads,
        keepsResize: session.resizeIsChosen)
    }.value
  }

  /// Zero-shot classification of one split (paper §3.1): class weights from prompts, cosine, argmax.
  func zeroShot(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let clock = ContinuousClock()
    let started = clock.now
    let index = try index(of: task)
    try index.requireClasses()
    log.debug(
      "\(task.dataset): \(index.samples.count) samples",
      metadata: [
        "layout": "\(index.layout)", "split": "\(index.split)",
        "variant": "\(index.variant ?? "none")",
        "fingerprint": "\(index.fingerprint.hex.prefix(12))",
      ])
    let names = try task.classNameSet(options.prompts, classes: index.classes)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    guard !templates.templates.isEmpty else {
      throw EvalError(.badSuite, "\(templates.reference) has no templates")
    }
    let classes = try task.offeredClasses(index.classes, names)
    let joined = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) }, with: names, dataset: task.dataset)
    if !folder.isScratch { noticeUnusedNames(joined, of: names, index, task) }
    let prompts = PromptRendering.prompts(for: joined.names, templates: templates.templates)
    let textStart = clock.now
    let classifier = try promptClassifier(
      prompts, of: joined.names, templates: templates.templates.count, task: task,
      progress: progress)

    let imageStart = clock.now
    let (embedded, computedCount) = try features(of: task, index, progress: progress)
    let imageEnd = clock.now
    var agreement: PrecisionAgreement?
    if case .embedding(let classifier) = classifier, !folder.isScratch {
      agreement = try precisionAgreement(
        of: embedded, classifier, index: index, prompts: prompts, names: joined.names, task: task,
        progress: progress)
    }
    var protocolRecord = record(of: task, index, embedded, templates: templates)
    protocolRecord.classNameSet = names.reference
    protocolRecord.classNamesHash = names.classNamesHash
    protocolRecord.ensemble = task.ensemble.rawValue

    var scored = ScoredSplit(
      classCount: classes.count, expectedCount: index.expectedCount,
      isPartial: index.isPartial, protocol: protocolRecord,
      structure: index.structure.rows(embedded.rows),
      frameSets: index.frameSets?.rows(embedded.rows), clips: index.clips?.rows(embedded.rows),
      clipCount: index.unitCount, candidates: index.candidates?.rows(embedded.rows),
      precisionAgreement: agreement)
    scored.shown = ShownSplit(
      classes: zip(classes, joined.names).map { .init(id: $0.id, name: $1.first ?? $0.name) },
      image: { index.samples[$0].source })
    try scored.restrict(task, embedded)
    let rows = try session.explainingFaults {
      try scored.rows(
        of: embedded, classifier: classifier, task: task, folder: folder, fileName: fileName)
    }

    return result(
      rows, of: task, index, embedded, computedCount: computedCount,
      seconds: (clock.now - started).inSeconds, textSeconds: (imageStart - textStart).inSeconds,
      imageSeconds: (imageEnd - imageStart).inSeconds)
  }

  func result(
    _ rows: [ResultRow], of task: PlannedTask, _ index: DatasetIndex, _ embedded: EmbeddedDataset,
    computedCount: Int, seconds: Double, textSeconds: Double, imageSeconds: Double
  ) -> TaskResult {
    TaskResult(
      rows: rows, failures: embedded.failures.map { FailedSample(id: $0.id, reason: $0.reason) },
      timing: TaskTiming(
        experiment: task.experiment, model: name, dataset: task.dataset,
        host: ProcessInfo.processInfo.hostName, seconds: seconds, textSeconds: textSeconds,
        imageSeconds: imageSeconds, images: index.samples.count, imagesComputed: computedCount,
        imagesPerSecond: computedCount > 0 && imageSeconds > 0
          ? Double(computedCount) / imageSeconds : nil))
  }

  /// The split's samples; those of the task before, where it read the same.
  func index(of task: PlannedTask) throws -> DatasetIndex {
    let (index, isKnown) = try memory.index.value(for: SampleSelection(task)) {
      try task.index(dataRoot: options.requiredDataRoot())
    }
    if !isKnown { for note in index.notes { log.notice("\(task.dataset): \(note)") } }
    return index
  }

  /// The features of the split's images, likewise, and how many of them had to be computed.
  func features(
    of task: PlannedTask, _ index: DatasetIndex, progress: any ProgressSink
  ) throws -> (embedded: EmbeddedDataset, computedCount: Int) {
    let (embedded, isReused) = try memory.features.value(for: SampleSelection(task)) {
      try embedders.images.embed(
        index,
        ignoringStored: options.isFresh
          && memory.fresh.isFirst(SampleSelection(task), .projected),
        progress: progress)
    }
    if isReused { return (embedded, 0) }
    for failure in embedded.failures {
      log.warning("not evaluated: \(task.dataset) \(failure.id): \(failure.reason)")
    }
    return (embedded, embedded.computedCount)
  }

  /// Says once for a split which classes of a set it lacks. On purpose for a subset of the classes; otherwise images are
  /// missing, and the classes that are left are easier to tell apart.
  private func noticeUnusedNames(
    _ joined: ClassJoin, of names: PromptSet, _ index: DatasetIndex, _ task: PlannedTask
  ) {
    guard let first = joined.unusedIDs.first else { return }
    let (_, isTold) = memory.toldNames.value(for: [task.dataset, index.split, names.reference]) {}
    guard !isTold else { return }
    let others = joined.unusedIDs.count - 1
    log.notice(
      "\(task.dataset): the split has \(index.classes.count) of the \(names.classes.count) classes of \(names.reference); it lacks \(first)\(others > 0 ? " and \(others) more" : "")"
    )
  }

  /// The protocol, but for what the experiment adds.
  func record(
    of task: PlannedTask, _ index: DatasetIndex, _ embedded: EmbeddedDataset, templates: PromptSet?
  ) -> EvaluationProtocol {
    var record = EvaluationProtocol(dataset: task.dataset, model: session.name)
    record.layout = index.layout
    record.variant = index.variant
    record.split = index.split
    record.splitHash = index.splitHash
    record.datasetFingerprint = embedded.contentFingerprint
    record.templateSet = templates?.reference
    record.templatesHash = templates?.templatesHash
    record.datasetOptions = task.optionsText
    record.preprocessing = embedded.preprocessing ?? session.recipe.description
    record.weightsSHA256 = weights
    record.activation = session.checkpoint.configuration.activationDescription
    record.precision = session.precision.rawValue
    record.featureKind = FeatureKind.projected.rawValue
    record.normalisation = "l2"
    return record
  }

  /// The classifier of a task's prompts, ensembled as it asks for.
  private func promptClassifier(
    _ prompts: [[String]], of names: [[String]], templates: Int, task: PlannedTask,
    progress: any ProgressSink
  ) throws -> PromptClassifier {
    guard task.ensemble == .probability else {
      return .embedding(
        try classifier(prompts, of: names, embedders, task: task, progress: progress))
    }
    let features = try embedders.texts.embed(
      prompts.flatMap { $0 }, label: task.dataset, ignoringStored: options.isFresh,
      progress: progress)
    return .probability(
      try session.explainingFaults {
        try ProbabilityEnsemble(
          PromptFeatures(
            features, nameCounts: names.map(\.count), templateCount: templates,
            classNames: names.map { $0.joined(separator: ", ") }),
          scale: session.checkpoint.configuration.logitScale)
      }, threads: options.threads)
  }

  func classifier(
    _ prompts: [[String]], of names: [[String]], _ embedders: Embedders, task: PlannedTask,
    progress: any ProgressSink
  ) throws -> ZeroShotClassifier {
    let features = try embedders.texts.embed(
      prompts.flatMap { $0 }, label: task.dataset, ignoringStored: options.isFresh,
      progress: progress)
    let weights = try session.explainingFaults {
      try ClassWeights.matrix(
        of: features, promptCounts: prompts.map(\.count),
        classNames: names.map { $0.joined(separator: ", ") })
    }
    return try ZeroShotClassifier(
      weights: weights, scale: session.checkpoint.configuration.logitScale)
  }
}

/// What fills the store in one precision.
struct Embedders {
  let images: ImageEmbedder
  let texts: TextEmbedder

  init(_ session: ModelSession, weights: SHA256Digest, options: RunOptions) throws {
    let tower = try session.imageTower()
    images = try ImageEmbedder(
      tower: tower, recipe: session.recipe,
      key: session.imageKey(weights: weights, kind: .projected, batchSize: tower.batchSize),
      featureKind: .projected, store: options.store, threads: options.threads,
      keepsResize: session.resizeIsChosen)
    texts = TextEmbedder(
      tower: try session.textTower(), tokenizer: try session.tokenizer(), weights: weights,
      store: options.store, threads: options.threads)
  }
}
