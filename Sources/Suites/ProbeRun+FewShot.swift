import Core
import Experiments
import Foundation
import Metrics
import Probes
import Statistics

extension ProbeRun {
  /// Examples of a number of shots and a seed, of one round.
  private struct Examples: Sendable {
    let shots: Int
    let seed: Int
    let split: FewShotSplit
    let identity: ProbeProtocol
    let data: ProbeData
    /// Nil where C is chosen in another way.
    let validation: ProbeData?
    /// Of each example, where it is cross-validated.
    let folds: [Int?]?
    let checkpoints: ProbeCheckpoints
  }

  /// One few-shot probe of a round, final.
  struct Draw {
    let shots: Int
    let seed: Int
    let split: FewShotSplit
    let identity: ProbeProtocol
    let outcome: ProbeOutcome
  }

  /// Probes on k examples a class (paper, Figure 6): for each number of shots and each seed a row, and for each number of shots the
  /// mean over seeds. The classifier is trained on the k examples alone; those that C is chosen with are not added.
  func fewShot() throws -> TaskResult {
    let (shots, seeds, _) = try requiredFewShot()
    var tally = Tally()
    var scored: [[Int]: [(draw: Draw, scored: Scored)]] = [:]
    var isPartial = false
    for round in probe.rounds {
      let (draws, training) = try self.draws(round, &tally)
      isPartial = isPartial || training.isPartial
      // Every C is chosen and every classifier final: only from here on is the test split looked at.
      let test = try test(round, of: training, &tally)
      for draw in draws {
        let scores = try draw.outcome.model().logits(test.features, threads: options.threads)
        scored[[draw.shots, draw.seed], default: []].append(
          (draw, self.scored(test, scores, round)))
      }
    }
    tellEdges(scored.values.flatMap { $0.map(\.draw.outcome) })
    var rows: [ResultRow] = []
    for shots in shots {
      var ofSeeds: [ResultRow] = []
      for seed in seeds {
        let found = scored[[shots, seed]] ?? []
        ofSeeds += try row(found.map(\.draw), found.map(\.scored), isPartial: isPartial)
      }
      rows += ofSeeds
      rows += try Self.mean(ofSeeds, shots: shots).map { [$0] } ?? []
    }
    return result(rows, tally)
  }

  private func requiredFewShot() throws(EvalError) -> (
    shots: [Int], seeds: [Int], selection: ProbeSettings.Selection
  ) {
    guard let shots = probe.shots, let seeds = probe.seeds, let selection = probe.selection else {
      throw EvalError(.bug, "a few-shot probe without shots, seeds or selection")
    }
    return (shots, seeds, selection)
  }

  /// The classifier of every seed and number of shots, each final, and what they learned from.
  func draws(
    _ round: ProbeTask.Round, _ tally: inout Tally
  ) throws -> (draws: [Draw], training: Training) {
    let (shots, seeds, selection) = try requiredFewShot()
    let training = try training(
      self.round(round, selection), holdsOut: selection == .validation, &tally)
    guard let strata = training.strata else {
      throw EvalError(
        .badSuite, "examples of a class are drawn of images that show one class each",
        subject: task.dataset)
    }
    let sampler = FewShotSampler(strata, subject: "\(task.dataset) \(round.train)")
    let possible = try possibleShots(shots, strata, round)
    var examples: [Examples] = []
    for seed in seeds {
      for shots in possible {
        try Interruption.check()
        examples.append(try self.examples(shots, seed, selection, sampler, training, round))
      }
    }
    let fitted = try fitted(examples, round)
    fitted.forEach { tally.add($0) }
    let draws = zip(examples, fitted).map { examples, fitted in
      Draw(
        shots: examples.shots, seed: examples.seed, split: examples.split,
        identity: examples.identity, outcome: fitted.outcome)
    }
    return (draws, training)
  }

  /// What rows tell of one draw.
  func record(of draws: [Draw], _ identity: ProbeProtocol) -> ProbeRecord {
    var record = record(draws.map(\.outcome), identity)
    record.shots = draws.first?.shots
    record.seed = draws.first?.seed
    record.shortClasses = draws.map(\.split.shortClasses.count).max()
    record.splitHash = identity.drawHash
    return record
  }

  /// Without a validation split where none is used: it would be embedded for nothing.
  private func round(
    _ round: ProbeTask.Round, _ selection: ProbeSettings.Selection
  ) -> ProbeTask.Round {
    var round = round
    // CoOp's files list examples of its validation split.
    if selection != .validation, probe.splits == nil { round.validation = nil }
    return round
  }

