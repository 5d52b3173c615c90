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
    metric = try task.metric()
  }

  /// What was done on the way.
  struct Tally {
    var imageSeconds = 0.0
    var images = 0
    var imagesComputed = 0
    var fits = 0
    var fitSeconds = 0.0
    var failures: [EmbeddedDataset.Failure] = []

    mutating func add(_ fitted: ProbeFitting.Fitted) {
      fits += fitted.fits
      fitSeconds += fitted.seconds
    }
  }

  var options: RunOptions { source.options }

  var fitting: ProbeFitting {
    ProbeFitting(
      task: task, probe: probe, metric: metric, folder: folder, fileName: fileName,
      solver: SolverOptions(preset: probe.solver ?? .converged, threads: options.threads),
      isFresh: options.isFresh, progress: progress
    ) { [log] error in log.warning("\(error)") }
  }

  /// A split, read and embedded now.
  func read(_ split: String, _ tally: inout Tally) throws -> ProbeSplit {
    let start = ContinuousClock.now
    let found = try source.probeSplit(
      split, of: task, SplitUse(probe, isCompared: task.experiment == RobustnessExperiment.name),
      progress: progress)
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
    /// The same of the official validation split; nil without one.
    var officialValidation: ProbeSplit?
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
    var hasOfficialValidation: Bool { officialValidation != nil }
  }

  static let holdOutSeed = 0

  /// - Parameter holdsOut: a part of the training split is held out where there is no official validation split.
  func training(
    _ round: ProbeTask.Round, holdsOut: Bool, _ tally: inout Tally
  ) throws -> Training {
    // Hours of features and fits would come to nothing.
    try source.requireSplit(round.test, of: task)
    var train = try read(round.train, &tally)
    let data = try train.data(of: task.dataset)
    train.features = FeatureRows(Matrix(rows: 0, columns: data.columns))
    let strata = try strata(train)
    tellAbsent(strata, of: train)
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
      var shown = validation
      shown.features = FeatureRows(Matrix(rows: 0, columns: data.columns))
      return Training(
        train: train, officialValidation: shown, data: data, strata: strata,
        validation: try validation.data(of: task.dataset),
        validationStrata: try self.strata(validation), identity: identity,
        isPartial: train.isPartial || validation.isPartial)
    }
    guard holdsOut else {
      return Training(
        train: train, data: data, strata: strata, validation: nil, validationStrata: nil,
        identity: identity, isPartial: train.isPartial)
    }
    let fraction = ClassStrata.holdOutFraction(of: data.count)
    let subject = "\(task.dataset) \(train.name)"
    // Images that show several classes have no strata: they are drawn from all.
    let drawn = try (strata ?? ClassStrata(undivided: train.ids, subject: subject)).holdOut(
      fraction: fraction, seed: UInt64(Self.holdOutSeed), subject: subject)
    identity.holdOutFraction = fraction
    identity.holdOutSeed = Self.holdOutSeed
    identity.sampling = ClassStrata.generator
    return Training(
      train: train, data: data.selecting(drawn.trainRows),
      strata: try strata.map { try self.strata($0, drawn.trainRows) },
      validation: data.selecting(drawn.validationRows), validationStrata: nil, identity: identity,
      isPartial: train.isPartial)
  }

  /// Classes that nothing is learned of, and that are never predicted.
  private func tellAbsent(_ strata: ClassStrata?, of train: ProbeSplit) {
    guard let strata else { return }
    let absent = strata.classIDs.indices.filter { strata.counts[$0] == 0 }
    guard let first = absent.first else { return }
    log.warning(
      "\(task.dataset): \(absent.count) of \(strata.classIDs.count) classes have no sample in \(train.name) and are never predicted, the first is \(strata.classIDs[first])"
    )
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

  /// That two splits share no sample, as far as ids tell.
  func requireApart(_ learned: ProbeSplit, _ other: ProbeSplit) throws(EvalError) {
    guard learned.hasIDs, other.hasIDs else { return }
    let known = Set(learned.ids)
    let shared = other.ids.filter { known.contains($0) }
    guard let first = shared.first else { return }
    throw EvalError(
      .malformedData,
      "\(shared.count) samples of the split \(other.name) are in the split \(learned.name) too, which is learned from, the first is \(first)",
      subject: task.dataset, remedy: "Name splits that are apart in `probe:`.")
  }
}
