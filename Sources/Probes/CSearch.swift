import Core
package import LinearAlgebra

/// The paper's search for the strength of the regularisation (appendix A.3).
package enum CSearch {
  package enum Grid: Sendable, Hashable {
    /// Seven coarse points, 1e-6, 1e-4, … 1e6, then halving around the peak to 8 steps a decade: 15 fits.
    case paper
    /// All 97 points 10^(−6 + j/8).
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
    package var best: Point
    /// Of the best point, fitted on the training samples: where a refit on more samples may start.
    package var bestModel: LinearModel
    /// The peak is the lowest or highest C that was tried: a wider grid might hold a better one.
    package var isAtEdge: Bool

    package init(curve: [Point], best: Point, bestModel: LinearModel, isAtEdge: Bool) {
      self.curve = curve
      self.best = best
      self.bestModel = bestModel
      self.isAtEdge = isAtEdge
    }
  }

  /// - Parameters:
  ///   - score: the validation score of logits (validation samples × K).
  ///   - onFit: called after each fit.
  package static func run(
    training: ProbeData, validation: ProbeData, grid: Grid, options: SolverOptions,
    checkpoints: (any FitCheckpoints)? = nil, score: (Matrix) throws -> Double,
    onFit: (Point) -> Void = { _ in }
  ) throws -> Result {
    throw EvalError(.bug, "not there yet")
  }
}
