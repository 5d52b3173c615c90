/// Minimises a smooth function by the limited-memory BFGS method (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a strong-Wolfe line
/// search. The caller evaluates value and gradient at `point` and says them to `next`, so that several minimisations can share one pass over their data.
///
/// The two-loop recursion runs on inner products of the remembered vectors (Chen, Wang and Zhou, NIPS 2014): two passes over the memory an
/// iteration instead of four, each in parallel.
final class LBFGS {
  struct Settings: Hashable {
    /// Pairs of steps and gradient differences that are remembered.
    var memory = 10
    var lineSearch = LineSearch.Settings()
    /// On the caller's norm of the gradient.
    var gradientTolerance: Double
    /// Also required where the gradient is small enough: the decrease that the next step promises, ½ gᵀHg, as a share of the value.
    var promiseTolerance = Double.infinity
    /// The least value that share is taken of.
    var promiseFloor = 0.0
    /// Ends when the value falls by no more than this share of max(|f|, |f before|, 1); 0 never does.
    var decreaseTolerance = 0.0
    var maxIterations: Int
    /// The first step has length 1, as SciPy's; otherwise the variables are scaled so that the whole gradient is a good one.
    var startsWithUnitStep = false
  }

  enum Stop: String {
    case gradient, decrease, iterations
    /// No step decreases the value any more: the arithmetic's last digits decide.
    case precision
  }

  enum Request: Equatable {
    case evaluate
    case done(Stop)
  }

  /// Where to evaluate; once done, the minimiser.
  private(set) var point: [Double]
  private(set) var iterations = 0
  private(set) var evaluations = 0
  /// At `point`, once done.
  private(set) var value = Double.infinity
  private(set) var gradientNorm = Double.infinity

  private let settings: Settings
  private var history: PairHistory
  private var base: [Double] = []
  private var gradient: [Double] = []
  private var direction: [Double] = []
  private var search: LineSearch?
  private let vectors: VectorWork

  init(start: [Double], settings: Settings, threads: Int) {
    point = start
    self.settings = settings
    vectors = VectorWork(count: start.count, threads: threads)
    history = PairHistory(memory: settings.memory)
  }

  /// - Parameters:
  ///   - value: at `point`.
  ///   - gradient: there.
  ///   - gradientNorm: of it, as `gradientTolerance` is meant.
  func next(value: Double, gradient: [Double], gradientNorm: Double) throws -> Request {
    evaluations += 1
    guard var search else {
      return try accept(value: value, gradient: gradient, gradientNorm: gradientNorm, previous: nil)
    }
    let slope = try vectors.dot(gradient, direction)
    let outcome = search.next(value: value, slope: slope)
    self.search = search
    switch outcome {
    case .evaluate(let step):
      try vectors.combine(base, step, direction, into: &point)
      return .evaluate
    case .found:
      return try accept(
        value: value, gradient: gradient, gradientNorm: gradientNorm, previous: search.step)
    case .failed where value < self.value:
      return try accept(
        value: value, gradient: gradient, gradientNorm: gradientNorm, previous: search.step)
    case .failed:
      point = base
      guard history.count > 0 else { return .done(.precision) }
      // What is remembered may mislead: once more from the gradient alone.
      history.removeAll()
      return try descend()
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
    if gradientNorm <= settings.gradientTolerance, settings.promiseTolerance == .infinity {
      return .done(.gradient)
    }
    if step != nil, settings.decreaseTolerance > 0 {
      let scale = max(abs(before), abs(value), 1)
      if before - value <= settings.decreaseTolerance * scale { return .done(.decrease) }
    }
    if iterations >= settings.maxIterations { return .done(.iterations) }
    return try descend()
  }

  /// Sets out from `base` along a new direction.
  private func descend() throws -> Request {
    var slope: Double
    (direction, slope) = try history.direction(gradient, vectors)
    if !(slope < 0), history.count > 0 {
      history.removeAll()
      (direction, slope) = try history.direction(gradient, vectors)
    }
    guard slope < 0 else { return .done(.gradient) }
    if gradientNorm <= settings.gradientTolerance,
      -slope / 2 <= settings.promiseTolerance * max(value, settings.promiseFloor)
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
