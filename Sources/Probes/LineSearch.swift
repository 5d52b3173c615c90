/// A search along a direction for a step that satisfies the strong Wolfe conditions (Moré and Thuente, ACM Transactions on Mathematical Software 20, 1994): what
/// SciPy's L-BFGS-B uses. The caller evaluates; the search says where.
package struct LineSearch {
  package struct Settings: Hashable {
    /// Sufficient decrease: f(α) ≤ f(0) + `decrease`·α·f′(0).
    package var decrease = 1e-3
    /// Curvature: |f′(α)| ≤ `curvature`·|f′(0)|.
    package var curvature = 0.9
    /// Relative width of the interval below which the search gives up.
    package var width = 0.1
    /// A value this close to f(0), as a share of |f(0)|, may be no more than rounding: the slope alone decides there
    /// (Hager and Zhang, SIAM Journal on Optimization 16, 2005). 0 for the textbook's conditions.
    package var noise = 0.0
    package var maxEvaluations = 20

    package init() {}
  }

  enum Outcome: Equatable {
    case evaluate(step: Double)
    case found
    /// No acceptable step: rounding, or the limit on evaluations.
    case failed
  }

  private(set) var step: Double
  private(set) var evaluations = 0

  private let settings: Settings
  private let value0: Double
  private let slope0: Double
  private let largest: Double
  private var isBracketed = false
  private var isFirstStage = true
  private var width: Double
  private var previousWidth: Double
  private var low: Trial
  private var high: Trial
  private var bounds: ClosedRange<Double>

  private struct Trial {
    var step: Double
    var value: Double
    var slope: Double
  }

  /// - Parameters:
  ///   - slope: along the direction at its beginning, below 0.
  ///   - step: the first one to try.
  init(value: Double, slope: Double, step: Double, largest: Double = 1e10, _ settings: Settings) {
    self.settings = settings
    value0 = value
    slope0 = slope
    self.step = step
    self.largest = largest
    width = largest
    previousWidth = 2 * largest
    low = Trial(step: 0, value: value, slope: slope)
    high = low
    bounds = 0...(step + 4 * step)
  }

  /// - Parameters:
  ///   - value: of the function at `step`.
  ///   - slope: along the direction there.
  mutating func next(value: Double, slope: Double) -> Outcome {
    evaluations += 1
    let test = settings.decrease * slope0
    let target = value0 + step * test
    if value.isFinite, slope.isFinite, abs(slope) <= -settings.curvature * slope0 {
      if value <= target { return .found }
      if settings.noise > 0, value <= value0 + settings.noise * abs(value0) { return .found }
    }
    if isFirstStage, value <= target, slope >= 0 { isFirstStage = false }
    if isBracketed, step <= bounds.lowerBound || step >= bounds.upperBound { return .failed }
    if isBracketed, bounds.upperBound - bounds.lowerBound <= settings.width * bounds.upperBound {
      return .failed
    }
    if step == largest, value <= target, slope <= test { return .found }
    guard evaluations < settings.maxEvaluations else { return .failed }
    guard value.isFinite, slope.isFinite else {
      // Overflow far out: come back.
      let shorter = low.step + (step - low.step) / 10
      high = Trial(step: step, value: .infinity, slope: 0)
      step = shorter
      return .evaluate(step: step)
    }

    if isFirstStage, value <= low.value, value > target {
      // The function less the line of sufficient decrease: its minimiser is what the first stage looks for.
      var trial = Trial(step: step, value: value - step * test, slope: slope - test)
      low.value -= low.step * test
      low.slope -= test
      high.value -= high.step * test
      high.slope -= test
      advance(&trial)
      low.value += low.step * test
      low.slope += test
      high.value += high.step * test
      high.slope += test
    } else {
      var trial = Trial(step: step, value: value, slope: slope)
      advance(&trial)
    }

    if isBracketed {
      if abs(high.step - low.step) >= 0.66 * previousWidth {
        step = low.step + 0.5 * (high.step - low.step)
      }
      previousWidth = width
      width = abs(high.step - low.step)
      bounds = min(low.step, high.step)...max(low.step, high.step)
    } else {
      let ahead = step - low.step
      let (near, far) = (step + 1.1 * ahead, step + 4 * ahead)
      bounds = min(near, far)...max(near, far)
    }
    step = min(max(step, 0), largest)
    let isNarrow =
      isBracketed
      && (step <= bounds.lowerBound || step >= bounds.upperBound
        || bounds.upperBound - bounds.lowerBound <= settings.width * bounds.upperBound)
    if isNarrow { step = low.step }
    return .evaluate(step: step)
  }

  /// The safeguarded cubic or quadratic step from the interval's ends and a trial, and the interval that follows.
  private mutating func advance(_ trial: inout Trial) {
    let isOpposite = trial.slope * (low.slope < 0 ? -1 : 1) < 0
    let next: Double
    if trial.value > low.value {
      // A higher value: the minimum is between; cubic, or the mean of it and the quadratic.
      let cubic = Self.cubic(low, trial, sign: trial.step < low.step ? -1 : 1)
      let quadratic =
        low.step
        + low.slope / ((low.value - trial.value) / (trial.step - low.step) + low.slope) / 2
        * (trial.step - low.step)
      next =
        abs(cubic - low.step) < abs(quadratic - low.step)
        ? cubic : cubic + (quadratic - cubic) / 2
      isBracketed = true
    } else if isOpposite {
      // A lower value and a slope of the other sign: the minimum is between.
      let cubic = Self.cubic(trial, low, sign: trial.step > low.step ? -1 : 1)
      let secant = trial.step + trial.slope / (trial.slope - low.slope) * (low.step - trial.step)
      next = abs(cubic - trial.step) > abs(secant - trial.step) ? cubic : secant
      isBracketed = true
    } else if abs(trial.slope) < abs(low.slope) {
      // A lower value, the same sign, a smaller slope: the cubic may have no minimum that way.
      let cubic = Self.extrapolatedCubic(
        low, trial, bounds: bounds, sign: trial.step > low.step ? -1 : 1)
      let secant = trial.step + trial.slope / (trial.slope - low.slope) * (low.step - trial.step)
      if isBracketed {
        let chosen = abs(cubic - trial.step) < abs(secant - trial.step) ? cubic : secant
        let limit = trial.step + 0.66 * (high.step - trial.step)
        next = trial.step > low.step ? min(limit, chosen) : max(limit, chosen)
      } else {
        let chosen = abs(cubic - trial.step) > abs(secant - trial.step) ? cubic : secant
        next = min(max(chosen, bounds.lowerBound), bounds.upperBound)
      }
    } else if isBracketed {
      // A lower value whose slope does not fall off: the cubic with the far end.
      next = Self.cubic(trial, high, sign: trial.step > high.step ? -1 : 1)
    } else {
      next = trial.step > low.step ? bounds.upperBound : bounds.lowerBound
    }
    if trial.value > low.value {
      high = trial
    } else {
      if isOpposite { high = low }
      low = trial
    }
    step = next
  }

  /// The minimiser of the cubic through two values and slopes, seen from `a`.
  private static func cubic(_ a: Trial, _ b: Trial, sign: Double) -> Double {
    let theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
    let scale = max(abs(theta), abs(a.slope), abs(b.slope))
    let root = max(0, (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale))
    let gamma = sign * scale * root.squareRoot()
    let p = (gamma - a.slope) + theta
    let q = ((gamma - a.slope) + gamma) + b.slope
    return a.step + p / q * (b.step - a.step)
  }

  /// The same beyond `trial`, where it has a minimum at all; else as far as the bounds let it.
  private static func extrapolatedCubic(
    _ low: Trial, _ trial: Trial, bounds: ClosedRange<Double>, sign: Double
  ) -> Double {
    let theta = 3 * (low.value - trial.value) / (trial.step - low.step) + low.slope + trial.slope
    let scale = max(abs(theta), abs(low.slope), abs(trial.slope))
    let root = max(
      0, (theta / scale) * (theta / scale) - (low.slope / scale) * (trial.slope / scale))
    let gamma = sign * scale * root.squareRoot()
    let p = (gamma - trial.slope) + theta
    let q = (gamma + (low.slope - trial.slope)) + gamma
    let r = p / q
    if r < 0, gamma != 0 { return trial.step + r * (low.step - trial.step) }
    return trial.step > low.step ? bounds.upperBound : bounds.lowerBound
  }
}
