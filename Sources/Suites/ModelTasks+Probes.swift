import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import LinearAlgebra
import Probes

extension ModelTasks: ProbeSource {
  func requireSplit(_ name: String, of task: PlannedTask) throws {
    _ = try task.onSplit(name).index(dataRoot: options.requiredDataRoot())
  }

  func probeSplit(
    _ name: String, of task: PlannedTask, _ use: SplitUse, progress: any ProgressSink
  ) throws -> ProbeSplit {
    let own = task.onSplit(name)
    let index = try own.index(dataRoot: options.requiredDataRoot())
    try index.requireProbeLabels(takingFrameSets: use.isCompared)
    for note in index.notes { log.notice("\(task.dataset) \(name): \(note)") }
    let embedder = try imageEmbedder(FeatureKind(use.feature))
    let embedded = try embedder.embed(
      index,
      ignoringStored: options.isFresh && memory.fresh.isFirst(SampleSelection(own), use.feature),
      progress: progress)
    for failure in embedded.failures {
      log.warning("left out: \(task.dataset) \(failure.id): \(failure.reason)")
    }
    var record = record(of: own, index, embedded, templates: nil)
    record.featureKind = use.feature.rawValue
    record.normalisation = use.normalise ? "l2" : "none"
    var split = ProbeSplit(
      name: name, classes: index.classes,
      features: FeatureRows(
        use.normalise ? embedded.features.normalisedRows() : embedded.features),
      labels: embedded.multiLabels.map { .multiple($0) } ?? .single(embedded.labels),
      ids: embedded.ids, hasIDs: true, rows: embedded.rows,
      structure: index.structure.rows(embedded.rows),
      expectedCount: index.expectedCount, isPartial: index.isPartial, failures: embedded.failures,
      splitHash: index.splitHash, fingerprint: embedded.contentFingerprint,
      computedCount: embedded.computedCount, record: record)
    split.frameSets = index.frameSets?.rows(embedded.rows)
    if task.isTested(on: name) { split.image = { index.samples[$0].source } }
    return split
  }
}

extension FeatureKind {
  init(_ feature: ProbeSettings.Feature) {
    self =
      switch feature {
      case .pooled: .pooled
      case .projected: .projected
      }
  }
}

extension DatasetIndex {
  /// That a probe can be made of the samples: every one has classes of all the dataset's, and is scored alone.
  /// - Parameter takingFrameSets: frames that are right or wrong in sets are taken too.
  func requireProbeLabels(takingFrameSets: Bool = false) throws(EvalError) {
    try requireClasses()
    if let obstacle = obstacle(takingFrameSets: takingFrameSets) { throw obstacle }
  }

  /// Why no probe, and no comparison of templates, can be made of the samples; nil where it can.
  func obstacle(takingFrameSets: Bool) -> EvalError? {
    let reason: String? =
      if candidates != nil {
        "each of its samples has its own classes to choose from"
      } else if frameSets != nil, !takingFrameSets {
        "its images are frames that are scored in sets"
      } else if clips != nil {
        "several frames stand for a clip"
      } else {
        nil
      }
    guard let reason else { return nil }
    return EvalError(
      .badSuite, "neither probes nor comparisons of templates can be made of it: \(reason)",
      subject: "\(dataset) \(split)",
      remedy: clips == nil
        ? "Leave it out of these experiments; zero-shot takes it."
        : "Choose one frame of each clip by the dataset's options.")
  }
}
