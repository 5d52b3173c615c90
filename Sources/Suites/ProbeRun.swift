import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import LinearAlgebra
import Logging
import Metrics
import Probes

/// One probe of a plan: what its three kinds have in common.
///
/// Each does its work in the same order: training and validation samples are read, the classifier is chosen and becomes final, and then only
/// is the test split read, by `score`, which wants the final classifier.
struct ProbeRun {
  let source: any ProbeSource
  let task: PlannedTask
  let probe: ProbeTask
  let metric: MetricName
  let folder: RunFolder
  let fileName: String
  let progress: any ProgressSink
  let log = Logger(label: "clip-eval.suites")
  private let started = ContinuousClock.now

  init(
    _ source: any ProbeSource, _ task: PlannedTask, _ folder: RunFolder, _ fileName: String,
    _ progress: any ProgressSink
  ) throws {
    self.source = source
    self.task = task
    probe = try task.requiredProbe()
    self.folder = folder
    self.fileName = fileName
    self.progress = progress
    let metric = try task.adapter().info.metric
    guard let name = MetricName(rawValue: metric) else {
      throw EvalError(.bug, "the metric \(metric) is not known", subject: task.dataset)
    }
    self.metric = name
  }

  /// What was done on the way.
  struct Tally {
    var imageSeconds = 0.0
    var images = 0
    var imagesComputed = 0
    var fits = 0
    var fitSeconds = 0.0
    var failures: [EmbeddedDataset.Failure] = []
  }

  var options: RunOptions { source.options }

  var solverOptions: SolverOptions {
    SolverOptions(preset: probe.solver ?? .converged, threads: options.threads)
  }

  /// A split, read and embedded now.
  func read(_ split: String, _ tally: inout Tally) throws -> ProbeSplit {
    let start = ContinuousClock.now
    let found = try source.probeSplit(split, of: task, probe, progress: progress)
    tally.imageSeconds += (ContinuousClock.now - start).inSeconds
    tally.images += found.count + found.failures.count
    tally.imagesComputed += found.computedCount
    tally.failures += found.failures.filter { !tally.failures.contains($0) }
    return found
  }

  func result(_ rows: [ResultRow], _ tally: Tally) -> TaskResult {
    TaskResult(
      rows: rows, failures: tally.failures.map { FailedSample(id: $0.id, reason: $0.reason) },
      timing: TaskTiming(
        experiment: task.experiment, model: source.name, dataset: task.dataset,
        host: ProcessInfo.processInfo.hostName,
        seconds: (ContinuousClock.now - started).inSeconds, textSeconds: 0,
        imageSeconds: tally.imageSeconds, images: tally.images,
        imagesComputed: tally.imagesComputed,
        imagesPerSecond: tally.imagesComputed > 0 && tally.imageSeconds > 0
          ? Double(tally.imagesComputed) / tally.imageSeconds : nil,
        fits: tally.fits, fitSeconds: tally.fitSeconds))
  }
}

// MARK: training

extension ProbeRun {
  /// What may be looked at before a classifier is final: none of it is of the test split.
  struct Training {
    /// Without features: those are in `data` and `validation`.
    let train: ProbeSplit
    let data: ProbeData
    /// Of the rows of `data`; nil where images show several classes.
    let strata: ClassStrata?
    /// Official or held out; nil where none is wanted.
    let validation: ProbeData?
    let validationStrata: ClassStrata?
    /// Complete but for what single draws add.
    let identity: ProbeProtocol
    let isPartial: Bool

    /// Official: not a part of the training split.
    var hasOfficialValidation: Bool { identity.validationSplits != nil }
  }

  /// Where there are more, a fifth is no longer needed to choose C: the paper held out 50,000 of ImageNet.
  private static let mostHeldOut = 50_000
  static let holdOutSeed = 0

