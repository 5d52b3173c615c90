import Core
import Experiments

extension ModelTasks {
  /// Zero-shot retrieval of one split (paper, Table 13): captions through a template, cosine, rank.
  func retrieval(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let captioned = try captioned(task, as: RetrievalSplit.self, progress: progress)
    let (index, split, embedded) = (captioned.index, captioned.split, captioned.embedded)
    var context = RetrievalContext(
      expectedImages: index.expectedCount, expectedCaptions: split.captions.expectedCount,
      failedImages: embedded.failures.count, isPartial: index.isPartial,
      protocol: captioned.record)
    context.precisionAgreement = try precisionAgreement(
      of: captioned, task: task, progress: progress
    ) { ids in
      split.captions.captions.indices.filter {
        ids.contains(index.samples[split.captions.captions[$0].sample].id)
      }
    }
    let rows = try session.explainingFaults {
      try split.rows(
        of: embedded, captions: captioned.captions,
        scale: session.checkpoint.configuration.logitScale, threads: options.threads, in: context,
        task: task, folder: folder, fileName: fileName)
    }
    return result(rows, of: task, captioned)
  }
}
