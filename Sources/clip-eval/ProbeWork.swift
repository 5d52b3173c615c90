import Core
import EmbeddingStore
import Foundation
import LinearAlgebra
import Metrics
import Probes
import Reporting

/// The fits of one `probe` command.
struct ProbeWork {
  let inputs: ProbeInputs
  let metric: MetricName
  let options: SolverOptions
  let grid: CSearch.Grid
  let isQuiet: Bool

  private var training: ProbeInput { inputs.training }

  // MARK: one classifier

  /// Logistic regression on the whole training file; with a search, a last fit on all that was trained and validated on.
  /// - Parameter C: nil for a search.
  func linear(C: Double?, isFresh: Bool) throws -> ProbeResult {
    let start = ContinuousClock.now
    var search: CSearch.Result?
    var selection = ProbeSelection(name: "fixed")
    var fit: Fit
    if let C {
      note(
        "fitting \(training.data.count) × \(training.data.columns) features, C = \(Self.text(C))")
      fit = try LogisticRegression.fit(training.data, C: C, options: options)
    } else {
      let chosen = try chooseC(&selection, isFresh: isFresh)
      search = chosen
      warnOfEdge(chosen)
      let all =
        try inputs.validation.map { try training.data.joined(with: $0.data) }
        ?? training.data
      note("last fit, on all \(all.count) samples, C = \(Self.text(chosen.best.C))")
      fit = try LogisticRegression.fit(
        all, C: chosen.best.C, options: options, start: chosen.bestModel)
    }
    warnOfConvergence(fit.summary, "")
    let logits = try fit.model.logits(inputs.test.data.features, threads: options.threads)
    return ProbeResult(
      inputs: inputs, score: try ProbeTestScore(logits, of: inputs.test, metric: metric), fit: fit,
      solver: options.preset.rawValue, selection: selection, search: search,
      trainingCount: training.count + (search == nil ? 0 : inputs.validation?.count ?? 0),
      seconds: (ContinuousClock.now - start).inSeconds)
  }

  private func chooseC(_ selection: inout ProbeSelection, isFresh: Bool) throws -> CSearch.Result {
    let (data, validation): (ProbeData, ProbeData)
    var heldOut: [Int] = []
    if let given = inputs.validation {
      selection.name = "validation"
      (data, validation) = (training.data, given.data)
    } else {
      let drawn = try holdOut()
      selection.name = "hold-out"
      selection.holdOut = .init(
        fraction: drawn.fraction, seed: drawn.seed, samples: drawn.validationRows.count,
        generator: ClassStrata.generator)
      heldOut = drawn.validationRows
      (data, validation) = (
        training.data.selecting(drawn.trainRows), training.data.selecting(drawn.validationRows)
      )
    }
    selection.samples = validation.count
    note(
      "search on \(validation.count) samples, fits of \(data.count) × \(data.columns) features")
    let checkpoints = isFresh ? nil : try self.checkpoints(of: data, heldOut: heldOut)
    return try CSearch.run(
      training: data, validation: validation, grid: grid, options: options,
      checkpoints: checkpoints, finishesBest: false,
      score: { try ProbeScore.value(logits: $0, labels: validation.labels, metric: metric) },
      onFit: { point in
        note(
          "C = \(Self.text(point.C)): \(metric.rawValue) \(Percent.text(point.score)), \(Self.text(point.fit))"
        )
        warnOfConvergence(point.fit, "C = \(Self.text(point.C)): ")
      })
  }

  private static let holdOutSeed: UInt64 = 0

  private func holdOut() throws -> ClassStrata.HoldOut {
    let strata =
      try strata(training)
      // Samples of several classes have no strata: they are drawn from all.
      ?? ClassStrata(undivided: training.ids, subject: training.path)
    return try strata.holdOut(
      fraction: ClassStrata.holdOutFraction(of: training.count),
      seed: Self.holdOutSeed, subject: training.path)
  }

  /// Nil where samples show several classes.
  func strata(_ input: ProbeInput) throws -> ClassStrata? {
    guard case .single(let labels) = input.data.labels else { return nil }
    return try ClassStrata(
      ids: input.ids, labels: labels,
      classIDs: inputs.classes.ids ?? (0..<inputs.classes.count).map(String.init),
      subject: input.path)
  }

