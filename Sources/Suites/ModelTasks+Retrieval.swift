import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import LinearAlgebra
import Logging
import Prompts

extension ModelTasks {
  /// Zero-shot retrieval of one split (paper, Table 13): captions through a template, cosine, rank.
  func retrieval(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let clock = ContinuousClock()
    let started = clock.now
    let index = try index(of: task)
    let templates = try options.prompts.resolve(task.templates, dataset: task.dataset)
    let split = try RetrievalSplit(index, templates: templates)

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
    record.captions = split.protocolText(truncatedCount: captions.truncatedCount)
    record.captionsHash = index.captionsHash
    var context = RetrievalContext(
      expectedImages: index.expectedCount, expectedCaptions: split.captions.expectedCount,
      failedImages: embedded.failures.count, isPartial: index.isPartial, protocol: record)
    context.precisionAgreement = try precisionAgreement(
      of: embedded, captions.features, texts: split.texts, index: index, task: task,
      progress: progress
    ) { ids in
      split.captions.captions.indices.filter {
        ids.contains(index.samples[split.captions.captions[$0].sample].id)
      }
    }
    let rows = try session.explainingFaults {
      try split.rows(
        of: embedded, captions: captions.features,
        scale: session.checkpoint.configuration.logitScale, threads: options.threads, in: context,
        task: task, folder: folder, fileName: fileName)
    }

    return result(
      rows, of: task, index, embedded, computedCount: computedCount,
      seconds: (clock.now - started).inSeconds, textSeconds: (imageStart - textStart).inSeconds,
      imageSeconds: (imageEnd - imageStart).inSeconds)
  }

  /// On a sample of the images, which choose among the captions of that sample.
  /// - Parameter captionsOf: the numbers of the captions about images with some ids.
  /// - Returns: nil where the features are float32, or none of the sample has any.
  func precisionAgreement(
    of embedded: EmbeddedDataset, _ captions: Matrix, texts: [String], index: DatasetIndex,
    task: PlannedTask, progress: any ProgressSink, captionsOf: (Set<String>) -> [Int]
  ) throws -> PrecisionAgreement? {
    guard let exact else { return nil }
    let sample = try exactSample(of: task, index, exact, progress: progress)
    let features = try rows(of: embedded, with: sample.ids, dataset: task.dataset)
    let ids = Set(index.limited(to: PrecisionAgreement.sampleSize).samples.map(\.id))
    let chosen = captionsOf(ids)
    guard !chosen.isEmpty else { return nil }
    let exactCaptions = try exact.texts.embed(
      captions: chosen.map { texts[$0] }, label: task.dataset,
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
