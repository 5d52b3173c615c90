/// A solver preset in numbers.
struct FitSettings {
  /// In the preset's own scaling of the gradient.
  var gradientTolerance: Double
  var decreaseTolerance: Double
  var excessTolerance: Double
  var maxIterations: Int
  var memory: Int
  var lineSearch: LineSearch.Settings
  /// The preset minimises the mean over samples rather than the sum.
  var isMean: Bool
  /// `gradientTolerance` is on max|∂f|/N.
  var isGradientMean: Bool
  /// Variables are scaled by an estimate of the curvature and the fit begins at the classes' shares; otherwise at zero, in float64.
  var isScaled: Bool

  /// - Parameter isDraft: of a search, where `converged` needs less (`CSearch`).
  init(_ options: SolverOptions, isDraft: Bool = false) {
    lineSearch = LineSearch.Settings()
    memory = 10
    decreaseTolerance = 0
    excessTolerance = .infinity
    switch options.preset {
    case .converged:
      gradientTolerance = isDraft ? 1e-5 : 1e-6
      excessTolerance = isDraft ? 1e-5 : 1e-7
      maxIterations = isDraft ? 1000 : 10_000
      (isMean, isGradientMean, isScaled) = (false, true, true)
      lineSearch.decrease = 1e-4
    case .paper:
      // SciPy's ftol default.
      gradientTolerance = 1e-4
      decreaseTolerance = 2.220446049250313e-09
      maxIterations = 1000
      (isMean, isGradientMean, isScaled) = (false, false, false)
    case .sklearn17:
      gradientTolerance = 1e-4
      decreaseTolerance = 64 * 2.220446049250313e-16
      maxIterations = 1000
      lineSearch.maxEvaluations = 50
      (isMean, isGradientMean, isScaled) = (true, true, false)
    }
    gradientTolerance = options.tolerance ?? gradientTolerance
    maxIterations = options.maxIterations ?? maxIterations
  }

  /// Iterations in float32: what has not converged by then is not held up by the time a pass takes.
  private static let mostFast = 1000

  func objectiveScale(_ sampleCount: Int) -> Double { isMean ? 1 / Double(sampleCount) : 1 }

  /// What max|∂f| is divided by before it is compared with `gradientTolerance`.
  func gradientUnit(_ sampleCount: Int) -> Double { isGradientMean ? Double(sampleCount) : 1 }

  /// - Parameter isExact: the objective comes in float64; in float32 its last digits are rounding.
  func optimizer(_ sampleCount: Int, isExact: Bool) -> LBFGS.Settings {
    var lineSearch = lineSearch
    if isScaled {
      lineSearch.noise = isExact ? 1e-13 : 1e-7
      if !isExact { lineSearch.maxEvaluations = 10 }
    }
    var settings = LBFGS.Settings(
      // What float32 calls small enough float64 is to confirm.
      gradientTolerance: isScaled && !isExact ? 0.9 * gradientTolerance : gradientTolerance,
      maxIterations: isExact || !isScaled ? maxIterations : min(maxIterations, Self.mostFast))
    settings.memory = memory
    settings.lineSearch = lineSearch
    settings.excessTolerance = excessTolerance
    settings.excessFloor = 1e-3 * Double(sampleCount)
    settings.decreaseTolerance = decreaseTolerance
    settings.startsWithUnitStep = !isScaled
    return settings
  }
}
