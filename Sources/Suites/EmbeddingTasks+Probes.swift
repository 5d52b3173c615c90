import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Experiments
import LinearAlgebra
import Probes

extension EmbeddingTasks: ProbeSource {
  func requireSplit(_ name: String, of task: PlannedTask) throws {
    let info = try task.adapter().info
    _ = try folder.source(of: info, split: info.split(named: name))
  }

  /// The features are of the kind they were made as; only what is recorded of them says which.
  func probeSplit(
    _ name: String, of task: PlannedTask, _ use: SplitUse, progress: any ProgressSink
  ) throws -> ProbeSplit {
    let own = task.onSplit(name)
    let info = try task.adapter().info
    let split = try info.split(named: name)
    let table = try FeatureTable(try folder.source(of: info, split: split))
    let provenance = try folder.provenance(of: table)
    try check(table, isOf: info, split, options: task.optionsText)
    if let kind = provenance.featureKind, kind != use.feature.rawValue {
      guard !use.isCompared || use.feature != .projected else {
        throw EvalError(
          .malformedData, "expected projected features, found \(kind) ones",
          subject: table.parts.first?.file.path, remedy: "Embed with --feature projected.")
      }
      log.notice(
        "\(task.dataset) \(name): the suite asks for \(use.feature.rawValue) features; these are \(kind), and are taken as they are"
      )
    }
    let dataset = try imported(
      table, task: own, info: info, split: split, use)
    try tell(dataset, of: own, provenance)
    let embedded = dataset.embedded
    var record = record(of: own, name, dataset, provenance, image: table)
    record.normalisation =
      use.normalise ? "l2" : provenance.isNormalized.map { $0 ? "l2" : "none" }
    var result = ProbeSplit(
      name: name, classes: dataset.classes,
      features: FeatureRows(
        use.normalise ? embedded.features.normalisedRows() : embedded.features),
      labels: embedded.multiLabels.map { .multiple($0) } ?? .single(embedded.labels),
      ids: embedded.ids,
      hasIDs: table.ids != nil || dataset.layout != ImportedDataset.featuresOnly,
      rows: embedded.rows, structure: dataset.structure,
      expectedCount: dataset.expectedCount, isPartial: dataset.isPartial,
      failures: embedded.failures, splitHash: dataset.splitHash, fingerprint: table.sha256,
      computedCount: 0, record: record)
    result.frameSets = dataset.frameSets
    if task.isTested(on: name) { result.image = dataset.image }
    return result
  }

  /// Beside the dataset on disk where it is there, else as the file tells it.
  private func imported(
    _ table: FeatureTable, task: PlannedTask, info: DatasetInfo, split: SplitInfo,
    _ use: SplitUse
  ) throws -> ImportedDataset {
    if let root = options.dataRoot {
      do {
        let index = try task.wholeIndex(dataRoot: root)
        try index.requireProbeLabels(takingFrameSets: use.isCompared)
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
    if use.isCompared, table.classIDs == nil {
      let named = use.classNames?.classes.map {
        DatasetClass(id: $0.id, name: $0.names.first ?? $0.id)
      }
      guard let classes = try named ?? task.adapter().canonicalClasses else {
        throw EvalError(
          .notFound, "which class has which number is not known, and the dataset is not at hand",
          subject: task.dataset,
          remedy:
            "Name the classes in classes.txt beside the features, or the data folder with --data-root."
        )
      }
      return try ImportedDataset(
        table, info: info, split: split, classes: classes, limit: task.limit)
    }
    let classCount = info.classCount ?? (table.labels?.max() ?? -1) + 1
    let ids = table.classIDs ?? (0..<classCount).map { "\($0)" }
    return try ImportedDataset(
      table, info: info, split: split, classes: ids.map { DatasetClass(id: $0, name: $0) },
      limit: task.limit)
  }
}
