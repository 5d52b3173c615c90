import Core
package import LinearAlgebra

/// The paper's search for the strength of the regularisation (§3.2, appendix A.3): 97 values of C, 10^(−6 + j/8), of which it fits 15.
package enum CSearch {
  package enum Grid: Sendable, Hashable {
    /// Seven coarse points, 1e-6, 1e-4, … 1e6; then four times the two points half as far from the peak as the last ones, down to 8
    /// steps a decade. It finds the grid's best point where the curve has a single peak.
    case paper
    /// All 97 points.
    case flat
    case points([Double])
  }

  package struct Point: Codable, Sendable, Equatable {
    package var C: Double
    /// On the validation samples; higher is better.
    package var score: Double
    package var fit: FitSummary

    package init(C: Double, score: Double, fit: FitSummary) {
      self.C = C
      self.score = score
      self.fit = fit
    }
  }

  package struct Result: Sendable, Equatable {
    /// By rising C.
    package var curve: [Point]
    /// Of the highest score; of equals the one with the smallest C, which is the strongest regularisation.
    package var best: Point
    /// Of the best point, fitted on the training samples: final, or where a refit on more samples may start.
    package var bestModel: LinearModel
    /// The best is the lowest or highest C that was tried: a wider grid might hold a better one.
    package var isAtEdge: Bool

    package init(curve: [Point], best: Point, bestModel: LinearModel, isAtEdge: Bool) {
      self.curve = curve
      self.best = best
      self.bestModel = bestModel
      self.isAtEdge = isAtEdge
    }
  }

  /// Fits on the training samples and scores on the validation samples, one C after another.
  ///
  /// With the `converged` preset each fit begins at the solution of the next smaller C that is known, and is a draft: it ends at max|∂f|/N ≤ 1e-5 and 1e-5 from the
  /// minimum in place of 1e-6 and 1e-7, or after 1000 iterations, the paper's limit, and its summary says which. The
  /// fit with the best C is then finished. The other presets begin at zero, and what is fitted
  /// at the same time (the seven coarse points, then two and two) shares each pass over the features.
  ///
  /// - Parameters:
  ///   - checkpoints: of this training set and these options alone; a fit that is kept there is not made again.
  ///   - finishesBest: whether the best fit is final; false where one on other samples follows, for which it is a good start.
  ///   - score: the validation score of logits (validation samples × K).
  ///   - onFit: called after each fit.
  /// - Throws: what `LogisticRegression.fit` throws; `EvalError.usage` for a grid without points.
  package static func run(
    training: ProbeData, validation: ProbeData, grid: Grid, options: SolverOptions,
    checkpoints: (any FitCheckpoints)? = nil, finishesBest: Bool = true,
    score: (Matrix) throws -> Double,
    onFit: (Point) throws -> Void = { _ in }
  ) throws -> Result {
    var search = RunningSearch(
      solver: LazySolver(training, options: options), validation: validation, options: options,
      checkpoints: checkpoints)
    func scores(_ points: [Int]) throws -> [Double] {
      try search.fit(points.map(PaperGrid.value), score, onFit)
    }
    switch grid {
    case .paper: _ = try PaperGrid.halving(scores)
    case .flat: _ = try PaperGrid.all(scores)
    case .points(let values): _ = try search.fit(Set(values).sorted(), score, onFit)
    }
    return try search.result(isFinished: finishesBest)
  }
}

/// The solver, made when a fit is not among the checkpoints.
private final class LazySolver {
  private let training: ProbeData
  private let options: SolverOptions
  private var made: ProbeSolver?

  init(_ training: ProbeData, options: SolverOptions) {
    self.training = training
    self.options = options
  }

  /// Whether a model is of these classes and features.
  func fits(_ model: LinearModel) -> Bool {
    model.classCount == training.classCount && model.columns == training.columns
  }

  func solver() throws -> ProbeSolver {
    if let made { return made }
    let solver = try ProbeSolver(training, options: options)
    made = solver
    return solver
  }
}

