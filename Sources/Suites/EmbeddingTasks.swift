import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import Foundation
import LinearAlgebra
import Logging
import Metrics
import Prompts

/// A folder of features made elsewhere and the tasks of a plan that use it.
struct EmbeddingTasks: TaskEvaluator {
  let path: String
  var name: String { folder.name }
  var cost: ModelCost? { ModelCost(published: name) }

  let folder: EmbeddingsFolder
  let options: RunOptions
  let robustness = RobustnessMemory()
  let log = Logger(label: "clip-eval.suites")

  init(_ folder: EmbeddingsFolder, path: String, options: RunOptions) {
    self.folder = folder
    self.path = path
    self.options = options
  }

  func zeroShot(
    _ task: PlannedTask, folder run: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let clock = ContinuousClock()
    let started = clock.now
    let adapter = try task.adapter()
    let split = try adapter.info.split(named: task.split)
    let source = try folder.source(of: adapter.info, split: split)
    let named =
      try task.takesNamesOfDataset
      ? nil : options.prompts.resolve(task.requiredClassNames(), dataset: task.dataset)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)

    let (table, provenance) = try images(source, of: adapter.info, split, task: task)
    let dataset = try imported(table, task: task, info: adapter.info, split: split, names: named)
    let names = try named ?? task.classNameSet(options.prompts, classes: dataset.classes)
    try tell(dataset, of: task, provenance)
    let imageSeconds = (clock.now - started).inSeconds

