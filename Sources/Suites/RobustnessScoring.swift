import Core
import Datasets
import Experiments
import LinearAlgebra
import Metrics
import Probes
import Statistics

/// The rows of one robustness task: its classifiers on the shift, and on the base's images of the shift's classes.
struct RobustnessScoring {
  let run: RobustnessRun
  let prepared: RobustnessRun.Prepared
  let shift: ProbeSplit
  let map: ClassMap
  private let baseSamples: ComparedSamples
  private let shiftSamples: ComparedSamples
  /// Of the shift's own class names, where the classifier is made of them.
  private let own: (named: NamedClassifier, groups: ClassGroups)?
  /// Of each group of the shift's predictions, the number of its class.
  private let answers: [Int]
  private let subsetHash: SHA256Digest

  init(
    _ run: RobustnessRun, _ prepared: RobustnessRun.Prepared, _ shift: ProbeSplit, _ map: ClassMap
  ) throws {
    self.run = run
    self.prepared = prepared
    self.shift = shift
    self.map = map
    baseSamples = try ComparedSamples(base: prepared.split, map.groups)
    if run.settings.classifier == .classShift {
      // Among all of its own classes, but for those that were left out.
      answers = map.countsUnmatched ? Array(shift.classes.indices) : map.matched
      own = (
        try run.source.namedClassifier(
          run.task, classes: answers.map { shift.classes[$0] }, progress: run.progress),
        try ClassGroups(answers.indices.map { [$0] }, baseCount: answers.count)
      )
    } else {
      (answers, own) = (map.matched, nil)
    }
    shiftSamples = try ComparedSamples(shift: shift, answers: answers, dataset: run.task.dataset)
    for (samples, dataset) in [(baseSamples, run.base.dataset), (shiftSamples, run.task.dataset)]
    where samples.rows.isEmpty {
      throw EvalError(
        .taskFailed,
        "no image is of a class that \(run.base.dataset) and \(run.task.dataset) share",
        subject: dataset)
    }
    if let width = prepared.classifiers.first?.columns,
      let found = [baseSamples, shiftSamples].first(where: { $0.features.columns != width })
    {
      throw EvalError(
        .malformedData,
        "the features of \(run.task.dataset) are \(found.features.columns) wide, those of \(run.base.dataset) \(width)",
        subject: run.task.dataset)
    }
    subsetHash = baseSamples.hash(of: prepared.split)
  }

  func rows() throws -> [ResultRow] {
    let rows = try prepared.classifiers.map { try self.rows($0) }
    guard run.settings.classifier == .fewShot else { return rows.flatMap { $0 } }
    // Each number of shots by its seeds, and then their mean.
    let shots = Set(prepared.classifiers.compactMap { $0.record?.shots }).sorted()
    return try shots.flatMap { shots in
      let ofSeeds = rows.filter { $0.first?.probe?.shots == shots }
      let count = ofSeeds.map(\.count).min() ?? 0
      return try ofSeeds.flatMap { $0 }
        + (0..<count).compactMap { metric in try mean(ofSeeds.map { $0[metric] }, shots: shots) }
    }
  }

  private func mean(_ rows: [ResultRow], shots: Int) throws -> ResultRow? {
    guard var mean = try ProbeRun.mean(rows, shots: shots) else { return nil }
    let records = rows.compactMap(\.robustness)
    let intervals = records.map(\.baseInterval95)
    guard var record = records.first,
      let summary = SeedSummary(
        records.compactMap(\.baseValue),
        testIntervals: intervals.contains(nil) ? [] : intervals,
        testMethod: record.baseIntervalMethod)
    else { return nil }
    record.baseValue = summary.mean
    record.baseInterval95 = summary.testInterval95
    record.baseInterval99_5 = nil
    record.baseIntervalMethod = summary.testIntervalMethod
    record.baseSeedInterval95 = summary.trainingInterval95
    mean.robustness = record
    return mean
  }

  // MARK: one classifier