  /// Without those that no class has so many examples for: they would be the whole split under another name.
  private func possibleShots(
    _ shots: [Int], _ strata: ClassStrata, _ round: ProbeTask.Round
  ) throws(EvalError) -> [Int] {
    let largest = strata.counts.max() ?? 0
    let possible = shots.filter { $0 <= largest }
    guard possible.count < shots.count else { return shots }
    let left = shots.filter { $0 > largest }.map { "\($0)" }.joined(separator: ", ")
    let message = "no class of \(round.train) has more than \(largest) examples"
    guard !possible.isEmpty else {
      throw EvalError(
        .malformedData, "\(message); asked for \(left)", subject: task.dataset,
        remedy: "Ask for fewer shots.")
    }
    log.warning("\(task.dataset): \(message): \(left) shots are left out")
    return possible
  }

  private func fitted(
    _ draws: [Examples], _ round: ProbeTask.Round
  ) throws -> [ProbeFitting.Fitted] {
    let fitting = fitting
    let label = probe.rounds.count > 1 ? " \(round.train)" : ""
    progress.begin(
      "\(task.dataset)\(label) few-shot fits",
      total: draws.reduce(0) { sum, draw in
        guard let folds = draw.folds else { return sum + max(1, fitting.searchCount) }
        return sum + fitting.searchCount * Set(folds.compactMap(\.self)).count + 1
      })
    defer { progress.end() }
    return try FitSweep.run(draws, on: \.data, options: fitting.solver) { draw, options in
      var fitting = fitting
      fitting.solver = options
      if let folds = draw.folds {
        return try fitting.crossValidated(draw.data, folds: folds, checkpoints: draw.checkpoints)
      }
      return try fitting.outcome(
        draw.data, draw.validation, lastOn: nil, checkpoints: draw.checkpoints)
    }
  }

  private func examples(
    _ shots: Int, _ seed: Int, _ selection: ProbeSettings.Selection, _ sampler: FewShotSampler,
    _ training: Training, _ round: ProbeTask.Round
  ) throws -> Examples {
    let split: FewShotSplit
    if let path = probe.splits {
      split = try CoOpSplit.read(try importedFile(path, shots, seed))
        .rows(in: sampler.strata, validation: training.validationStrata)
    } else {
      split = try sampler.split(
        shots: shots, seed: UInt64(seed), validation: selection == .fewShot ? .training : .none)
    }
    tell(split, shots, selection)
    var identity = training.identity
    identity.selection = selection.rawValue
    identity.shots = shots
    identity.sampling = split.origin
    identity.drawHash = try FewShotSplitFile(
      split, dataset: task.dataset, trainName: round.train, strata: sampler.strata,
      validation: training.validationStrata.flatMap { strata in
        round.validation.map { (name: $0, strata: strata) }
      }
    ).write(to: splitFile(shots, seed, round))
    let data = training.data.selecting(split.trainRows)
    let validation: ProbeData?
    switch selection {
    case .fewShot:
      guard !split.validationRows.isEmpty else {
        throw EvalError(
          .malformedData,
          "nothing is left to choose C with beside \(shots) examples of each class",
          subject: "\(task.dataset) \(round.train)",
          remedy: "Choose fewer shots, or `selection: fixed` with a C.")
      }
      validation =
        split.validationSource == .validation
        ? training.validation?.selecting(split.validationRows)
        : training.data.selecting(split.validationRows)
    case .validation: validation = training.validation
    case .crossValidation, .fixed: validation = nil
    }
    var folds: [Int?]?
    if selection == .crossValidation {
      let folded = try sampler.strata.folds(
        min(shots, 4), seed: UInt64(seed), among: split.trainRows,
        subject: "\(task.dataset) \(training.train.name)")
      folds = split.trainRows.map { folded[$0] }
    }
    return Examples(
      shots: shots, seed: seed, split: split, identity: identity, data: data,
      validation: validation, folds: folds,
      checkpoints: try fitting.checkpoints(
        training.train.record, identity, part: fileSuffix(shots, seed, round), of: data))
  }

  private func fileSuffix(_ shots: Int, _ seed: Int, _ round: ProbeTask.Round) -> String {
    (probe.rounds.count > 1 ? "\(round.train)." : "") + "\(shots)-shot.seed-\(seed)"
  }

