import Core

/// Logistic regression with an L2 penalty, as scikit-learn's `LogisticRegression` and the paper's linear probes (§3.2, appendix A.3).
///
/// With features xᵢ ∈ ℝᴰ (row i of X), labels yᵢ ∈ {0 … K−1}, weights W (K × D) and intercepts b ∈ ℝᴷ it minimises
///
///     f(W, b) = Σᵢ [ log Σₖ exp(wₖ·xᵢ + bₖ) − (w_yᵢ·xᵢ + b_yᵢ) ] + ‖W‖² / (2C)
///
/// - C is the inverse strength of the penalty, λ = 1/C. Intercepts are not penalised.
/// - The loss is the sum over samples, as in scikit-learn up to 1.3; later versions divide f by N and have the same minimiser.
/// - Two classes have one weight vector w and the loss log(1 + exp(∓(w·x + b))), scikit-learn's default for them. Softmax over two vectors
///   would have its optimum at w/2 and −w/2, with half the penalty.
/// - Several labels a sample: one such loss for each class (one-vs-rest), all in one fit.
/// - Nothing is standardised or normalised.
///
/// `converged` works in float32 products with float64 sums, in coordinates in which the curvature is about the same in every direction. It ends when max|∂f|/N ≤
/// 1e-6 and f is within 1e-7 of its minimum (as a share of f, or of N/1000 where f is less): as strong convexity proves for small C, else as
/// the latest ten steps and the next one tell. The gradient is then confirmed in float64 on the features as given, and where float32's
/// last digits ended the progress sooner, the fit goes on in float64.
package enum LogisticRegression {
  /// Changes whenever the same samples and options give other numbers: fits of another revision that were kept are not used.
  package static let revision = 2

  /// - Parameters:
  ///   - C: above 0.
  ///   - start: where `converged` begins; the shares of the classes when nil. The other presets begin at zero.
  /// - Throws: `EvalError.usage` for a C that is not above 0 and finite, `.malformedData` when fewer than two classes have
  ///   samples, `.interrupted`.
  package static func fit(
    _ data: ProbeData, C: Double, options: SolverOptions, start: LinearModel? = nil
  ) throws -> Fit {
    try check(C: C)
    let clock = ContinuousClock()
    let begin = clock.now
    var fit = try ProbeSolver(data, options: options).fit([C], start: start)[0]
    fit.summary.seconds = (clock.now - begin).inSeconds
    return fit
  }

  static func check(C: Double) throws(EvalError) {
    guard C > 0, C.isFinite, (1 / C).isFinite else {
      throw EvalError(
        .usage, "expected C, the inverse strength of the regularisation, above 0, found \(C)",
        remedy: "The paper's search goes from 1e-6 to 1e6; C = 0.316 is its example.")
    }
  }
}
