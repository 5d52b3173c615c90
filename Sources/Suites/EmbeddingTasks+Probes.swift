import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import LinearAlgebra
import Probes

extension EmbeddingTasks: ProbeSource {
  /// The features are of the kind they were made as; only what is recorded of them says which.
  func probeSplit(
    _ name: String, of task: PlannedTask, _ probe: ProbeTask, progress: any ProgressSink
  ) throws -> ProbeSplit {
    let own = task.onSplit(name)
    let info = try task.adapter().info
    let split = try info.split(named: name)
    let table = try FeatureTable(try folder.source(of: info, split: split))
    let provenance = try folder.provenance(of: table)
    try check(table, isOf: info, split, options: task.optionsText)
    if let kind = provenance.featureKind, kind != probe.feature.rawValue {
      log.notice(
        "\(task.dataset) \(name): the suite asks for \(probe.feature.rawValue) features; these are \(kind), and are taken as they are"
      )
    }
    let dataset = try imported(table, task: own, info: info, split: split)
    try tell(dataset, of: own, provenance)
    let embedded = dataset.embedded
    var record = record(of: own, name, dataset, provenance, image: table)
    record.normalisation =
      probe.normalise ? "l2" : provenance.isNormalized.map { $0 ? "l2" : "none" }
    return ProbeSplit(
      name: name, classes: dataset.classes,
      features: FeatureRows(
        probe.normalise ? embedded.features.normalisedRows() : embedded.features),
      labels: embedded.multiLabels.map { .multiple($0) } ?? .single(embedded.labels),
      ids: embedded.ids,
      hasIDs: table.ids != nil || dataset.layout != ImportedDataset.featuresOnly,
      rows: embedded.rows, structure: dataset.structure,
      expectedCount: dataset.expectedCount, isPartial: dataset.isPartial,
      failures: embedded.failures, splitHash: dataset.splitHash, fingerprint: table.sha256,
      computedCount: 0, record: record)
  }

  /// Beside the dataset on disk where it is there, else as the file tells it.
  private func imported(
    _ table: FeatureTable, task: PlannedTask, info: DatasetInfo, split: SplitInfo
  ) throws -> ImportedDataset {
    if let root = options.dataRoot {
      do {
        let index = try task.wholeIndex(dataRoot: root)
        try index.requireProbeLabels()
        return try ImportedDataset(table, index: index, limit: task.limit)
      } catch let error as EvalError where error.kind == .notFound && info.task == .classification {
        log.debug("\(task.dataset): \(error)")
      }
    }
    if let labels = table.labels,
      let row = labels.firstIndex(where: { $0 >= ProbeData.mostClasses })
    {
      throw EvalError(
        .malformedData,
        "expected a class number below \(ProbeData.mostClasses), found \(labels[row])",
        subject: table.place(ofRow: row), remedy: "Labels number the classes from 0.")
    }
    let classCount = info.classCount ?? (table.labels?.max() ?? -1) + 1
    let ids = table.classIDs ?? (0..<classCount).map { "\($0)" }
    return try ImportedDataset(
      table, info: info, split: split, classes: ids.map { DatasetClass(id: $0, name: $0) },
      limit: task.limit)
  }
}