private struct RunningSearch {
  let solver: LazySolver
  let validation: ProbeData
  let options: SolverOptions
  let checkpoints: (any FitCheckpoints)?
  /// By rising C.
  private var known: [Known] = []

  private struct Known {
    let point: CSearch.Point
    let model: LinearModel
    /// Of its checkpoint.
    let key: String
  }

  init(
    solver: LazySolver, validation: ProbeData, options: SolverOptions,
    checkpoints: (any FitCheckpoints)?
  ) {
    self.solver = solver
    self.validation = validation
    self.options = options
    self.checkpoints = checkpoints
  }

  /// Fits with each C, the smallest first, and gives their scores. Fits that begin at a neighbour's solution are made one after another, others share the
  /// passes over the features.
  mutating func fit(
    _ strengths: [Double], _ score: (Matrix) throws -> Double,
    _ onFit: (CSearch.Point) throws -> Void
  ) throws -> [Double] {
    for C in strengths { try LogisticRegression.check(C: C) }
    if options.preset == .converged {
      return try strengths.map { C in
        let start = known.last { $0.point.C < C }
        let key = Self.key(C, start: start)
        let fit =
          try kept(key)
          ?? made(key) {
            try solver.solver().fit([C], start: start?.model, isDraft: true)[0]
          }
        return try add(fit, key, score, onFit)
      }
    }
    var scores: [Double: Double] = [:]
    var missing: [Double] = []
    for C in strengths {
      let key = Self.key(C, start: nil)
      if let fit = try kept(key) {
        scores[C] = try add(fit, key, score, onFit)
      } else {
        missing.append(C)
      }
    }
    if !missing.isEmpty {
      // Each is kept as soon as it is done: an interruption costs those under way.
      _ = try solver.solver().fit(missing) { fit in
        let key = Self.key(fit.summary.C, start: nil)
        try checkpoints?.save(fit, key: key)
        scores[fit.summary.C] = try add(fit, key, score, onFit)
      }
    }
    return strengths.compactMap { scores[$0] }
  }

  /// Names all that a fit depends on besides data and options: where it began, which depends on where that fit began.
  private static func key(_ C: Double, start: Known?) -> String {
    let start = start.map { SHA256.hash($0.key).hex.prefix(16).description } ?? "none"
    return "solver \(LogisticRegression.revision) C=\(C) start=\(start)"
  }

  private func kept(_ key: String) throws -> Fit? {
    guard let fit = try checkpoints?.load(key), solver.fits(fit.model) else { return nil }
    return fit
  }

  private func made(_ key: String, _ fit: () throws -> Fit) throws -> Fit {
    let fit = try fit()
    try checkpoints?.save(fit, key: key)
    return fit
  }

  private mutating func add(
    _ fit: Fit, _ key: String, _ score: (Matrix) throws -> Double,
    _ onFit: (CSearch.Point) throws -> Void
  ) throws -> Double {
    let logits = try fit.model.logits(validation.features, threads: options.threads)
    let point = CSearch.Point(C: fit.summary.C, score: try score(logits), fit: fit.summary)
    let place = known.firstIndex { $0.point.C > point.C } ?? known.endIndex
    known.insert(Known(point: point, model: fit.model, key: key), at: place)
    try onFit(point)
    return point.score
  }

  func result(isFinished: Bool) throws -> CSearch.Result {
    let index = try bestIndex()
    var (best, model) = (known[index].point, known[index].model)
    if isFinished, options.preset == .converged {
      let key = Self.key(best.C, start: known[index]) + " final"
      let fit =
        try kept(key)
        ?? made(key) {
          try solver.solver().fit([best.C], start: model)[0]
        }
      (best.fit, model) = (fit.summary, fit.model)
    }
    return CSearch.Result(
      curve: known.map(\.point), best: best, bestModel: model,
      isAtEdge: known.count > 1 && (index == 0 || index == known.count - 1))
  }

  private func bestIndex() throws(EvalError) -> Int {
    guard var best = known.indices.first else {
      throw EvalError(.usage, "expected at least one C to try, found none")
    }
    for index in known.indices where known[index].point.score > known[best].point.score {
      best = index
    }
    return best
  }
}