    let textStart = clock.now
    let classes = try task.offeredClasses(dataset.classes, names)
    let join = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) }, with: names, dataset: task.dataset)
    let texts = try ImportedTexts(folder, info: adapter.info, images: source)
    try check(texts.table, images: table)
    let scale = provenance.logitScale ?? 1
    let classifier: PromptClassifier
    if task.ensemble == .probability {
      guard provenance.logitScale != nil else {
        throw EvalError(
          .notFound, "probabilities need the model's logit scale, which nothing says",
          subject: folder.url.path, remedy: "Write logitScale into embeddings.yaml.")
      }
      classifier = .probability(
        try ProbabilityEnsemble(
          promptFeatures(texts, join: join, templates: templates), scale: scale),
        threads: options.threads)
    } else {
      let weights = try classWeights(
        texts, classes: classes, names: names, join: join, templates: templates)
      classifier = .embedding(try ZeroShotClassifier(weights: weights, scale: scale))
    }
    let textSeconds = (clock.now - textStart).inSeconds

    var scored = ScoredSplit(
      classCount: classes.count, expectedCount: dataset.expectedCount,
      isPartial: dataset.isPartial,
      protocol: zeroShotRecord(
        task, split.name, dataset, provenance, image: table, texts: texts, names: names,
        templates: templates),
      structure: dataset.structure, frameSets: dataset.frameSets, clips: dataset.clips,
      clipCount: dataset.clipCount, candidates: dataset.candidates,
      scaleText: provenance.logitScale.map { "scale=\($0)" } ?? "scale=1-as-unknown",
      nearTieThreshold: provenance.logitScale == nil
        ? NearTies.cosineThreshold : NearTies.threshold)
    scored.hasScale = provenance.logitScale != nil
    scored.shown = ShownSplit(
      classes: zip(classes, join.names).map {
        .init(id: $0.id, name: $1.first ?? $0.name)
      }, image: dataset.image)
    try scored.restrict(task, dataset.embedded)
    let rows = try scored.rows(
      of: dataset.embedded, classifier: classifier, task: task, folder: run, fileName: fileName)
    return result(
      rows, of: task, dataset, seconds: (clock.now - started).inSeconds, textSeconds: textSeconds,
      imageSeconds: imageSeconds)
  }

  /// The features of a split's images, which texts can be compared with.
  func images(
    _ source: FeatureSource, of info: DatasetInfo, _ split: SplitInfo, task: PlannedTask
  ) throws -> (table: FeatureTable, provenance: FeatureProvenance) {
    let table = try FeatureTable(source)
    let provenance = try folder.provenance(of: table)
    try check(table, isOf: info, split, options: task.optionsText)
    if provenance.featureKind == FeatureKind.pooled.rawValue {
      throw EvalError(
        .malformedData, "comparing images with texts needs projected features, found pooled ones",
        subject: source.url.path, remedy: "Embed with --feature projected.")
    }
    return (table, provenance)
  }

  /// What a user should know of a split before its numbers.
  /// - Throws: `EvalError.malformedData` where the features are not of images preprocessed as the dataset asks for.
  func tell(
    _ dataset: ImportedDataset, of task: PlannedTask, _ provenance: FeatureProvenance
  ) throws {
    if let note = try dataset.adjustment?.check(
      madeWith: provenance.preprocessing, dataset: task.dataset, place: folder.url.path)
    {
      log.notice("\(task.dataset): \(note)")
    }
    for note in dataset.notes { log.notice("\(task.dataset): \(note)") }
    let failures = dataset.embedded.failures
    guard let first = failures.first else { return }
    log.warning(
      "\(task.dataset): \(failures.count) samples have no feature and are not evaluated, the first is \(first.id)"
    )
  }

  func result(
    _ rows: [ResultRow], of task: PlannedTask, _ dataset: ImportedDataset, seconds: Double,
    textSeconds: Double, imageSeconds: Double
  ) -> TaskResult {
    let failures = dataset.embedded.failures
    return TaskResult(
      rows: rows, failures: failures.map { FailedSample(id: $0.id, reason: $0.reason) },
      timing: TaskTiming(
        experiment: task.experiment, model: name, dataset: task.dataset,
        host: ProcessInfo.processInfo.hostName, seconds: seconds, textSeconds: textSeconds,
        imageSeconds: imageSeconds, images: dataset.embedded.rows.count + failures.count,
        imagesComputed: 0, imagesPerSecond: nil))
  }

  /// That a file which says what it is of lies where it belongs.
  func check(
    _ table: FeatureTable, isOf info: DatasetInfo, _ split: SplitInfo, options: String?
  ) throws(EvalError) {
    let found = ["dataset", "split", "options"].map { table.metadata[$0] }
    let expected = [info.id, split.name, options ?? "no options"]
    for (found, expected) in zip(found, expected) {
      guard let found, found.lowercased() != expected.lowercased() else { continue }
      throw EvalError(
        .malformedData, "expected features of \(expected), the file was made of \(found)",
        subject: table.parts.first?.file.path)
    }
  }

  /// Beside the dataset on disk where it is there, else as the file tells it.
  private func imported(
    _ table: FeatureTable, task: PlannedTask, info: DatasetInfo, split: SplitInfo, names: PromptSet?
  ) throws -> ImportedDataset {
    if let root = options.dataRoot {
      do {
        return try ImportedDataset(table, index: task.wholeIndex(dataRoot: root), limit: task.limit)
      } catch let error as EvalError where error.kind == .notFound && info.task == .classification {
        log.debug("\(task.dataset): \(error)")
      }
    }
    guard let names else {
      throw EvalError(
        .notFound, "the class names are the dataset's own, and it is not at hand",
        subject: task.dataset, remedy: "Name the data folder with --data-root.")
    }
    guard info.task == .classification else {
      throw EvalError(
        .notFound, "which classes an image shows is in the dataset, which is not at hand",
        subject: task.dataset, remedy: "Name the data folder with --data-root.")
    }
    let classes =
      table.classIDs?.map { DatasetClass(id: $0, name: $0) }
      ?? names.classes.map { DatasetClass(id: $0.id, name: $0.names.first ?? $0.id) }
    return try ImportedDataset(
      table, info: info, split: split, classes: classes, limit: task.limit)
  }

  /// That the texts are features of the same model as the images, as far as the files tell.
  func check(_ texts: FeatureTable, images: FeatureTable) throws(EvalError) {
    let place = texts.parts.first?.file.path
    guard texts.width == images.width else {
      throw EvalError(
        .malformedData,
        "expected text features of width \(images.width), like the images' in \(images.parts.first?.file.path ?? "–"); found \(texts.width)",
        subject: place)
    }
    if let model = texts.metadata["model"], let other = images.metadata["model"], model != other {
      throw EvalError(
        .malformedData, "the texts were embedded with \(model), the images with \(other)",
        subject: place)
    }
    if let kind = texts.metadata["feature"], kind != FeatureKind.projected.rawValue {
      throw EvalError(
        .malformedData, "expected projected text features, found \(kind) ones", subject: place)
    }
  }

  func classWeights(
    _ texts: ImportedTexts, classes: [DatasetClass], names: PromptSet, join: ClassJoin,
    templates: PromptSet
  ) throws -> Matrix {
    switch texts {
    case .prompts(let table):
      guard !templates.templates.isEmpty else {
        throw EvalError(.badSuite, "\(templates.reference) has no templates")
      }
      let prompts = PromptRendering.prompts(for: join.names, templates: templates.templates)
      return try ClassWeights.matrix(
        of: ImportedTexts.features(of: prompts.flatMap { $0 }, in: table),
        promptCounts: prompts.map(\.count))
    case .classifier(let table):
      let rows = try ImportedTexts.classifier(
        table, classes: classes, names: names, join: join)
      return try ClassWeights.matrix(
        of: rows, promptCounts: [Int](repeating: 1, count: rows.rows))
    }
  }

  /// The features of every prompt, by template.
  /// - Throws: `EvalError.notFound` where the folder has a classifier in place of prompts.
  private func promptFeatures(
    _ texts: ImportedTexts, join: ClassJoin, templates: PromptSet
  ) throws -> PromptFeatures {
    guard case .prompts(let table) = texts else {
      throw EvalError(
        .notFound, "an ensemble of probabilities needs every prompt's features, found a classifier",
        subject: folder.url.path)
    }
    let prompts = PromptRendering.prompts(for: join.names, templates: templates.templates)
    return try PromptFeatures(
      ImportedTexts.features(of: prompts.flatMap { $0 }, in: table),
      nameCounts: join.names.map(\.count), templateCount: templates.templates.count)
  }

  private func zeroShotRecord(
    _ task: PlannedTask, _ split: String, _ dataset: ImportedDataset,
    _ provenance: FeatureProvenance, image: FeatureTable, texts: ImportedTexts, names: PromptSet,
    templates: PromptSet
  ) -> EvaluationProtocol {
    var record = record(of: task, split, dataset, provenance, image: image, texts: texts)
    switch texts {
    case .prompts:
      record.classNameSet = names.reference
      record.classNamesHash = names.classNamesHash
      record.templateSet = templates.reference
      record.templatesHash = templates.templatesHash
      record.ensemble = task.ensemble.rawValue
    case .classifier:
      record.classNameSet = folder.classifierWords.classNames
      record.templateSet = folder.classifierWords.templates
    }
    return record
  }

  /// Everything that is known, but for the words; what neither manifest nor files say stays unknown.
  func record(
    of task: PlannedTask, _ split: String, _ dataset: ImportedDataset,
    _ provenance: FeatureProvenance, image: FeatureTable, texts: ImportedTexts? = nil
  ) -> EvaluationProtocol {
    var record = EvaluationProtocol(dataset: task.dataset, model: name)
    record.layout = dataset.layout
    record.variant = dataset.variant
    record.split = split
    record.datasetOptions = task.optionsText
    record.splitHash = dataset.splitHash
    record.preprocessing = provenance.preprocessing
    record.featuresSHA256 =
      texts.map { SHA256.hash("\(image.sha256.hex)\n\($0.table.sha256.hex)\n") } ?? image.sha256
    record.activation = provenance.activation
    record.precision = provenance.precision
    record.featureKind = provenance.featureKind
    record.normalisation = "l2"
    return record
  }
}