  /// - Parameter holdsOut: a part of the training split is held out where there is no official validation split.
  func training(
    _ round: ProbeTask.Round, holdsOut: Bool, _ tally: inout Tally
  ) throws -> Training {
    var train = try read(round.train, &tally)
    let data = try train.data(of: task.dataset)
    train.features = FeatureRows(Matrix(rows: 0, columns: data.columns))
    let strata = try strata(train)
    var identity = ProbeProtocol(trainSplits: [round.train])
    identity.classCount = train.classes.count
    identity.solver = probe.solver?.rawValue
    identity.search = probe.search?.rawValue ?? probe.C.map { "C=\($0)" }
    identity.trainHash = train.splitHash
    identity.trainFingerprint = train.fingerprint
    if let name = round.validation {
      let validation = try read(name, &tally)
        .labelled(as: train.classes, of: train.name, dataset: task.dataset)
      try requireApart(train, validation)
      identity.validationSplits = [name]
      identity.validationHash = validation.splitHash
      identity.validationFingerprint = validation.fingerprint
      return Training(
        train: train, data: data, strata: strata,
        validation: try validation.data(of: task.dataset),
        validationStrata: try self.strata(validation), identity: identity,
        isPartial: train.isPartial || validation.isPartial)
    }
    guard holdsOut else {
      return Training(
        train: train, data: data, strata: strata, validation: nil, validationStrata: nil,
        identity: identity, isPartial: train.isPartial)
    }
    let fraction = min(
      ClassStrata.holdOutFraction, Double(Self.mostHeldOut) / Double(max(data.count, 1)))
    // Images that show several classes have no strata: they are drawn from all.
    let drawn = try (strata ?? wholeStratum(train)).holdOut(
      fraction: fraction, seed: UInt64(Self.holdOutSeed), subject: "\(task.dataset) \(train.name)")
    identity.holdOutFraction = fraction
    identity.holdOutSeed = Self.holdOutSeed
    identity.sampling = ClassStrata.generator
    return Training(
      train: train, data: data.selecting(drawn.trainRows),
      strata: try strata.map { try self.strata($0, drawn.trainRows) },
      validation: data.selecting(drawn.validationRows), validationStrata: nil, identity: identity,
      isPartial: train.isPartial)
  }

  private func strata(_ split: ProbeSplit) throws -> ClassStrata? {
    guard case .single(let labels) = split.labels else { return nil }
    return try ClassStrata(
      ids: split.ids, labels: labels, classIDs: split.classes.map(\.id),
      subject: "\(task.dataset) \(split.name)")
  }

  private func strata(_ whole: ClassStrata, _ rows: [Int]) throws -> ClassStrata {
    try ClassStrata(
      ids: rows.map { whole.ids[$0] }, labels: rows.map { whole.labels[$0] },
      classIDs: whole.classIDs, subject: task.dataset)
  }

  private func wholeStratum(_ split: ProbeSplit) throws -> ClassStrata {
    try ClassStrata(
      ids: split.ids, labels: [Int](repeating: 0, count: split.ids.count), classIDs: ["all"],
      subject: "\(task.dataset) \(split.name)")
  }

  /// That two splits share no sample, as far as ids tell.
  private func requireApart(_ train: ProbeSplit, _ other: ProbeSplit) throws(EvalError) {
    guard train.splitHash != nil, other.splitHash != nil else { return }
    let known = Set(train.ids)
    let shared = other.ids.filter { known.contains($0) }
    guard let first = shared.first else { return }
    throw EvalError(
      .malformedData,
      "\(shared.count) samples of the split \(other.name) are in the training split \(train.name) too, the first is \(first)",
      subject: task.dataset, remedy: "Name splits that are apart in `probe:`.")
  }
}

// MARK: scoring

extension ProbeRun {
  /// A final classifier's scores of the test samples.
  struct Scored {
    /// Without features.
    let test: ProbeSplit
    /// N × K.
    let scores: Matrix
    let roundName: String
  }

  /// The test split of a round. What it is needed for comes with it: a classifier that is final.
  func test(_ round: ProbeTask.Round, of training: Training, _ tally: inout Tally) throws
    -> ProbeSplit
  {
    let test = try read(round.test, &tally)
      .labelled(as: training.train.classes, of: training.train.name, dataset: task.dataset)
    try requireApart(training.train, test)
    guard test.count > 0 else { throw NoSampleLeft(test.failures, dataset: task.dataset) }
    guard test.features.columns == training.data.columns else {
      throw EvalError(
        .malformedData,
        "the features of \(test.name) are \(test.features.columns) wide, those of \(training.train.name) \(training.data.columns)",
        subject: task.dataset)
    }
    return test
  }

  func scored(_ test: ProbeSplit, _ scores: Matrix, _ round: ProbeTask.Round) -> Scored {
    var test = test
    test.features = FeatureRows(Matrix(rows: 0, columns: 0))
    return Scored(test: test, scores: scores, roundName: round.train)
  }

