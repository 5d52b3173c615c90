import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import LinearAlgebra
import Metrics
import Prompts

/// A zero-shot classifier, and what protocols record of its words.
struct NamedClassifier {
  var classifier: ZeroShotClassifier
  var classNameSet: String?
  var classNamesHash: SHA256Digest?
  var templateSet: String?
  var templatesHash: SHA256Digest?
  var ensemble: String?
  /// Of text features made elsewhere.
  var textsSHA256: SHA256Digest?
  /// Whether the scale is the model's rather than 1 for want of one.
  var hasScale = true
  /// By what names and aliases the classes are known; nil where they are the dataset's own.
  var names: PromptSet

  var nearTieThreshold: Float { hasScale ? NearTies.threshold : NearTies.cosineThreshold }

  func record(in entry: inout EvaluationProtocol) {
    entry.classNameSet = classNameSet
    entry.classNamesHash = classNamesHash
    entry.templateSet = templateSet
    entry.templatesHash = templatesHash
    entry.ensemble = ensemble
    entry.normalisation = "l2"
    if let images = entry.featuresSHA256, let textsSHA256 {
      entry.featuresSHA256 = SHA256.hash("\(images.hex)\n\(textsSHA256.hex)\n")
    }
  }
}

extension ModelTasks {
  func namedClassifier(
    _ task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> NamedClassifier {
    let names = try task.classNameSet(options.prompts, classes: classes)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    guard !templates.templates.isEmpty else {
      throw EvalError(.badSuite, "\(templates.reference) has no templates")
    }
    let joined = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) }, with: names, dataset: task.dataset)
    let prompts = PromptRendering.prompts(for: joined.names, templates: templates.templates)
    return NamedClassifier(
      classifier: try classifier(
        prompts, of: joined.names, embedders, task: task, progress: progress),
      classNameSet: names.reference, classNamesHash: names.classNamesHash,
      templateSet: templates.reference, templatesHash: templates.templatesHash,
      ensemble: "embedding", names: names)
  }
}

extension EmbeddingTasks {
  func namedClassifier(
    _ task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> NamedClassifier {
    let adapter = try task.adapter()
    let source = try folder.source(
      of: adapter.info, split: adapter.info.split(named: task.split))
    let names = try task.classNameSet(options.prompts, classes: classes)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    let join = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) }, with: names, dataset: task.dataset)
    let texts = try ImportedTexts(folder, info: adapter.info, images: source)
    let images = try FeatureTable(source)
    try check(texts.table, images: images)
    let weights = try classWeights(
      texts, classes: classes, names: names, join: join, templates: templates)
    let scale = try folder.provenance(of: images).logitScale
    var result = NamedClassifier(
      classifier: try ZeroShotClassifier(weights: weights, scale: scale ?? 1),
      classNameSet: names.reference, classNamesHash: names.classNamesHash,
      templateSet: templates.reference, templatesHash: templates.templatesHash,
      ensemble: "embedding", textsSHA256: texts.table.sha256, hasScale: scale != nil,
      names: names)
    if case .classifier = texts {
      result.classNameSet = folder.classifierWords.classNames
      result.templateSet = folder.classifierWords.templates
      (result.classNamesHash, result.templatesHash, result.ensemble) = (nil, nil, nil)
    }
    return result
  }
}
