import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import Metrics
import Prompts

/// The text features of a template set with a task's class names, and what protocols record of them.
struct PromptTexts {
  var features: PromptFeatures
  var scale: Float
  /// Whether the scale is the model's rather than 1 for want of one.
  var hasScale = true
  var names: PromptSet
  var templates: PromptSet
  /// What reports call each class: its first name, with its id where that is another word.
  var classLabels: [String]
  /// Of text features made elsewhere.
  var textsSHA256: SHA256Digest?

  /// As protocols record a scale on which a softmax depends; a checkpoint's follows from its weights.
  var scaleText: String? {
    guard textsSHA256 != nil else { return nil }
    return hasScale ? "scale=\(scale)" : "scale=1-as-unknown"
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
  private let classIDs: [String]

  var classLabels: [String] {
    zip(classIDs, classNames).map { id, names in
      guard let name = names.first, name != id else { return id }
      return "\(name) (\(id))"
    }
  }

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
    classIDs = classes.map(\.id)
    prompts = PromptRendering.prompts(for: classNames, templates: templates.templates)
      .flatMap { $0 }
  }
}

extension ModelTasks {
  func promptTexts(
    _ reference: String, of task: PlannedTask, classes: [DatasetClass], progress: any ProgressSink
  ) throws -> PromptTexts {
    let words = try RenderedPrompts(reference, of: task, classes: classes, options.prompts)
    let features = try embedders.texts.embed(
      words.prompts, label: task.dataset, ignoringStored: options.isFresh, progress: progress)
    return PromptTexts(
      features: try session.explainingFaults {
        try PromptFeatures(
          features, nameCounts: words.classNames.map(\.count),
          templateCount: words.templates.templates.count,
          classNames: words.classNames.map { $0.joined(separator: ", ") })
      }, scale: session.checkpoint.configuration.logitScale, names: words.names,
      templates: words.templates, classLabels: words.classLabels)
  }
}

extension EmbeddingTasks {
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
      features: try PromptFeatures(
        ImportedTexts.features(of: words.prompts, in: table),
        nameCounts: words.classNames.map(\.count),
        templateCount: words.templates.templates.count,
        classNames: words.classNames.map { $0.joined(separator: ", ") }),
      scale: scale ?? 1, hasScale: scale != nil, names: words.names, templates: words.templates,
      classLabels: words.classLabels, textsSHA256: table.sha256)
  }
}
