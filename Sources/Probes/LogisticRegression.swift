import Core

/// Multinomial logistic regression.
package enum LogisticRegression {
  /// - Parameters:
  ///   - C: inverse strength of the regularisation, above 0.
  ///   - start: where to begin; zero when nil, and with the presets that begin there.
  /// - Throws: `EvalError.usage` for a C that is not above 0 and finite, `.malformedData` when fewer than two classes have
  ///   samples, `.interrupted`.
  package static func fit(
    _ data: ProbeData, C: Double, options: SolverOptions, start: LinearModel? = nil
  ) throws -> Fit {
    throw EvalError(.bug, "not there yet")
  }
}
