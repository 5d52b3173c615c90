import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import Prompts

/// The features of a split's images and captions, made elsewhere.
struct ImportedCaptions<Split: CaptionedSplit> {
  let index: DatasetIndex
  let split: Split
  let captions: Matrix
  let dataset: ImportedDataset
  /// Complete, but for the metric.
  let record: EvaluationProtocol
  /// Nil where no logit scale is known.
  let logitScale: Float?
  let started: ContinuousClock.Instant
  let textSeconds: Double
  let imageSeconds: Double

  /// As cosines are compared where no scale is known.
  var nearTieThreshold: Float { logitScale == nil ? NearTies.cosineThreshold : NearTies.threshold }
}

extension EmbeddingTasks {
  /// The captions are the dataset's, so it has to be at hand; their features are found by text, through the template.
  /// - Parameter missing: what cannot be known without the dataset.
  func captioned<Split: CaptionedSplit>(
    _ task: PlannedTask, as kind: Split.Type, missing: String
  ) throws -> ImportedCaptions<Split> {
    let clock = ContinuousClock()
    let started = clock.now
    let adapter = try task.adapter()
    let named = try adapter.info.split(named: task.split)
    let source = try folder.source(of: adapter.info, split: named)
    guard let root = options.dataRoot else {
      throw EvalError(
        .notFound, missing,
        subject: task.dataset, remedy: "Name the data folder with --data-root.")
    }
    let whole = try task.wholeIndex(dataRoot: root)
    let index = task.limit.map { whole.limited(to: $0) } ?? whole
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    let split = try Split(index, templates: templates)

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
    return ImportedCaptions(
      index: index, split: split, captions: captions, dataset: dataset, record: record,
      logitScale: provenance.logitScale, started: started, textSeconds: textSeconds,
      imageSeconds: imageSeconds)
  }

  func result<Split>(
    _ rows: [ResultRow], of task: PlannedTask, _ captioned: ImportedCaptions<Split>
  ) -> TaskResult {
    result(
      rows, of: task, captioned.dataset,
      seconds: (ContinuousClock().now - captioned.started).inSeconds,
      textSeconds: captioned.textSeconds, imageSeconds: captioned.imageSeconds)
  }
}
