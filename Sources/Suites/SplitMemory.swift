import Datasets
import EmbeddingPipeline

/// Which samples a task reads, and from where: tasks that differ in prompts alone have the same.
package struct SampleSelection: Hashable, Sendable {
  private let model: String
  private let dataset: String
  private let own: SuiteFile.OwnDataset?
  private let split: String
  private let options: [String: String]?
  private let captionsPerImage: Int?
  private let limit: Int?
  private let rounds: [ProbeTask.Round]?

  package init(_ task: PlannedTask) {
    model = task.model
    dataset = task.dataset
    own = task.own
    split = task.split
    options = task.options
    captionsPerImage = task.captionsPerImage
    limit = task.limit
    rounds = task.probe?.rounds
  }
}

/// What was made last, for the next who asks for the same: the tasks of a plan that share a split follow one another, and
/// keeping one split bounds the memory.
final class Latest<Key: Equatable, Value> {
  private var entry: (key: Key, value: Value)?

  func holds(_ key: Key) -> Bool { entry?.key == key }

  func value(
    for key: Key, _ make: () throws -> Value
  ) rethrows -> (value: Value, isReused: Bool) {
    if let entry, entry.key == key { return (entry.value, true) }
    // Let go of first: two splits are never held at once.
    entry = nil
    let value = try make()
    entry = (key, value)
    return (value, false)
  }
}

/// A model's last split: the files it consists of, and their features.
struct SplitMemory {
  let index = Latest<SampleSelection, DatasetIndex>()
  let features = Latest<SampleSelection, EmbeddedDataset>()
  /// Of the sample that `PrecisionAgreement` measures, in float32.
  let exactSample = Latest<SampleSelection, EmbeddedDataset>()
  /// Of splits, which several tasks read.
  let fresh = FreshFeatures()
  /// The split and class-name set whose missing classes were told last.
  let toldNames = Latest<[String], Void>()
}

/// The features that a run has made anew: `--fresh` is for what earlier runs left, not for what the task before made.
final class FreshFeatures {
  private struct Entry: Hashable {
    let selection: SampleSelection
    let feature: ProbeSettings.Feature
  }

  private var known: Set<Entry> = []

  /// Whether it is the first time that the run asks for them.
  func isFirst(_ selection: SampleSelection, _ feature: ProbeSettings.Feature) -> Bool {
    known.insert(Entry(selection: selection, feature: feature)).inserted
  }
}
