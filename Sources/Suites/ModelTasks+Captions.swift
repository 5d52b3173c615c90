import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import LinearAlgebra
import Logging
import Prompts

/// The features of a split's images and captions, computed or from the store.
struct CaptionedTask<Split: CaptionedSplit> {
  let index: DatasetIndex
  let split: Split
  let captions: Matrix
  let embedded: EmbeddedDataset
  /// Complete, but for the metric.
  let record: EvaluationProtocol
  let computedCount: Int
  let started: ContinuousClock.Instant
  let textSeconds: Double
  let imageSeconds: Double
}

extension ModelTasks {
  func captioned<Split: CaptionedSplit>(
    _ task: PlannedTask, as kind: Split.Type, progress: any ProgressSink
  ) throws -> CaptionedTask<Split> {
    let clock = ContinuousClock()
    let started = clock.now
    let index = try index(of: task)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    let split = try Split(index, templates: templates)

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
    return CaptionedTask(
      index: index, split: split, captions: captions.features, embedded: embedded, record: record,
      computedCount: computedCount, started: started,
      textSeconds: (imageStart - textStart).inSeconds,
      imageSeconds: (imageEnd - imageStart).inSeconds)
  }

  func result<Split>(
    _ rows: [ResultRow], of task: PlannedTask, _ captioned: CaptionedTask<Split>
  ) -> TaskResult {
    result(
      rows, of: task, captioned.index, captioned.embedded, computedCount: captioned.computedCount,
      seconds: (ContinuousClock().now - captioned.started).inSeconds,
      textSeconds: captioned.textSeconds, imageSeconds: captioned.imageSeconds)
  }

  /// On a sample of the images, which choose among the captions of that sample.
  /// - Parameter captionsOf: the numbers of the captions about images with some ids.
  /// - Returns: nil where the features are float32, or none of the sample has any.
  func precisionAgreement(
    of captioned: CaptionedTask<some CaptionedSplit>, task: PlannedTask,
    progress: any ProgressSink, captionsOf: (Set<String>) -> [Int]
  ) throws -> PrecisionAgreement? {
    guard let exact else { return nil }
    let (index, captions) = (captioned.index, captioned.captions)
    let sample = try exactSample(of: task, index, exact, progress: progress)
    let features = try captioned.embedded.features.rows(
      of: sample.ids, among: captioned.embedded.ids, dataset: task.dataset)
    let ids = Set(index.limited(to: PrecisionAgreement.sampleSize).samples.map(\.id))
    let chosen = captionsOf(ids)
    guard !chosen.isEmpty else { return nil }
    let exactCaptions = try exact.texts.embed(
      captions: chosen.map { captioned.split.texts[$0] }, label: task.dataset,
      ignoringStored: options.isFresh, progress: progress)
    func classifier(_ features: Matrix) throws -> ZeroShotClassifier {
      try ZeroShotClassifier(
        weights: ClassWeights.matrix(
          of: features, promptCounts: [Int](repeating: 1, count: features.rows)),
        scale: session.checkpoint.configuration.logitScale)
    }
    return try session.explainingFaults {
      try PrecisionAgreement.measure(
        features,
        classifier(
          Matrix(
            rows: chosen.count, columns: captions.columns,
            storage: chosen.flatMap { captions.row($0) })),
        against: sample.features, classifier(exactCaptions.features))
    }
  }
}
