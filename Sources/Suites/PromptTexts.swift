import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import LinearAlgebra
import Metrics
import Prompts

/// The text features of a template set with a task's class names, and what protocols record of them.
struct PromptTexts {
  var features: PromptFeatures
  /// The same in float32, where they are not; what agreement is measured against.
  var exact: PromptFeatures? = nil
  var scale: Float
  /// Whether the scale is the model's rather than 1 for want of one.
  var hasScale = true
  var names: PromptSet
  var templates: PromptSet
  /// Ids and first names of the classes.
  var classes: [ShownSplit.Class]
  /// Of text features made elsewhere.
  var textsSHA256: SHA256Digest?

  /// All templates, by number from 0.
  var all: [Int] { Array(0..<features.templateCount) }

  /// As protocols record a scale on which a softmax depends; a checkpoint's follows from its weights.
  var scaleText: String? {
    guard textsSHA256 != nil else { return nil }
    return hasScale ? "scale=\(scale)" : "scale=1-as-unknown"
  }

  /// What reports call each class: its first name, with its id where that is another word.
  var classLabels: [String] {
    classes.map { $0.name == $0.id ? $0.id : "\($0.name) (\($0.id))" }
  }

  var nearTieThreshold: Float { hasScale ? NearTies.threshold : NearTies.cosineThreshold }

  func record(_ ensemble: PromptStudy.Ensemble, in entry: inout EvaluationProtocol) {
    entry.classNameSet = names.reference
    entry.classNamesHash = names.classNamesHash
    entry.templateSet = templates.reference
    entry.templatesHash = templates.templatesHash
    entry.ensemble = ensemble.rawValue
    entry.normalisation = "l2"
    if let images = entry.featuresSHA256, let textsSHA256 {
      entry.featuresSHA256 = SHA256.hash("\(images.hex)\n\(textsSHA256.hex)\n")
    }
  }
}

/// The words of a task under one template set.
struct RenderedPrompts {
  let names: PromptSet
  let templates: PromptSet
  /// Of each class.
  let classNames: [[String]]
  /// Of each class, as `PromptRendering`.
  let prompts: [String]
  let classes: [ShownSplit.Class]

  init(
    _ reference: String, of task: PlannedTask, classes: [DatasetClass], _ library: PromptLibrary
  ) throws {
    names = try task.classNameSet(library, classes: classes)
    templates = try library.resolve(reference, dataset: task.dataset)
    guard !templates.templates.isEmpty else {
      throw EvalError(.badSuite, "\(templates.reference) has no templates")
    }
    classNames = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) }, with: names, dataset: task.dataset
    ).names
    self.classes = zip(classes, classNames).map { .init(id: $0.id, name: $1.first ?? $0.id) }
    prompts = PromptRendering.prompts(for: classNames, templates: templates.templates)
      .flatMap { $0 }
  }

  /// - Parameter features: of `prompts`.
  func features(_ features: Matrix) throws(EvalError) -> PromptFeatures {
    try PromptFeatures(
      features, nameCounts: classNames.map(\.count), templateCount: templates.templates.count,
      classNames: classNames.map { $0.joined(separator: ", ") })
  }
}

extension ModelTasks {
  func promptTexts(
    _ reference: String, of task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> PromptTexts {
    let words = try RenderedPrompts(reference, of: task, classes: classes, options.prompts)
    func features(_ embedder: TextEmbedder) throws -> PromptFeatures {
      let features = try embedder.embed(
        words.prompts, label: task.dataset, ignoringStored: options.isFresh, progress: progress)
      return try session.explainingFaults { try words.features(features) }
    }
    return PromptTexts(
      features: try features(embedders.texts), exact: try exact.map { try features($0.texts) },
      scale: session.checkpoint.configuration.logitScale, names: words.names,
      templates: words.templates, classes: words.classes)
  }
}

extension EmbeddingTasks {
  /// How they were made is their maker's to say.
  func exactSample(
    of task: PlannedTask, progress: any ProgressSink
  ) throws -> (ids: [String], features: Matrix)? { nil }

  func promptTexts(
    _ reference: String, of task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> PromptTexts {
    let info = try task.adapter().info
    let source = try folder.source(of: info, split: info.split(named: task.split))
    let words = try RenderedPrompts(reference, of: task, classes: classes, options.prompts)
    let texts = try ImportedTexts(folder, info: info, images: source)
    let images = try FeatureTable(source)
    try check(texts.table, images: images)
    guard case .prompts(let table) = texts else {
      throw EvalError(
        .malformedData,
        "templates cannot be told apart: the folder has one row a class and no features of single prompts",
        subject: texts.table.parts.first?.file.path,
        remedy:
          "`clip-eval embed texts --input prompts.txt` makes them of prompts, which `clip-eval list prompts --texts` prints."
      )
    }
    let scale = try folder.provenance(of: images).logitScale
    return PromptTexts(
      features: try words.features(ImportedTexts.features(of: words.prompts, in: table)),
      scale: scale ?? 1, hasScale: scale != nil, names: words.names, templates: words.templates,
      classes: words.classes, textsSHA256: table.sha256)
  }
}
