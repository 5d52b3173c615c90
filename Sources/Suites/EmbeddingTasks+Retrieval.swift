import Core
import Experiments

extension EmbeddingTasks {
  /// Retrieval with features made elsewhere.
  func retrieval(
    _ task: PlannedTask, folder run: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let captioned = try captioned(
      task, as: RetrievalSplit.self,
      missing: "which caption is of which image is in the dataset, which is not at hand")
    let (split, dataset) = (captioned.split, captioned.dataset)
    var context = RetrievalContext(
      expectedImages: dataset.expectedCount, expectedCaptions: split.captions.expectedCount,
      failedImages: dataset.embedded.failures.count, isPartial: dataset.isPartial,
      protocol: captioned.record)
    context.nearTieThreshold = captioned.nearTieThreshold
    let rows = try split.rows(
      of: dataset.embedded, captions: captioned.captions, scale: captioned.logitScale ?? 1,
      threads: options.threads, in: context, task: task, folder: run, fileName: fileName)
    return result(rows, of: task, captioned)
  }
}
