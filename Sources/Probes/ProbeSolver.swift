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
  private let spaces: Spaces
  private let exactPass: LossPass<Double>
  private let fastPass: LossPass<Float>?

  /// The coordinates of the two stages: float32 while that brings the fit forward, then float64 where it has to.
  private struct Spaces {
    var fast: FitSpace?
    var exact: FitSpace
  }

  /// - Throws: `EvalError.malformedData` when fewer than two classes have samples.
  init(_ data: ProbeData, options: SolverOptions) throws {
    self.data = data
    self.options = options
    isScaled = FitSettings(options).isScaled
    targets = try TrainingTargets(data)
    let rows = targets.rows
    exactPass = LossPass(
      features: data.features, targets: targets.pass, rowsPerProblem: rows,
      threads: options.threads)
    guard isScaled else {
      spaces = Spaces(fast: nil, exact: .plain(columns: data.columns))
      fastPass = nil
      return
    }
    if data.count < 3 * data.columns,
      let spanning = try Whitening.spanning(data.features)
    {
      spaces = Spaces(fast: .spanned(spanning.whitening), exact: .rotated(spanning.whitening))
      fastPass = LossPass(
        features: spanning.features, targets: targets.pass, rowsPerProblem: rows,
        threads: options.threads)
    } else {
      let space = FitSpace.rotated(try Whitening(data.features))
      spaces = Spaces(fast: space, exact: space)
      fastPass = LossPass(
        features: data.features, targets: targets.pass, rowsPerProblem: rows,
        threads: options.threads)
    }
  }

  /// Fits for several C at once.
  ///
  /// - Parameters:
  ///   - start: where all of them begin; the classes' shares (`converged`) or zero when nil, and zero with the other presets.
  ///   - isDraft: of a search: `converged` then stops sooner, and does not confirm in float64 where it did.
  func fit(
    _ strengths: [Double], start: LinearModel? = nil, isDraft: Bool = false
  ) throws -> [Fit] {
    let settings = FitSettings(options, isDraft: isDraft)
    // More rows make products no faster, and every fit under way has a history to keep.
    let together = max(1, Self.mostRows / targets.rows)
    var fits: [Fit] = []
    for first in stride(from: 0, to: strengths.count, by: together) {
      let part = strengths[first..<min(first + together, strengths.count)]
      fits += try fit(together: Array(part), start: start, settings, isDraft: isDraft)
    }
    return fits
  }

  private static let mostRows = 2048

  private func fit(
    together strengths: [Double], start: LinearModel?, _ settings: FitSettings, isDraft: Bool
  ) throws -> [Fit] {
    let space = spaces.fast ?? spaces.exact
    let problems = strengths.map { C in
      let begin = self.start(from: isScaled ? start : nil, in: space)
      return FitProblem(
        C: C, weights: begin.weights, intercepts: begin.intercepts, space: space,
        settings: settings, sampleCount: data.count, threads: options.threads)
    }
    if let fastPass {
      try run(problems, fastPass, space)
      // The conditions are confirmed, or met, in float64 on the features as they were given.
      let open = isDraft ? [] : problems.filter { $0.stop != .iterations }
      for problem in open { problem.continueExactly(in: spaces.exact) }
      try run(open, exactPass, spaces.exact)
    } else {
      try run(problems, exactPass, space)
    }
    return problems.map { problem in
      let plain = spaces.exact.model(weights: problem.weights, intercepts: problem.intercepts)
      return Fit(
        model: targets.model(weights: plain.weights, intercepts: plain.intercepts, data),
        summary: FitSummary(
          C: problem.C, objective: problem.objective, iterations: problem.iterations,
          evaluations: problem.evaluations, gradientNorm: problem.gradientNorm,
          converged: problem.stop == .gradient || problem.stop == .decrease,
          stop: (problem.stop ?? .precision).rawValue, seconds: problem.seconds))
    }
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
    _ problems: [FitProblem], _ pass: LossPass<Scalar>, _ space: FitSpace
  ) throws {
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
      active.removeAll { $0.stop != nil }
    }
  }
}
