import Core
import Experiments

extension EmbeddingTasks {
  /// Composition with features made elsewhere.
  func composition(
    _ task: PlannedTask, folder run: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let captioned = try captioned(
      task, as: CompositionSplit.self,
      missing: "what is asked about the images is in the dataset, which is not at hand")
    var context = CompositionContext(
      isPartial: captioned.index.isPartial, protocol: captioned.record)
    context.nearTieThreshold = captioned.nearTieThreshold
    let rows = try captioned.split.rows(
      of: captioned.dataset.embedded, captions: captioned.captions,
      scale: captioned.logitScale ?? 1, in: context, task: task, folder: run, fileName: fileName)
    return result(rows, of: task, captioned)
  }
}
