import CKernels

/// One fit under way: a C, its variables, and what L-BFGS makes of them. It says where the objective is wanted and takes
/// what a pass over the features found there.
final class FitProblem {
  let C: Double
  /// Weights (rows × width of the space) and intercepts, in the space's coordinates, where the objective is wanted next; of the minimiser once done.
  private(set) var weights: [Double]
  private(set) var intercepts: [Double]
  private(set) var stop: LBFGS.Stop?
  /// Of the whole objective, at the point evaluated last.
  private(set) var objective = Double.infinity
  /// max|∂f| / N there.
  private(set) var gradientNorm = Double.infinity
  private(set) var iterations = 0
  private(set) var evaluations = 0
  var seconds = 0.0

  private var space: FitSpace
  private let settings: FitSettings
  private let sampleCount: Int
  private let threads: Int
  /// What a variable is multiplied by to give a weight, rows × width, and to give an intercept; empty where they are the same.
  private var scales: [Double] = []
  private var interceptScales: [Double] = []
  private var optimizer: LBFGS?

  init(
    C: Double, weights: [Double], intercepts: [Double], space: FitSpace, settings: FitSettings,
    sampleCount: Int, threads: Int
  ) {
    self.C = C
    self.weights = weights
    self.intercepts = intercepts
    self.space = space
    self.settings = settings
    self.sampleCount = sampleCount
    self.threads = threads
  }

  var rows: Int { intercepts.count }

  /// Whether the first pass is to measure Σ p (1 − p), by which variables are scaled.
  var wantsCurvature: Bool { settings.isScaled && optimizer == nil }

  /// From here on in another space with the same coordinates and in float64, from where the last one ended.
  func continueExactly(in space: FitSpace) {
    self.space = space
    optimizer?.restate(settings.optimizer(sampleCount, isExact: true))
    stop = nil
  }

  /// - Parameters:
  ///   - loss: without regularisation, at the weights asked for.
  ///   - gradient: of it, rows × the pass's width.
  ///   - curvature: Σ p (1 − p) a row, where it was wanted.
  ///   - passWeights: what the pass was called with.
  func take<Scalar: PassScalar>(
    loss: Double, gradient: ArraySlice<Double>, biasGradient: ArraySlice<Double>,
    curvature: ArraySlice<Double>, passWeights: ArraySlice<Scalar>
  ) throws {
    evaluations += 1
    var direction = try space.gradient(
      gradient, bias: biasGradient, as: Scalar.self, threads: threads)
    let squares = dot(weights, weights)
    direction.withUnsafeMutableBufferPointer { to in
      guard let to = to.baseAddress else { return }
      ck_add_scaled_f64(1 / C, weights, to, weights.count)
    }
    let value = loss + squares / (2 * C)
    func norm(isExact: Bool) -> Double {
      space.gradientNorm(
        direction, bias: biasGradient, passGradient: gradient, passWeights: passWeights, C: C,
        isExact: isExact)
    }
    if optimizer == nil {
      begin(curvature: Array(curvature), isExact: Scalar.self == Double.self)
    }
    guard let optimizer else { return }
    let excess = excessBound(direction, biasGradient)
    var whole = direction + biasGradient
    let scale = settings.objectiveScale(sampleCount)
    scaled(&whole, by: scale)
    let request = try optimizer.next(
      value: value * scale, gradient: whole,
      gradientNorm: norm(isExact: false) / settings.gradientUnit(sampleCount),
      excessBound: excess * scale)
    iterations = optimizer.iterations
    setPoint(optimizer.point)
    if case .done(let stop) = request {
      self.stop = stop
      objective = optimizer.value / scale
      // Of the point evaluated last, where the fit ends unless it went back to the one before.
      gradientNorm =
        (stop == .precision
          ? optimizer.gradientNorm * settings.gradientUnit(sampleCount) : norm(isExact: true))
        / Double(sampleCount)
    }
  }

  private func begin(curvature: [Double], isExact: Bool) {
    if settings.isScaled {
      let variances = space.variances
      let n = Double(sampleCount)
      // Of a class that no sample is uncertain about little is known: what it would be with one such sample in a thousand.
      let share = curvature.map { max($0 / n, 1e-3 / n, 1e-12) }
      scales = []
      scales.reserveCapacity(weights.count)
      for h in share {
        for variance in variances { scales.append(1 / (n * variance * h + 1 / C).squareRoot()) }
      }
      interceptScales = share.map { 1 / (n * $0).squareRoot() }
    }
    var start = weights + intercepts
    for i in scales.indices { start[i] /= scales[i] }
    for i in interceptScales.indices { start[weights.count + i] /= interceptScales[i] }
    optimizer = LBFGS(
      start: start, settings: settings.optimizer(sampleCount, isExact: isExact), threads: threads)
  }

  /// At most so much does the objective exceed its minimum: its curvature along weights is 1/C or more, and along the intercepts taken to be what it
  /// was at the beginning.
  private func excessBound(_ gradient: [Double], _ biasGradient: ArraySlice<Double>) -> Double {
    guard settings.isScaled else { return .infinity }
    var bound = C * dot(gradient, gradient) / 2
    for (value, scale) in zip(biasGradient, interceptScales) {
      bound += value * value * scale * scale / 2
    }
    return bound
  }

  private func setPoint(_ point: [Double]) {
    var values = point
    scaled(&values, by: 1)
    weights = Array(values[..<weights.count])
    intercepts = Array(values[weights.count...])
  }

  /// Weights' values and then intercepts', each times its scale and `factor`.
  private func scaled(_ values: inout [Double], by factor: Double) {
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      guard !scales.isEmpty else {
        if factor != 1 { for i in buffer.indices { buffer[i] *= factor } }
        return
      }
      ck_multiply_f64(factor, base, scales, base, scales.count)
      let rest = base + scales.count
      ck_multiply_f64(factor, rest, interceptScales, rest, interceptScales.count)
    }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { ck_dot_f64(a, b, a.count) }
}
