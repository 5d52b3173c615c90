import Core
import Datasets
import Experiments
import LinearAlgebra
import Metrics
import Probes

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
    if let validation = training.officialValidation { try requireApart(validation, test) }
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
        more: predictions.tensors + first.test.structure.tensors)
      try folder.write(first.test.shown.classes, task: task, fileName: file)
    } else {
      var all = Predictions()
      for round in rounds {
        guard case .single(let labels) = round.test.labels else {
          throw EvalError(.bug, "rounds with labels of different kinds", subject: task.dataset)
        }
        let predictions = try ProbeExperiment.predictions(
          of: round.scores, labels: labels, ids: round.test.ids,
          areLogits: task.experiment == ProbeExperiment.linear)
        let name = rounds.count == 1 ? file : "\(file).\(round.roundName)"
        try folder.write(
          predictions, rows: round.test.rows, ids: round.test.ids, task: task, fileName: name,
          more: round.test.structure.tensors)
        try folder.write(
          round.test.shown, of: predictions, rows: round.test.rows, task: task, fileName: name)
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

extension ProbeSplit {
  var shown: ShownSplit {
    ShownSplit(classes: classes.map { .init(id: $0.id, name: $0.name) }, image: image)
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
