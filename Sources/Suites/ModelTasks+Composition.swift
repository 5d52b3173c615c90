import Core
import Experiments

extension ModelTasks {
  /// Captions that almost say the same: which of them an image, and which image a caption, prefers.
  func composition(
    _ task: PlannedTask, folder: RunFolder, fileName: String, progress: any ProgressSink
  ) throws -> TaskResult {
    let captioned = try captioned(task, as: CompositionSplit.self, progress: progress)
    let (index, split) = (captioned.index, captioned.split)
    var context = CompositionContext(isPartial: index.isPartial, protocol: captioned.record)
    context.precisionAgreement = try precisionAgreement(
      of: captioned, task: task, progress: progress
    ) { ids in
      let asked = split.items.items.filter { item in
        item.images.contains { ids.contains(index.samples[$0].id) }
      }
      return Set(asked.flatMap(\.captions)).sorted()
    }
    let rows = try session.explainingFaults {
      try split.rows(
        of: captioned.embedded, captions: captioned.captions,
        scale: session.checkpoint.configuration.logitScale, in: context, task: task,
        folder: folder, fileName: fileName)
    }
    return result(rows, of: task, captioned)
  }
}
