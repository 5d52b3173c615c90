import Core
import Experiments
import Foundation
import LinearAlgebra
import Probes

extension ProbeRun {
  /// Logistic regression on the whole training split (paper, appendix A.3): C chosen on validation samples, a last fit on training and
  /// validation samples, one look at the test split.
  func linearProbe() throws -> TaskResult {
    var tally = Tally()
    var scored: [Scored] = []
    var identities: [ProbeProtocol] = []
    var outcomes: [ProbeOutcome] = []
    var isPartial = false
    for round in probe.rounds {
      let (training, identity, outcome) = try linear(round, &tally)
      isPartial = isPartial || training.isPartial
      identities.append(identity)
      outcomes.append(outcome)
      // C is chosen and the classifier final: only from here on is the test split looked at.
      let test = try test(round, of: training, &tally)
      scored.append(
        self.scored(
          test,
          try outcome.model().logits(
            test.features, threads: options.threads), round))
    }
    let identity = ProbeProtocol(combining: identities)
    let record = record(outcomes, identity)
    tellEdges(outcomes)
    return result(
      try rows(scored, identity, isPartial: isPartial, record: record, file: fileName), tally)
  }

  /// The classifier of the whole training split, final, and what it learned from.
  func linear(
    _ round: ProbeTask.Round, _ tally: inout Tally
  ) throws -> (training: Training, identity: ProbeProtocol, outcome: ProbeOutcome) {
    let training = try training(round, holdsOut: probe.search != nil, &tally)
    var identity = training.identity
    identity.selection =
      probe.search == nil
      ? "fixed" : training.hasOfficialValidation ? "validation" : "hold-out"
    let all = try training.validation.map { try training.data.joined(with: $0) } ?? training.data
    let outcome = try fitted(
      training, identity: identity, part: round.train, refits: true,
      label: probe.rounds.count > 1 ? " \(round.train)" : "", &tally
    ) { _, start in
      // The samples that C was chosen on are trained on too.
      (all, start)
    }
    return (training, identity, outcome)
  }

  /// A final classifier, from an earlier run of the same task or fitted now.
  ///
  /// - Parameters:
  ///   - identity: with everything that tells this fit from others of the task.
  ///   - part: a name among the task's checkpoints.
  ///   - refits: what a search found is fitted once more, on other samples.
  ///   - last: the samples of the last fit, and where it starts; nil where the best fit of the search is final.
  func fitted(
    _ training: Training, identity: ProbeProtocol, part: String, refits: Bool, label: String,
    _ tally: inout Tally,
    last: (ProbeData, LinearModel?) throws -> (ProbeData, LinearModel?)?
  ) throws -> ProbeOutcome {
    try fitted(
      data: training.data, validation: training.validation, record: training.train.record,
      identity: identity, part: part, refits: refits, label: label, &tally, last: last)
  }

  func fitted(
    data: ProbeData, validation: ProbeData?, record: EvaluationProtocol, identity: ProbeProtocol,
    part: String, refits: Bool, label: String, _ tally: inout Tally,
    last: (ProbeData, LinearModel?) throws -> (ProbeData, LinearModel?)?
  ) throws -> ProbeOutcome {
    let checkpoints = try checkpoints(
      record, identity, part: part, isMultiLabel: data.isMultiLabel)
    if !options.isFresh, let known = try checkpoints.outcome() { return known }

    let start = ContinuousClock.now
    defer { tally.fitSeconds += (ContinuousClock.now - start).inSeconds }
    var outcome = ProbeOutcome(curve: [], isAtEdge: nil, samples: data.count, fit: nil)
    var best = probe.C
    var model: LinearModel?
    if let search = probe.search {
      guard let validation else { throw EvalError(.bug, "a search without validation samples") }
      let chosen = try self.search(
        search, data, validation, finishesBest: !refits, label: label,
        checkpoints: checkpoints.search, &tally)
      outcome.curve = chosen.curve.map { .init(C: $0.C, score: $0.score) }
      outcome.isAtEdge = chosen.isAtEdge
      (best, model) = (chosen.best.C, chosen.bestModel)
      outcome.fit = Fit(model: chosen.bestModel, summary: chosen.best.fit)
    }
    guard let best else { throw EvalError(.bug, "a probe without C") }
    if let (samples, first) = try last(data, model) {
      try Interruption.check()
      progress.begin("\(task.dataset)\(label) last fit", total: 1)
      defer { progress.end() }
      outcome.fit = try LogisticRegression.fit(
        samples, C: best, options: solverOptions, start: first)
      outcome.samples = samples.count
      tally.fits += 1
      progress.advance(1, cached: false)
    }
    try checkpoints.save(outcome)
    return outcome
  }

