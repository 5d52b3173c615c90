import Core
import Foundation
import LinearAlgebra

/// The fits of one training set: what depends on the features alone is made once for all of them, and fits made together share
/// each pass over the features.
final class ProbeSolver {
  private let data: ProbeData
  private let options: SolverOptions
  private let isScaled: Bool
  private let targets: TrainingTargets
  /// While float32 brings a fit forward; nil for presets that are float64 throughout.
  private let fast: Stage<Float>?
  /// Where it has to be exact.
  private let exact: Stage<Double>

  private struct Stage<Scalar: PassScalar> {
    let space: FitSpace
    let pass: LossPass<Scalar>
  }

  /// - Throws: `EvalError.malformedData` when fewer than two classes have samples.
  init(_ data: ProbeData, options: SolverOptions) throws {
    self.data = data
    self.options = options
    // The basis must not depend on how many threads BLAS has for it.
    BLAS.useThisThreadOnly()
    isScaled = FitSettings(options).isScaled
    targets = try TrainingTargets(data)
    let (targets, threads) = (self.targets, options.threads)
    let together = isScaled ? 1 : Self.together(targets)
    func stage<Scalar: PassScalar>(_ space: FitSpace, _ features: FeatureRows) -> Stage<Scalar> {
      Stage(
        space: space,
        pass: LossPass(
          features: features, targets: targets.pass, rowsPerProblem: targets.rows,
          problems: together, threads: threads))
    }
    guard isScaled else {
      fast = nil
      exact = stage(.plain(columns: data.columns), data.features)
      return
    }
    let isSmall = data.count * data.columns * targets.rows < Self.smallest
    if data.count < 3 * data.columns, let spanning = try Whitening.spanning(data.features) {
      fast = isSmall ? nil : stage(.spanned(spanning.whitening), spanning.features)
      exact = stage(.rotated(spanning.whitening), data.features)
    } else {
      let space = FitSpace.rotated(try Whitening(data.features))
      fast = isSmall ? nil : stage(space, data.features)
      exact = stage(space, data.features)
    }
  }

  /// Fits for several C at once.
  ///
  /// - Parameters:
  ///   - start: where all of them begin; the classes' shares (`converged`) or zero when nil, and zero with the other presets.
  ///   - isDraft: of a search: `converged` then stops sooner, and does not confirm in float64 where it did.
  ///   - onFit: is told of each as soon as it is done.
  func fit(
    _ strengths: [Double], start: LinearModel? = nil, isDraft: Bool = false,
    onFit: (Fit) throws -> Void = { _ in }
  ) throws -> [Fit] {
    let settings = FitSettings(options, isDraft: isDraft)
    // More rows make products no faster, and every fit under way has a history to keep.
    let together = Self.together(targets)
    var fits: [Fit] = []
    for first in stride(from: 0, to: strengths.count, by: together) {
      let part = strengths[first..<min(first + together, strengths.count)]
      fits += try fit(
        together: Array(part), start: start, settings, isDraft: isDraft, onFit: onFit)
    }
    return fits
  }

  private static func together(_ targets: TrainingTargets) -> Int { max(1, 2048 / targets.rows) }

  /// Multiplications of a product that float32 does not make faster by as much as its steps are less good.
  private static let smallest = 1_000_000

  private func fit(
    together strengths: [Double], start: LinearModel?, _ settings: FitSettings, isDraft: Bool,
    onFit: (Fit) throws -> Void
  ) throws -> [Fit] {
    let space = fast?.space ?? exact.space
    let problems = strengths.map { C in
      let begin = self.start(from: isScaled ? start : nil, in: space)
      return FitProblem(
        C: C, weights: begin.weights, intercepts: begin.intercepts, space: space,
        settings: settings, sampleCount: data.count, threads: options.threads)
    }
    if let fast {
      try run(problems, fast)
      // Where float32 got no further, or has to confirm what it found, float64 goes on.
      let open = problems.filter { problem in
        switch problem.stop {
        case .iterations: problem.iterations < settings.maxIterations
        case .precision: true
        default: !isDraft
        }
      }
      for problem in open { problem.continueExactly(in: exact.space) }
      try run(open, exact)
      for problem in problems { try onFit(fit(of: problem)) }
    } else {
      try run(problems, exact) { try onFit(fit(of: $0)) }
    }
    return problems.map(fit(of:))
  }

  private func fit(of problem: FitProblem) -> Fit {
    let plain = exact.space.model(weights: problem.weights, intercepts: problem.intercepts)
    return Fit(
      model: targets.model(weights: plain.weights, intercepts: plain.intercepts, data),
      summary: FitSummary(
        C: problem.C, objective: problem.objective, iterations: problem.iterations,
        evaluations: problem.evaluations, gradientNorm: problem.gradientNorm,
        converged: problem.stop == .gradient || problem.stop == .decrease,
        stop: (problem.stop ?? .precision).rawValue, seconds: problem.seconds))
  }

  private func start(
    from model: LinearModel?, in space: FitSpace
  ) -> (weights: [Double], intercepts: [Double]) {
    if let model {
      let plain = targets.coordinates(of: model)
      return space.coordinates(weights: plain.weights, intercepts: plain.intercepts)
    }
    let weights = [Double](repeating: 0, count: targets.rows * space.width)
    return (
      weights,
      isScaled ? targets.priorIntercepts : [Double](repeating: 0, count: targets.rows)
    )
  }

  /// Passes over the features until every problem is done.
  private func run<Scalar: PassScalar>(
    _ problems: [FitProblem], _ stage: Stage<Scalar>,
    onDone: (FitProblem) throws -> Void = { _ in }
  ) throws {
    let (space, pass) = (stage.space, stage.pass)
    let rows = targets.rows
    let clock = ContinuousClock()
    var active = problems
    while !active.isEmpty {
      try Interruption.check()
      let start = clock.now
      var weights: [Scalar] = []
      var bias: [Scalar] = []
      for problem in active {
        let arguments: (weights: [Scalar], bias: [Scalar]) = try space.passArguments(
          weights: problem.weights, intercepts: problem.intercepts, threads: options.threads)
        weights += arguments.weights
        bias += arguments.bias
      }
      let withCurvature = active.contains { $0.wantsCurvature }
      let sums = try pass.evaluate(weights: weights, bias: bias, withCurvature: withCurvature)
      let size = rows * space.passWidth
      for (index, problem) in active.enumerated() {
        let own = index * rows..<(index + 1) * rows
        try problem.take(
          loss: sums.losses[index], gradient: sums.gradient[index * size..<(index + 1) * size],
          biasGradient: sums.biasGradient[own],
          curvature: withCurvature ? sums.curvature[own] : [],
          passWeights: weights[index * size..<(index + 1) * size])
      }
      let share = (clock.now - start).inSeconds / Double(active.count)
      for problem in active { problem.seconds += share }
      for problem in active where problem.stop != nil { try onDone(problem) }
      active.removeAll { $0.stop != nil }
    }
  }
}
