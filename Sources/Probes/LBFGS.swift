/// Minimises a smooth function by the limited-memory BFGS method (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a strong-Wolfe line
/// search. The caller evaluates value and gradient at `point` and says them to `next`, so that several minimisations can share one pass over their data.
///
/// The two-loop recursion runs on inner products of the remembered vectors (Chen, Wang and Zhou, NIPS 2014): two passes over the memory an
/// iteration instead of four, each in parallel.
package final class LBFGS {
  package struct Settings: Hashable {
    /// Pairs of steps and gradient differences that are remembered.
    package var memory = 10
    package var lineSearch = LineSearch.Settings()
    /// On the caller's norm of the gradient.
    package var gradientTolerance: Double
    /// Also required where the gradient is small enough: how far the value may still lie above the minimum, as a share of itself. Shown
    /// by the caller's bound; or, as far as can be told without one, by ten steps that gained no more together and a next one
    /// that promises a hundredth of it, ½ gᵀHg.
    package var excessTolerance = Double.infinity
    /// The least value that share is taken of.
    package var excessFloor = 0.0
    /// Ends when the value falls by no more than this share of max(|f|, |f before|, 1); 0 never does.
    package var decreaseTolerance = 0.0
    package var maxIterations: Int
    /// The first step has length 1, as SciPy's; otherwise the variables are scaled so that the whole gradient is a good one.
    package var startsWithUnitStep = false

    package init(gradientTolerance: Double, maxIterations: Int) {
      self.gradientTolerance = gradientTolerance
      self.maxIterations = maxIterations
    }
  }

  package enum Stop: String {
    case gradient, decrease, iterations
    /// No step decreases the value any more: the arithmetic's last digits decide.
    case precision
  }

  package enum Request: Equatable {
    case evaluate
    case done(Stop)
  }

  /// Where to evaluate; once done, the minimiser.
  package private(set) var point: [Double]
  package private(set) var iterations = 0
  package private(set) var evaluations = 0
  /// At `point`, once done.
  package private(set) var value = Double.infinity
  package private(set) var gradientNorm = Double.infinity

  private var settings: Settings
  private var history: PairHistory
  private var base: [Double] = []
  private var gradient: [Double] = []
  private var direction: [Double] = []
  private var search: LineSearch?
  private let vectors: VectorWork
  /// The latest values, oldest first.
  private var values: [Double] = []
  /// The caller's bound at `base`.
  private var excessBound = Double.infinity

  package init(start: [Double], settings: Settings, threads: Int) {
    point = start
    self.settings = settings
    vectors = VectorWork(count: start.count, threads: threads)
    history = PairHistory(memory: settings.memory)
  }

  /// Goes on from `point` with values and gradients that are computed more exactly: what was learnt of the curvature stays.
  package func restate(_ settings: Settings) {
    self.settings = settings
    search = nil
    if !values.isEmpty { values.removeLast() }
  }

  /// - Parameters:
  ///   - value: at `point`.
  ///   - gradient: there.
  ///   - gradientNorm: of it, as `gradientTolerance` is meant.
  ///   - excessBound: what the value lies at most above the minimum.
  package func next(
    value: Double, gradient: [Double], gradientNorm: Double, excessBound: Double = .infinity
  ) throws -> Request {
    evaluations += 1
    func accept(previous step: Double?) throws -> Request {
      self.excessBound = excessBound
      return try self.accept(
        value: value, gradient: gradient, gradientNorm: gradientNorm, previous: step)
    }
    guard var search else { return try accept(previous: nil) }
    let slope = try vectors.dot(gradient, direction)
    let outcome = search.next(value: value, slope: slope)
    self.search = search
    switch outcome {
    case .evaluate(let step):
      try vectors.combine(base, step, direction, into: &point)
      return .evaluate
    case .found:
      return try accept(previous: search.step)
    case .failed where value < self.value:
      return try accept(previous: search.step)
    case .failed:
      point = base
      guard history.count > 0 else { return .done(.precision) }
      // What is remembered may mislead: once more from the gradient alone.
      history.removeAll()
      let request = try descend()
      if case .done = request { return .done(.precision) }
      return request
    }
  }

  private func accept(
    value: Double, gradient: [Double], gradientNorm: Double, previous step: Double?
  ) throws -> Request {
    let before = self.value
    if step != nil {
      iterations += 1
      try history.append(
        from: base, to: point, gradientFrom: self.gradient, gradientTo: gradient, vectors)
    }
    self.value = value
    self.gradient = gradient
    self.gradientNorm = gradientNorm
    base = point
    guard value.isFinite else { return .done(.precision) }
    values.append(value)
    if values.count > 11 { values.removeFirst() }
    if gradientNorm <= settings.gradientTolerance, excessBound <= excessLimit {
      return .done(.gradient)
    }
    if step != nil, settings.decreaseTolerance > 0 {
      let scale = max(abs(before), abs(value), 1)
      if before - value <= settings.decreaseTolerance * scale { return .done(.decrease) }
    }
    if iterations >= settings.maxIterations { return .done(.iterations) }
    return try descend()
  }

  private var excessLimit: Double {
    settings.excessTolerance == .infinity
      ? .infinity : settings.excessTolerance * max(value, settings.excessFloor)
  }

  /// Sets out from `base` along a new direction.
  private func descend() throws -> Request {
    var slope: Double
    (direction, slope) = try history.direction(gradient, vectors)
    if !(slope < 0), history.count > 0 {
      history.removeAll()
      (direction, slope) = try history.direction(gradient, vectors)
    }
    guard slope < 0 else { return .done(slope.isNaN ? .precision : .gradient) }
    if gradientNorm <= settings.gradientTolerance, -slope / 2 <= excessLimit / 100,
      values.count > 10, (values.first ?? .infinity) - value <= excessLimit
    {
      return .done(.gradient)
    }
    let length = (-slope).squareRoot()
    let step = settings.startsWithUnitStep && history.count == 0 ? 1 / length : 1
    search = LineSearch(value: value, slope: slope, step: step, settings.lineSearch)
    try vectors.combine(base, step, direction, into: &point)
    return .evaluate
  }
}
