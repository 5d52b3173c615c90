import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import Foundation
import Metrics
import Prompts

extension EmbeddingTasks {
  /// Composition with features made elsewhere. What is asked is in the dataset, so it has to be at hand; the captions' features
  /// are found by text, through the template.
  func composition(
    _ task: PlannedTask, folder run: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let clock = ContinuousClock()
    let started = clock.now
    let adapter = try task.adapter()
    let named = try adapter.info.split(named: task.split)
    let source = try folder.source(of: adapter.info, split: named)
    guard let root = options.dataRoot else {
      throw EvalError(
        .notFound, "what is asked about the images is in the dataset, which is not at hand",
        subject: task.dataset, remedy: "Name the data folder with --data-root.")
    }
    let whole = try task.wholeIndex(dataRoot: root)
    let index = task.limit.map { whole.limited(to: $0) } ?? whole
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    let split = try CompositionSplit(index, templates: templates)

    let (table, provenance) = try images(source, of: adapter.info, named, task: task)
    let dataset = try ImportedDataset(table, index: whole, limit: task.limit)
    try tell(dataset, of: task, provenance)
    let imageSeconds = (clock.now - started).inSeconds

    let textStart = clock.now
    let texts = try ImportedTexts(folder, info: adapter.info, images: source)
    try check(texts.table, images: table)
    guard case .prompts(let captionTable) = texts else {
      throw EvalError(
        .malformedData, "expected features of the captions, found a classifier",
        subject: texts.table.parts.first?.file.path,
        remedy: "Name them prompts.safetensors or prompts.npy.")
    }
    let captions = try ImportedTexts.features(of: split.texts, in: captionTable)
    let textSeconds = (clock.now - textStart).inSeconds

    var record = record(of: task, index.split, dataset, provenance, image: table, texts: texts)
    record.templateSet = templates.reference
    record.templatesHash = templates.templatesHash
    // Whether long captions were cut is for whoever made the features to know.
    split.describe(&record, truncatedCount: 0)
    var context = CompositionContext(isPartial: index.isPartial, protocol: record)
    if provenance.logitScale == nil { context.nearTieThreshold = NearTies.cosineThreshold }
    let rows = try split.rows(
      of: dataset.embedded, captions: captions, scale: provenance.logitScale ?? 1, in: context,
      task: task, folder: run, fileName: fileName)
    return result(
      rows, of: task, dataset, seconds: (clock.now - started).inSeconds, textSeconds: textSeconds,
      imageSeconds: imageSeconds)
  }
}
