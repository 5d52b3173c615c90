import Core
import Datasets
import EmbeddingPipeline

extension ModelTasks {
  func look(at task: PlannedTask, others: [PlannedTask]) throws -> SplitLook {
    let index = try index(of: task)
    var look = SplitLook(
      missing: 0, count: index.samples.count, splitHash: index.splitHash, weights: weights)
    let (isHeld, images) = (memory.features.holds(SampleSelection(task)), embedders.images)
    guard !isHeld else { return look }
    look.missing = try images.pendingCount(index)
    guard look.missing > 0, !others.isEmpty else { return look }
    let root = try options.requiredDataRoot()
    let lists = try others.compactMap { other -> DatasetIndex? in
      do {
        let list = try other.index(dataRoot: root)
        return try images.pendingCount(list) == 0 ? list : nil
      } catch is EvalError {
        return nil
      }
    }
    if let gathered = try images.gathered(index, from: lists) {
      _ = memory.features.value(for: SampleSelection(task)) { gathered }
      look.missing = 0
    }
    return look
  }
}

extension EmbeddingTasks {
  /// Every feature that there is, is at hand.
  func look(at task: PlannedTask, others: [PlannedTask]) throws -> SplitLook {
    SplitLook(missing: 0)
  }
}
