import ArgumentParser
import Core
import Foundation
import LinearAlgebra
import Metrics
import Probes

struct MeasureProbe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Fits probes to a file of make-probe-data.py, as probes.py asks for.")

  enum What: String, ExpressibleByArgument, CaseIterable {
    /// The two products of an evaluation alone.
    case gemm
    /// Seconds per evaluation of the objective and its gradient.
    case evaluation
    case fit
    /// The paper's search for C.
    case search
    /// 1, 2, 4, 8 and 16 shots × seeds × (the search and a refit).
    case fewShot = "few-shot"
  }

  @Argument var what: What

  @Option(help: "A file of make-probe-data.py.")
  var data: String

  @Option(name: .customLong("C"))
  var strength = 0.316

  @Option(help: "Worker threads.")
  var threads = 2

  @Option var preset = SolverPreset.converged

  @Option(help: "Of a fit at most; the preset's own number otherwise.")
  var iterations: Int?

  @Option(help: "How long products are repeated.")
  var seconds = 2.0

  @Option(help: "Of the few-shot sweep.")
  var seeds = 3

  private struct Report: Encodable {
    var program = "clip-eval"
    let problem: String
    let what: String
    let threads: Int
    var seconds: Double
    var evaluations: Int
    @ExplicitNull var objective: Double?
    @ExplicitNull var gradientNorm: Double?
    var iterations: Int?
    var converged: Bool?
    var stop: String?
    /// With what is made once for all fits of a training set.
    var fitSeconds: Double?
    var secondsFloat64: Double?
    var C: Double?
    /// On the validation samples.
    var score: Double?
    var fits: Int?
    var curve: [[Double]]?
    var seeds: Int?
    var scores: [String: [Double]]?
  }

  private var options: SolverOptions {
    SolverOptions(preset: preset, maxIterations: iterations, threads: threads)
  }

  func run() throws {
    let problem = try BenchmarkProblem(URL(filePath: data))
    var report = Report(
      problem: problem.name, what: what.rawValue, threads: threads, seconds: 0, evaluations: 0)
    switch what {
    case .gemm: try gemm(problem, &report)
    case .evaluation: try evaluation(problem, &report)
    case .fit: try fit(problem, &report)
    case .search: try search(problem, &report)
    case .fewShot: try fewShot(problem, &report)
    }
    try ClipEvalBench.report(report)
  }

  private func gemm(_ problem: BenchmarkProblem, _ report: inout Report) throws {
    report.seconds = try ProbeProducts<Float>(problem.training).fastest(
      threads: threads, seconds: seconds)
    report.secondsFloat64 = try ProbeProducts<Double>(problem.training).fastest(
      threads: threads, seconds: seconds)
    report.evaluations = 1
  }

  /// Without what is made before the first evaluation, as the peers' seconds are those in their minimiser.
  private func evaluation(_ problem: BenchmarkProblem, _ report: inout Report) throws {
    let start = ContinuousClock.now
    let row = problem.training.selecting([0])
    let result = try CSearch.run(
      training: problem.training, validation: row, grid: .points([strength]), options: options,
      finishesBest: false, score: { _ in 0 })
    report.fitSeconds = (ContinuousClock.now - start).inSeconds
    take(result.best.fit, &report)
    report.seconds = result.best.fit.seconds / Double(result.best.fit.evaluations)
  }

  private func fit(_ problem: BenchmarkProblem, _ report: inout Report) throws {
    take(
      try LogisticRegression.fit(problem.training, C: strength, options: options).summary, &report)
  }

  private func take(_ fit: FitSummary, _ report: inout Report) {
    report.seconds = fit.seconds
    report.evaluations = fit.evaluations
    report.objective = fit.objective
    report.gradientNorm = fit.gradientNorm
    report.iterations = fit.iterations
    report.converged = fit.converged
    report.stop = fit.stop
    report.C = fit.C
  }

  private func search(_ problem: BenchmarkProblem, _ report: inout Report) throws {
    guard let validation = problem.validation else {
      throw EvalError(.usage, "holds no validation_features", subject: data)
    }
    let start = ContinuousClock.now
    let result = try search(problem.training, validation, finishesBest: true)
    report.seconds = (ContinuousClock.now - start).inSeconds
    report.evaluations = result.curve.reduce(0) { $0 + $1.fit.evaluations }
    report.fits = result.curve.count
    report.C = result.best.C
    report.score = result.best.score
    report.curve = result.curve.map { [$0.C, $0.score] }
  }

  private func search(
    _ training: ProbeData, _ validation: ProbeData, finishesBest: Bool
  ) throws -> CSearch.Result {
    try Self.search(training, validation, finishesBest: finishesBest, options)
  }

  private static func search(
    _ training: ProbeData, _ validation: ProbeData, finishesBest: Bool, _ options: SolverOptions
  ) throws -> CSearch.Result {
    try CSearch.run(
      training: training, validation: validation, grid: .paper, options: options,
      finishesBest: finishesBest,
      score: { try ProbeScore.value(logits: $0, labels: validation.labels, metric: .accuracy) })
  }

  private struct Draw: Sendable {
    let shots: Int
    let training: ProbeData
    let validation: ProbeData
  }

  private func fewShot(_ problem: BenchmarkProblem, _ report: inout Report) throws {
    let start = ContinuousClock.now
    var draws: [Draw] = []
    for shots in FewShotSampler.paperShots {
      for seed in 0..<seeds {
        draws.append(
          Draw(
            shots: shots,
            training: problem.training.selecting(try problem.rows("rows", shots, seed)),
            validation: problem.training.selecting(try problem.rows("validation", shots, seed))))
      }
    }
    let found = try FitSweep.run(
      draws, on: \.training, options: options
    ) { draw, options in
      let result = try Self.search(
        draw.training, draw.validation, finishesBest: false, options)
      let last = try LogisticRegression.fit(
        draw.training.joined(with: draw.validation), C: result.best.C, options: options,
        start: result.bestModel)
      return (result, last.summary)
    }
    var scores: [String: [Double]] = [:]
    for (draw, (result, last)) in zip(draws, found) {
      report.evaluations +=
        result.curve.reduce(0) { $0 + $1.fit.evaluations } + last.evaluations
      scores["\(draw.shots)", default: []].append(result.best.score)
    }
    report.seconds = (ContinuousClock.now - start).inSeconds
    report.fits = found.reduce(0) { $0 + $1.0.curve.count + 1 }
    report.seeds = seeds
    report.scores = scores
  }
}

extension SolverPreset: ExpressibleByArgument {}
