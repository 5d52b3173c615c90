import Core
import Experiments
import Foundation
import Metrics
import Probes

/// The fits of one probe task: all that choosing C and fitting with it needs, apart from images and rows, so that several can be under way at once.
struct ProbeFitting: Sendable {
  let task: PlannedTask
  let probe: ProbeTask
  let metric: MetricName
  let folder: RunFolder
  let fileName: String
  var solver: SolverOptions
  let isFresh: Bool
  let progress: any ProgressSink
  /// Of damaged checkpoints.
  let notice: @Sendable (EvalError) -> Void

  /// A final classifier.
  struct Fitted: Sendable {
    var outcome: ProbeOutcome
    /// Those made now.
    var fits = 0
    var seconds = 0.0
  }

  /// Of one search; none where C is given.
  var searchCount: Int {
    switch probe.search {
    case .paper: PaperGrid.fitCount
    case .flat: PaperGrid.count
    case nil: 0
    }
  }

  /// Of a fit that a protocol and a part of the task tell from all others.
  /// - Parameters:
  ///   - identity: with everything that tells this fit from others of the task.
  ///   - part: a name among the task's checkpoints.
  func checkpoints(
    _ record: EvaluationProtocol, _ identity: ProbeProtocol, part: String, of data: ProbeData
  ) throws -> ProbeCheckpoints {
    var key = record
    key.probe = identity
    key.metric = metric.rawValue
    return ProbeCheckpoints(
      folder, task: task, fileName: fileName, part: part,
      subject: "solver \(LogisticRegression.revision)\n\(try CanonicalJSON.string(key))",
      isMultiLabel: data.isMultiLabel, notice: notice)
  }

  /// From an earlier run of the same task, or fitted now: the search, if there is one, and the last fit.
  /// - Parameter all: what the last fit is on, where that is not the search's best fit itself.
  func outcome(
    _ data: ProbeData, _ validation: ProbeData?, lastOn all: ProbeData?,
    checkpoints: ProbeCheckpoints
  ) throws -> Fitted {
    if let known = try known(checkpoints, fits: searchCount + (all == nil ? 0 : 1)) {
      return known
    }
    let start = ContinuousClock.now
    var fitted = Fitted(
      outcome: ProbeOutcome(curve: [], isAtEdge: nil, samples: data.count, fit: nil))
    var best = probe.C
    var model: LinearModel?
    if probe.search != nil {
      guard let validation else { throw EvalError(.bug, "a search without validation samples") }
      let chosen = try search(
        data, validation, finishesBest: all == nil, checkpoints: checkpoints.search)
      fitted.outcome.curve = chosen.curve.map {
        .init(C: $0.C, score: $0.score, converged: $0.fit.converged)
      }
      fitted.outcome.isAtEdge = chosen.isAtEdge
      fitted.outcome.fit = Fit(model: chosen.bestModel, summary: chosen.best.fit)
      fitted.fits = chosen.curve.count
      (best, model) = (chosen.best.C, chosen.bestModel)
    }
    guard let best else { throw EvalError(.bug, "a probe without C") }
    if let samples = all ?? (probe.search == nil ? data : nil) {
      try Interruption.check()
      fitted.outcome.fit = try LogisticRegression.fit(
        samples, C: best, options: solver, start: model)
      fitted.outcome.samples = samples.count
      fitted.fits += 1
      progress.advance(1, cached: false)
    }
    fitted.seconds = (ContinuousClock.now - start).inSeconds
    try checkpoints.save(fitted.outcome)
    return fitted
  }

  /// - Parameter fits: that need not be made for it.
  func known(_ checkpoints: ProbeCheckpoints, fits: Int) throws -> Fitted? {
    guard !isFresh, let known = try checkpoints.outcome() else { return nil }
    progress.advance(fits, cached: true)
    return Fitted(outcome: known)
  }

  private func search(
    _ data: ProbeData, _ validation: ProbeData, finishesBest: Bool, checkpoints: any FitCheckpoints
  ) throws -> CSearch.Result {
    try CSearch.run(
      training: data, validation: validation, grid: probe.search == .flat ? .flat : .paper,
      options: solver, checkpoints: checkpoints, finishesBest: finishesBest,
      score: { logits in
        try ProbeScore.value(logits: logits, labels: validation.labels, metric: metric)
      },
      onFit: { _ in progress.advance(1, cached: false) })
  }
}

extension ProbeData {
  var isMultiLabel: Bool {
    if case .multiple = labels { true } else { false }
  }
}