  private func rows(_ classifier: BaseClassifier) throws -> [ResultRow] {
    try Interruption.check()
    let onBase = try baseSamples.answers(
      of: classifier.scoring, map.groups, threads: run.source.options.threads)
    let onShift = try shiftSamples.answers(
      of: own.map { .words($0.named.classifier) } ?? classifier.scoring, own?.groups ?? map.groups,
      threads: run.source.options.threads)
    let entry = record(classifier)
    let isPartial = prepared.isPartial || prepared.split.isPartial || shift.isPartial
    var context = EvaluationContext(
      classCount: answers.count, mainMetric: run.metric,
      expectedCount: shift.expectedCount.map { $0 - shiftSamples.leftOut },
      failedCount: shift.failures.count, isPartial: isPartial, protocol: entry)
    context.experiment = RobustnessExperiment.name
    context.structure = shiftSamples.structure
    context.frameSets = shiftSamples.frameSets
    if let threshold = (own?.named ?? classifier.named)?.nearTieThreshold {
      context.nearTieThreshold = threshold
    }
    var baseContext = EvaluationContext(
      classCount: map.groups.count, mainMetric: run.metric.isOfFrameSets ? .accuracy : run.metric,
      expectedCount: nil, failedCount: prepared.split.failures.count,
      isPartial: prepared.split.isPartial, protocol: entry)
    baseContext.structure = baseSamples.structure
    guard let base = try onBase.rows(in: baseContext).first else {
      throw EvalError(.bug, "a result without a row", subject: run.base.dataset)
    }
    // Frames in sets are scored by their anchors and as wholes; others by their dataset's own metric.
    var rows = try Array(onShift.rows(in: context).prefix(run.metric.isOfFrameSets ? 2 : 1))
    for index in rows.indices {
      rows[index].probe = classifier.record
      rows[index].robustness = RobustnessRecord(
        base: run.base.dataset, classifier: run.settings.classifier, baseValue: base.value,
        baseMetric: base.metric, baseInterval95: base.interval95,
        baseInterval99_5: base.interval99_5, baseIntervalMethod: base.intervalMethod,
        baseN: base.n, baseFailed: base.nFailed, subsetHash: subsetHash, mapHash: map.hash,
        unmatchedSamples: shiftSamples.leftOut + shiftSamples.neverRight, alpha: classifier.alpha)
    }
    try write(onShift, shiftSamples, classes: answers, classifier, suffix: nil)
    // Of many classifiers on many shifts the base's predictions would be most of a run.
    if prepared.classifiers.count == 1, own == nil {
      try write(onBase, baseSamples, classes: map.matched, classifier, suffix: "base")
    }
    return rows
  }

  private func record(_ classifier: BaseClassifier) -> EvaluationProtocol {
    var entry = shift.record
    var robustness = RobustnessProtocol(
      base: run.base.dataset, baseSplit: prepared.split.name,
      classifier: run.settings.classifier.rawValue, mapHash: map.hash,
      baseClassCount: map.groups.choices.count, classCount: map.groups.count)
    robustness.baseOptions = run.base.optionsText
    robustness.baseSplitHash = prepared.split.splitHash
    robustness.subsetHash = subsetHash
    robustness.baseFingerprint = prepared.split.fingerprint
    robustness.unmatched =
      map.unmatched.isEmpty || answers.count > map.matched.count
      ? nil : map.countsUnmatched ? "never-right" : "left-out"
    robustness.alpha = classifier.alpha
    if classifier.alpha != nil, let scale = classifier.named?.classifier.scale {
      robustness.zeroShotScale = Double(scale)
    }
    if let own {
      own.named.record(in: &entry)
      robustness.baseClassNameSet = classifier.named?.classNameSet
      robustness.baseClassNamesHash = classifier.named?.classNamesHash
      robustness.baseTemplateSet = classifier.named?.templateSet
      robustness.baseTemplatesHash = classifier.named?.templatesHash
    } else {
      classifier.named?.record(in: &entry)
    }
    entry.probe = classifier.identity
    entry.seed = classifier.seed
    entry.robustness = robustness
    return entry
  }

  private func write(
    _ answers: ComparedSamples.Answers, _ samples: ComparedSamples, classes: [Int],
    _ classifier: BaseClassifier, suffix: String?
  ) throws {
    let name = [run.fileName, classifier.part, suffix].compactMap(\.self).joined(separator: ".")
    try run.folder.write(shift.shown.classes, task: run.task, fileName: name)
    switch answers {
    case .single(let predictions):
      try run.folder.write(
        predictions.renumbered(classes), rows: samples.rows, ids: samples.ids, task: run.task,
        fileName: name, more: samples.structure.tensors)
    case .multiple(let predictions):
      try run.folder.write(
        predictions.ranked.renumbered(classes), rows: samples.rows, ids: samples.ids,
        task: run.task, fileName: name,
        more: samples.structure.tensors + (samples.frameSets?.tensors ?? [])
          + [try predictions.rightTensor()])
    }
  }
}

extension BaseClassifier {
  /// Width of the features it takes.
  var columns: Int {
    switch scoring {
    case .words(let classifier): classifier.weights.columns
    case .linear(let model): model.columns
    }
  }
}

extension Predictions {
  /// With other numbers for the classes: −1 stays.
  func renumbered(_ numbers: [Int]) -> Predictions {
    func number(_ value: Int) -> Int { value < 0 ? value : numbers[value] }
    var result = self
    result.labels = labels.map(number)
    result.prediction = prediction.map(number)
    result.top5 = top5.map(number)
    return result
  }
}