  /// Of the search's fits: they depend on the training samples, the solver and C, whatever they are scored on.
  private func checkpoints(of data: ProbeData, heldOut: [Int]) throws -> FolderCheckpoints {
    struct Subject: Encodable {
      let features: SHA256Digest
      let labels: SHA256Digest
      let classCount: Int
      let heldOut: SHA256Digest
      let isNormalized: Bool
      let preset: SolverPreset
      let maxIterations: Int?
      let tolerance: Double?
    }
    let subject = Subject(
      features: training.source.sha256, labels: try training.data.labels.hash(),
      classCount: data.classCount, heldOut: try CanonicalJSON.hash(heldOut),
      isNormalized: inputs.isNormalized, preset: options.preset,
      maxIterations: options.maxIterations, tolerance: options.tolerance)
    let text = try CanonicalJSON.string(subject)
    return FolderCheckpoints(
      CacheFolder.url().appending(path: "probes/\(SHA256.hash(text).hex)"), subject: text,
      isMultiLabel: inputs.isMultiLabel
    ) { Terminal.error("warning: \($0)") }
  }

  // MARK: nearest neighbours

  func neighbours(_ k: Int, temperature: Double) throws -> NeighbourResult {
    guard case .single(let labels) = training.data.labels else {
      throw EvalError(
        .usage, "--knn is for samples of one class each", subject: training.path)
    }
    guard k <= training.count else {
      throw EvalError(
        .malformedData, "\(k) neighbours were asked for, found \(training.count) training samples",
        subject: training.path, remedy: "Ask for \(training.count) or fewer with --knn.")
    }
    let start = ContinuousClock.now
    let found = try NearestNeighbours.find(
      inputs.test.data.features, in: training.data.features, k: k, threads: options.threads)
    let votes = try found.shares(
      labels: labels, classCount: inputs.classes.count, weighting: .temperature(temperature))
    return NeighbourResult(
      inputs: inputs, score: try ProbeTestScore(votes, of: inputs.test, metric: metric),
      neighbours: k, temperature: temperature, seconds: (ContinuousClock.now - start).inSeconds)
  }

  // MARK: on standard error

  func note(_ line: String) {
    if !isQuiet { Terminal.error(line) }
  }

  func warnOfConvergence(_ fit: FitSummary, _ prefix: String) {
    guard !fit.converged else { return }
    Terminal.error(
      "warning: \(prefix)the fit did not converge: stopped by \(fit.stop) after \(fit.iterations) iterations, gradient \(Self.short(fit.gradientNorm)); --max-iterations and --tolerance say when it stops"
    )
  }

  private func warnOfEdge(_ search: CSearch.Result) {
    guard search.isAtEdge else { return }
    Terminal.error(
      "warning: the best C, \(Self.text(search.best.C)), is at the edge of the grid: a better one may lie beyond"
    )
  }

  static func text(_ C: Double) -> String { String(format: "%.4g", C) }
  static func short(_ value: Double) -> String { String(format: "%.1e", value) }
  static func text(_ fit: FitSummary) -> String {
    "\(fit.iterations) iterations, gradient \(short(fit.gradientNorm)), "
      + String(format: "%.1f s", fit.seconds)
  }
}

extension ProbeInput {
  var count: Int { data.count }
}

extension ProbeLabels {
  fileprivate func hash() throws -> SHA256Digest {
    switch self {
    case .single(let labels): try CanonicalJSON.hash(labels)
    case .multiple(let matrix):
      matrix.labels.withUnsafeBytes { SHA256.hash(UnsafeRawBufferPointer($0)) }
    }
  }
}

/// On what C was chosen.
struct ProbeSelection: Sendable {
  /// A part of the training samples.
  struct HoldOut: Codable, Sendable {
    let fraction: Double
    let seed: UInt64
    let samples: Int
    let generator: String
  }

  /// `fixed`, `validation`, `hold-out` or `few-shot`.
  var name: String
  /// C was chosen on; nil where it was given.
  var samples: Int?
  var holdOut: HoldOut?
}
