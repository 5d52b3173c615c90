import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import LinearAlgebra
import Logging
import Prompts

extension ModelTasks {
  /// Captions that almost say the same: which of them an image, and which image a caption, prefers.
  func composition(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let clock = ContinuousClock()
    let started = clock.now
    let index = try index(of: task)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    let split = try CompositionSplit(index, templates: templates)

    let textStart = clock.now
    let captions = try embedders.texts.embed(
      captions: split.texts, label: task.dataset, ignoringStored: options.isFresh,
      progress: progress)
    if captions.truncatedCount > 0 {
      log.notice(
        "\(task.dataset): \(captions.truncatedCount) captions are longer than the model's context and were cut"
      )
    }
    let imageStart = clock.now
    let (embedded, computedCount) = try features(of: task, index, progress: progress)
    let imageEnd = clock.now

    var record = record(of: task, index, embedded, templates: templates)
    split.describe(&record, truncatedCount: captions.truncatedCount)
    var context = CompositionContext(isPartial: index.isPartial, protocol: record)
    context.precisionAgreement = try precisionAgreement(
      of: embedded, captions.features, texts: split.texts, index: index, task: task,
      progress: progress
    ) { ids in
      let asked = split.items.items.filter { item in
        item.images.contains { ids.contains(index.samples[$0].id) }
      }
      return Set(asked.flatMap(\.captions)).sorted()
    }
    let rows = try session.explainingFaults {
      try split.rows(
        of: embedded, captions: captions.features,
        scale: session.checkpoint.configuration.logitScale, in: context, task: task, folder: folder,
        fileName: fileName)
    }
    return result(
      rows, of: task, index, embedded, computedCount: computedCount,
      seconds: (clock.now - started).inSeconds, textSeconds: (imageStart - textStart).inSeconds,
      imageSeconds: (imageEnd - imageStart).inSeconds)
  }
}