  /// The same for every model: it depends on the images alone.
  private func splitFile(_ shots: Int, _ seed: Int, _ round: ProbeTask.Round) -> URL {
    folder.url.appending(
      path:
        "splits/\(fileName)/\(fileSuffix(shots, seed, round).replacing("/", with: "_")).json")
  }

  /// A file of CoOp's, below a folder of the dataset's name or in the folder itself.
  private func importedFile(_ path: String, _ shots: Int, _ seed: Int) throws(EvalError) -> URL {
    let folder = URL(filePath: path)
    let names = ["pkl", "json"].map { "shot_\(shots)-seed_\(seed).\($0)" }
    for folder in [folder.appending(path: task.dataset), folder] {
      for name in names where isFile(folder.appending(path: name)) {
        return folder.appending(path: name)
      }
    }
    throw EvalError(
      .notFound, "no file \(names.joined(separator: " or ")) for \(task.dataset)", subject: path)
  }

  private func tell(_ split: FewShotSplit, _ shots: Int, _ selection: ProbeSettings.Selection) {
    if let first = split.shortClasses.first {
      log.notice(
        "\(task.dataset): \(split.shortClasses.count) classes have fewer than \(shots) examples and give all they have, the first is \(first.id) with \(first.available)"
      )
    }
    if selection == .fewShot, let first = split.classesWithoutValidation.first {
      log.notice(
        "\(task.dataset): \(split.classesWithoutValidation.count) classes have no example left to choose C with, the first is \(first)"
      )
    }
  }

  // MARK: rows

  /// The dataset's own metric of one seed.
  private func row(
    _ draws: [Draw], _ scored: [Scored], isPartial: Bool
  ) throws -> [ResultRow] {
    guard let first = draws.first else { return [] }
    let identity = ProbeProtocol(combining: draws.map(\.identity))
    let record = record(of: draws, identity)
    return try Array(
      rows(
        scored, identity, isPartial: isPartial, seed: first.seed, record: record,
        file: "\(fileName).\(first.shots)-shot.seed-\(first.seed)"
      ).prefix(1))
  }

  /// The mean over seeds. Its interval is that of test samples; the one of training samples is in the record.
  static func mean(_ rows: [ResultRow], shots: Int) throws -> ResultRow? {
    guard let first = rows.first, let identity = first.protocol.probe else { return nil }
    let values = rows.compactMap(\.value)
    let intervals = rows.map(\.interval95)
    guard values.count == rows.count,
      let summary = SeedSummary(
        values, testIntervals: intervals.contains(nil) ? [] : intervals,
        testMethod: first.intervalMethod)
    else { return nil }
    var entry = first.protocol
    entry.seed = nil
    var own = identity
    own.seeds = rows.compactMap(\.protocol.seed)
    own.drawHash = SHA256Digest(combining: rows.map(\.protocol.probe?.drawHash))
    entry.probe = own
    entry.metric = first.protocol.metric.map { "\($0) mean-over=\(rows.count)-seeds" }
    var record = first.probe ?? ProbeRecord()
    let records = rows.compactMap(\.probe)
    func common<Value: Hashable>(_ value: (ProbeRecord) -> Value?) -> Value? {
      let all = Set(records.map(value))
      return all.count == 1 ? all.first.flatMap(\.self) : nil
    }
    record.C = common(\.C)
    record.trainingSamples = records.compactMap(\.trainingSamples).max()
    record.gradientNorm = records.compactMap(\.gradientNorm).max()
    (record.objective, record.iterations, record.evaluations) = (nil, nil, nil)
    record.converged =
      records.contains { $0.converged == nil } ? nil : records.allSatisfy { $0.converged == true }
    record.stop = common(\.stop)
    let edges = records.compactMap(\.isAtEdge)
    record.isAtEdge = edges.isEmpty ? nil : edges.contains(true)
    record.curve = []
    record.seed = nil
    record.seeds = rows.count
    record.seedInterval95 = summary.trainingInterval95
    record.shortClasses = records.compactMap(\.shortClasses).max()
    record.splitHash = own.drawHash
    return try ResultRow(
      experiment: first.experiment, dataset: first.dataset, model: first.model,
      metric: first.metric, value: summary.mean, interval95: summary.testInterval95,
      interval99_5: nil, intervalMethod: summary.testIntervalMethod, n: first.n,
      nExpected: first.nExpected, nFailed: first.nFailed, partial: rows.contains(where: \.partial),
      chance: first.chance, reference: nil, verdict: .noReference, nearTies: nil,
      emptyClasses: first.emptyClasses, probe: record, protocol: entry)
  }
}
