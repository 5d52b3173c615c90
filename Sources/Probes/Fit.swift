/// When L-BFGS is done.
package enum SolverPreset: String, Codable, CaseIterable, Sendable {
  /// At the optimum: max|∂f|/N below a tolerance, however many iterations it takes; may start from another C's solution.
  case converged
  /// What the paper's scikit-learn did: start at zero, float64, the sum of losses, max|∂f| ≤ 1e-4 or a relative decrease of the objective
  /// below 2.2e-9, 1000 iterations.
  case paper
  /// scikit-learn 1.7: start at zero, float64, the mean of losses, max|∂f|/N ≤ 1e-4 or a relative decrease below 64 ulp, 1000 iterations.
  case sklearn17 = "sklearn-1.7"
}

package struct SolverOptions: Sendable, Hashable {
  package var preset: SolverPreset
  /// The preset's own when nil.
  package var maxIterations: Int?
  /// On the gradient, in the preset's scaling; the preset's own when nil.
  package var tolerance: Double?
  package var threads: Int

  package init(
    preset: SolverPreset = .converged, maxIterations: Int? = nil, tolerance: Double? = nil,
    threads: Int
  ) {
    self.preset = preset
    self.maxIterations = maxIterations
    self.tolerance = tolerance
    self.threads = threads
  }
}

/// How a fit ended. Its keys are those of `probe --json`.
package struct FitSummary: Codable, Sendable, Equatable {
  package var C: Double
  /// Σᵢ cross-entropyᵢ + ‖W‖² / (2C), natural logarithm; intercepts are free.
  package var objective: Double
  package var iterations: Int
  /// Passes over the features for this fit's objective and gradient.
  package var evaluations: Int
  /// max|∂objective| / N over weights and intercepts: the residual of the optimality (KKT) conditions.
  package var gradientNorm: Double
  /// By the preset's own test.
  package var converged: Bool
  /// Which test ended it: `gradient`, `decrease`, `iterations`, `precision`.
  package var stop: String
  package var seconds: Double

  package init(
    C: Double, objective: Double, iterations: Int, evaluations: Int, gradientNorm: Double,
    converged: Bool, stop: String, seconds: Double
  ) {
    self.C = C
    self.objective = objective
    self.iterations = iterations
    self.evaluations = evaluations
    self.gradientNorm = gradientNorm
    self.converged = converged
    self.stop = stop
    self.seconds = seconds
  }
}

package struct Fit: Sendable, Equatable {
  package var model: LinearModel
  package var summary: FitSummary

  package init(model: LinearModel, summary: FitSummary) {
    self.model = model
    self.summary = summary
  }
}

/// Where finished fits are kept, so that a search goes on where it was interrupted.
package protocol FitCheckpoints: Sendable {
  func load(_ key: String) throws -> Fit?
  func save(_ fit: Fit, key: String) throws
}