  /// Of a fit that a protocol and a part of the task tell from all others.
  func checkpoints(
    _ record: EvaluationProtocol, _ identity: ProbeProtocol, part: String, isMultiLabel: Bool
  ) throws -> ProbeCheckpoints {
    var key = record
    key.probe = identity
    key.metric = metric.rawValue
    return ProbeCheckpoints(
      folder, task: task, fileName: fileName, part: part, subject: try CanonicalJSON.string(key),
      isMultiLabel: isMultiLabel
    ) { [log] error in log.warning("\(error)") }
  }

  private func search(
    _ search: ProbeSettings.Search, _ data: ProbeData, _ validation: ProbeData,
    finishesBest: Bool, label: String,
    checkpoints: any FitCheckpoints, _ tally: inout Tally
  ) throws -> CSearch.Result {
    let grid: CSearch.Grid = search == .paper ? .paper : .flat
    progress.begin("\(task.dataset)\(label) fits", total: search == .paper ? 15 : 97)
    defer { progress.end() }
    var fits = 0
    let result = try CSearch.run(
      training: data, validation: validation, grid: grid, options: solverOptions,
      checkpoints: checkpoints, finishesBest: finishesBest,
      score: { logits in
        try ProbeScore.value(logits: logits, labels: validation.labels, metric: metric)
      },
      onFit: { _ in
        fits += 1
        progress.advance(1, cached: false)
      })
    tally.fits += fits
    return result
  }

  /// That a better C may lie beyond those that were tried.
  func tellEdges(_ outcomes: [ProbeOutcome]) {
    let strengths = outcomes.filter { $0.isAtEdge == true }.compactMap(\.fit?.summary.C)
    guard let lowest = strengths.min(), let highest = strengths.max() else { return }
    let found = lowest == highest ? "\(lowest)" : "\(lowest) and \(highest)"
    log.warning(
      "\(task.dataset): the best C is \(found), at the edge of the search, in \(strengths.count) of \(outcomes.count): a better one may lie beyond"
    )
  }

  /// What rows tell of the fits. Of several rounds only what they have in common.
  func record(_ outcomes: [ProbeOutcome], _ identity: ProbeProtocol) -> ProbeRecord {
    let fits = outcomes.compactMap(\.fit?.summary)
    let isOne = outcomes.count == 1
    let edges = outcomes.compactMap(\.isAtEdge)
    for fit in fits where !fit.converged {
      log.warning(
        "\(task.dataset): the fit with C = \(fit.C) did not converge in \(fit.iterations) iterations (\(fit.stop))"
      )
    }
    return ProbeRecord(
      C: Set(fits.map(\.C)).count == 1 ? fits.first?.C : nil, solver: identity.solver,
      selection: selectionText(identity), trainingSamples: outcomes.compactMap(\.samples).max(),
      gradientNorm: fits.map(\.gradientNorm).max(), objective: isOne ? fits.first?.objective : nil,
      iterations: isOne ? fits.first?.iterations : nil,
      evaluations: isOne ? fits.first?.evaluations : nil,
      converged: fits.isEmpty ? nil : fits.allSatisfy(\.converged),
      stop: isOne ? fits.first?.stop : nil,
      isAtEdge: edges.isEmpty ? nil : edges.contains(true),
      curve: isOne ? outcomes.first?.curve ?? [] : [])
  }

  /// In words.
  func selectionText(_ identity: ProbeProtocol) -> String? {
    switch identity.selection {
    case "validation":
      "validation split \(Set(identity.validationSplits ?? []).sorted().joined(separator: "+"))"
    case "hold-out":
      identity.holdOutFraction.map {
        "\(($0 * 1000).rounded() / 10) % of each class held out of training"
      }
    case "few-shot": "min(k, 4) further examples of each class"
    case "cross-validation": "cross-validation of the k examples"
    default: identity.selection
    }
  }
}

extension ProbeData {
  var isMultiLabel: Bool {
    if case .multiple = labels { true } else { false }
  }
}
