import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import LinearAlgebra

/// How features of a lower precision agree with those in float32.
extension ModelTasks {
  /// Features in float32 of some of the split's images, likewise: those that `PrecisionAgreement` measures.
  func exactSample(
    of task: PlannedTask, _ index: DatasetIndex, _ exact: Embedders, progress: any ProgressSink
  ) throws -> EmbeddedDataset {
    try memory.exactSample.value(for: SampleSelection(task)) {
      try exact.images.embed(
        index.limited(to: PrecisionAgreement.sampleSize), ignoringStored: options.isFresh,
        progress: progress)
    }.value
  }

  func exactSample(
    of task: PlannedTask, progress: any ProgressSink
  ) throws -> (ids: [String], features: Matrix)? {
    guard let exact else { return nil }
    let sample = try exactSample(of: task, index(of: task), exact, progress: progress)
    return (sample.ids, sample.features)
  }

  /// - Returns: nil where the features are float32, or none of the sample has any.
  func precisionAgreement(
    of embedded: EmbeddedDataset, _ classifier: ZeroShotClassifier, index: DatasetIndex,
    prompts: [[String]], names: [[String]], task: PlannedTask, progress: any ProgressSink
  ) throws -> PrecisionAgreement? {
    guard let exact else { return nil }
    let sample = try exactSample(of: task, index, exact, progress: progress)
    let features = try embedded.features.rows(
      of: sample.ids, among: embedded.ids, dataset: task.dataset)
    let exactClassifier = try self.classifier(
      prompts, of: names, exact, task: task, progress: progress)
    return try session.explainingFaults {
      try PrecisionAgreement.measure(
        features, classifier, against: sample.features, exactClassifier)
    }
  }
}

extension Matrix {
  /// The rows of some samples.
  /// - Parameter ids: of all rows.
  /// - Throws: `EvalError.incomplete` for a sample without a row.
  func rows(
    of wanted: [String], among ids: [String], dataset: String
  ) throws(EvalError) -> Matrix {
    let rowOfID = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
    let rows = wanted.map { rowOfID[$0] }
    guard !rows.contains(nil) else {
      throw EvalError(
        .incomplete, "images that could not be read a moment ago now can", subject: dataset,
        remedy: "Run the task again once the data no longer changes.")
    }
    return Matrix(
      rows: rows.count, columns: columns,
      storage: rows.compactMap(\.self).flatMap { row($0) })
  }
}
