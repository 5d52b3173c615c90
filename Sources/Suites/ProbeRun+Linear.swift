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
    let label = probe.rounds.count > 1 ? " \(round.train)" : ""
    progress.begin("\(task.dataset)\(label) fits", total: fitting.searchCount + 1)
    defer { progress.end() }
    // The samples that C was chosen on are trained on too.
    let fitted = try fitting.outcome(
      training.data, training.validation,
      lastOn: try training.validation.map { try training.data.joined(with: $0) } ?? training.data,
      checkpoints: fitting.checkpoints(
        training.train.record, identity, part: round.train, of: training.data))
    tally.add(fitted)
    return (training, identity, fitted.outcome)
  }

  /// That a better C may lie beyond those that were tried, and that scores it was chosen by are of fits that were cut short.
  func tellEdges(_ outcomes: [ProbeOutcome]) {
    let points = outcomes.flatMap(\.curve)
    let open = points.filter { $0.converged == false }.map(\.C)
    if let lowest = open.min() {
      log.warning(
        "\(task.dataset): \(open.count) of \(points.count) fits that C was chosen by did not converge, from C = \(lowest) on"
      )
    }
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
