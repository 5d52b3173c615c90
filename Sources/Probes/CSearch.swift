import Core
import Foundation
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

    /// `paper`, `flat`, or the values.
    package var text: String {
      switch self {
      case .paper: "paper"
      case .flat: "flat"
      case .points(let values): values.map { "\($0)" }.joined(separator: ",")
      }
    }
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
    /// Of the best point, fitted on the training samples: where a refit on more samples may start.
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

  /// The grid's finest step, in decades, and where it begins and ends.
  static let stepsPerDecade = 8
  static let exponents = -6...6

  /// C of the j-th of the grid's 97 points.
  static func strength(_ j: Int) -> Double {
    pow(10, Double(exponents.lowerBound) + Double(j) / Double(stepsPerDecade))
  }

  /// Fits on the training samples and scores on the validation samples, one C after another.
  ///
  /// With the `converged` preset each fit begins at the solution of the next smaller C that is known.
  ///
  /// - Parameters:
  ///   - checkpoints: of this training set and these options alone; a fit that is kept there is not made again.
  ///   - score: the validation score of logits (validation samples × K).
  ///   - onFit: called after each fit.
  /// - Throws: what `LogisticRegression.fit` throws; `EvalError.usage` for a grid without points.
  package static func run(
    training: ProbeData, validation: ProbeData, grid: Grid, options: SolverOptions,
    checkpoints: (any FitCheckpoints)? = nil, score: (Matrix) throws -> Double,
    onFit: (Point) throws -> Void = { _ in }
  ) throws -> Result {
    var search = RunningSearch(
      solver: LazySolver(training, options: options), training: training, validation: validation,
      options: options, checkpoints: checkpoints)
    switch grid {
    case .paper:
      let last = exponents.count * stepsPerDecade - stepsPerDecade
      var step = 2 * stepsPerDecade
      for j in stride(from: 0, through: last, by: step) {
        try onFit(search.fit(strength(j), score: score))
      }
      while step > 1 {
        step /= 2
        let peak = try search.best().C
        let j = Int(
          ((log10(peak) - Double(exponents.lowerBound)) * Double(stepsPerDecade)).rounded())
        for next in [j - step, j + step] where (0...last).contains(next) {
          try onFit(search.fit(strength(next), score: score))
        }
      }
    case .flat:
      for j in 0...(exponents.count - 1) * stepsPerDecade {
        try onFit(search.fit(strength(j), score: score))
      }
    case .points(let values):
      for C in Set(values).sorted() { try onFit(search.fit(C, score: score)) }
    }
    return try search.result()
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

  func solver() throws -> ProbeSolver {
    if let made { return made }
    let solver = try ProbeSolver(training, options: options)
    made = solver
    return solver
  }
}

private struct RunningSearch {
  let solver: LazySolver
  let training: ProbeData
  let validation: ProbeData
  let options: SolverOptions
  let checkpoints: (any FitCheckpoints)?
  private var known: [(point: CSearch.Point, model: LinearModel)] = []

  init(
    solver: LazySolver, training: ProbeData, validation: ProbeData, options: SolverOptions,
    checkpoints: (any FitCheckpoints)?
  ) {
    self.solver = solver
    self.training = training
    self.validation = validation
    self.options = options
    self.checkpoints = checkpoints
  }

  mutating func fit(_ C: Double, score: (Matrix) throws -> Double) throws -> CSearch.Point {
    try LogisticRegression.check(C: C)
    let start = known.last { $0.point.C < C }
    let key = "C=\(C) start=\(start.map { "\($0.point.C)" } ?? "none")"
    let fit: Fit
    if let kept = try checkpoints?.load(key) {
      fit = kept
    } else {
      fit = try solver.solver().fit([C], start: start?.model)[0]
      try checkpoints?.save(fit, key: key)
    }
    let logits = try fit.model.logits(validation.features, threads: options.threads)
    let point = CSearch.Point(C: C, score: try score(logits), fit: fit.summary)
    let place = known.firstIndex { $0.point.C > C } ?? known.endIndex
    known.insert((point, fit.model), at: place)
    return point
  }

  func best() throws(EvalError) -> CSearch.Point { try known[bestIndex()].point }

  func result() throws(EvalError) -> CSearch.Result {
    let index = try bestIndex()
    return CSearch.Result(
      curve: known.map(\.point), best: known[index].point, bestModel: known[index].model,
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