  /// The rows of one probe: the mean over its rounds.
  /// - Parameters:
  ///   - file: of the predictions.
  func rows(
    _ rounds: [Scored], _ identity: ProbeProtocol, isPartial: Bool, seed: Int? = nil,
    record: ProbeRecord, file: String
  ) throws -> [ResultRow] {
    guard let first = rounds.first else { throw EvalError(.bug, "a probe without a round") }
    let tests = rounds.map(\.test)
    var entry = first.test.record
    entry.split = probe.testName
    entry.splitHash = SHA256Digest(combining: tests.map(\.splitHash))
    entry.datasetFingerprint = SHA256Digest(combining: tests.map(\.record.datasetFingerprint))
    entry.featuresSHA256 = SHA256Digest(
      combining: tests.map(\.record.featuresSHA256) + [first.test.record.featuresSHA256])
    entry.seed = seed
    entry.probe = identity
    let expected = tests.map(\.expectedCount)
    var context = EvaluationContext(
      classCount: first.test.classes.count, mainMetric: metric,
      expectedCount: expected.contains(nil) ? nil : expected.compactMap(\.self).reduce(0, +),
      failedCount: tests.reduce(0) { $0 + $1.failures.count },
      isPartial: isPartial || tests.contains(where: \.isPartial), protocol: entry)
    context.experiment = task.experiment
    context.structure = structure(rounds)
    var rows: [ResultRow]
    if case .multiple = first.test.labels {
      context.scoring = ProbeExperiment.multiLabelScoring
      guard case .multiple(let labels) = first.test.labels else { return [] }
      let predictions = try ProbeExperiment.predictions(
        of: first.scores, labels: labels, ids: first.test.ids)
      rows = try ZeroShotExperiment.rows(for: predictions, in: context)
      try folder.write(
        predictions.ranked, rows: first.test.rows, ids: first.test.ids, task: task, fileName: file,
        more: predictions.tensors)
    } else {
      var all = Predictions()
      for round in rounds {
        guard case .single(let labels) = round.test.labels else {
          throw EvalError(.bug, "rounds with labels of different kinds", subject: task.dataset)
        }
        let predictions = try ProbeExperiment.predictions(
          of: round.scores, labels: labels, ids: round.test.ids)
        try folder.write(
          predictions, rows: round.test.rows, ids: round.test.ids, task: task,
          fileName: rounds.count == 1 ? file : "\(file).\(round.roundName)")
        all.append(contentsOf: predictions)
      }
      rows = try ZeroShotExperiment.rows(for: all, in: context)
    }
    for index in rows.indices { rows[index].probe = record }
    return rows
  }

  /// Of the test samples of all rounds, one after another: metrics are means over rounds, and a sample that several test on is one draw.
  private func structure(_ rounds: [Scored]) -> SampleStructure {
    guard rounds.count > 1, let first = rounds.first else {
      return rounds.first?.test.structure ?? .independent
    }
    let draws = rounds.flatMap { round in
      let test = round.test
      return test.ids.indices.map { sample in
        "\(test.name)\0"
          + (test.structure.groups.map { "\($0.numbers[sample])" } ?? test.ids[sample])
      }
    }
    let folds = rounds.flatMap { round in
      round.test.ids.indices.map { sample in
        "\(round.roundName)\0\(round.test.structure.folds?.numbers[sample] ?? 0)"
      }
    }
    return SampleStructure(
      groups: SampleGroups(unit: first.test.structure.groups?.unit ?? "samples", keys: draws),
      folds: SampleGroups(unit: "predefined splits", keys: folds))
  }
}

extension SHA256Digest {
  /// Of several one: the same where all are, unknown where any is.
  init?(combining digests: [SHA256Digest?]) {
    let known = digests.compactMap(\.self)
    guard known.count == digests.count, let first = known.first else { return nil }
    self = Set(known).count == 1 ? first : SHA256.hash(known.map { "\($0.hex)\n" }.joined())
  }
}

extension ProbeProtocol {
  /// The rounds of one probe as one.
  init(combining rounds: [ProbeProtocol]) {
    self = rounds.first ?? ProbeProtocol(trainSplits: [])
    guard rounds.count > 1 else { return }
    trainSplits = rounds.flatMap(\.trainSplits)
    trainHash = SHA256Digest(combining: rounds.map(\.trainHash))
    trainFingerprint = SHA256Digest(combining: rounds.map(\.trainFingerprint))
    validationSplits = validationSplits.map { _ in rounds.flatMap { $0.validationSplits ?? [] } }
    validationHash = SHA256Digest(combining: rounds.map(\.validationHash))
    validationFingerprint = SHA256Digest(combining: rounds.map(\.validationFingerprint))
    drawHash = SHA256Digest(combining: rounds.map(\.drawHash))
  }
}
