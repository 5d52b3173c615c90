import Core
import Foundation
import Metrics
import Probes
import Reporting
import Statistics

extension ProbeWork {
  /// For each number of examples a class and each seed 1, 2, … a probe on the examples drawn, and nothing else: those C is chosen with
  /// are not trained on.
  /// - Parameter C: nil for a search.
  func fewShot(_ shots: [Int], seeds: Int, C: Double?) throws -> FewShotResult {
    let training = inputs.training
    guard let strata = try strata(training) else {
      throw EvalError(
        .usage, "--shots is for samples of one class each", subject: training.path)
    }
    let sampler = FewShotSampler(strata, subject: training.path)
    let selection = C != nil ? "fixed" : inputs.validation != nil ? "validation" : "few-shot"
    // All are drawn first: what cannot be drawn is told before the first fit.
    let draws = try shots.map { shots in
      try (1...seeds).map { seed in
        try sampler.split(
          shots: shots, seed: UInt64(seed), validation: selection == "few-shot" ? .training : .none)
      }
    }
    for ofShots in draws { tell(ofShots, selection) }
    let chosen: [Choice]
    do {
      chosen = try choose(draws.flatMap(\.self), C: C)
    } catch let error as EvalError where error.kind == .interrupted {
      throw EvalError(
        .interrupted, "interrupted; of fits with --shots nothing is kept",
        remedy: "A suite's few-shot probes are kept one by one.")
    }
    var fitted = zip(draws.flatMap(\.self), chosen).makeIterator()
    let points = try draws.map { ofShots in
      let runs = try ofShots.compactMap { _ in try fitted.next().map(scored) }
      let atEdge = runs.count { $0.isAtEdge == true }
      if atEdge > 0 {
        Terminal.error(
          "warning: \(ofShots[0].shots)-shot: the best C of \(atEdge) of \(runs.count) seeds is at the edge of the grid: a better one may lie beyond"
        )
      }
      return FewShotResult.Point(
        shots: ofShots[0].shots, shortClasses: ofShots[0].shortClasses.count, runs: runs)
    }
    return FewShotResult(
      inputs: inputs, metric: metric, solver: options.preset.rawValue, selection: selection,
      generator: ClassStrata.generator, chance: points.first?.runs.first?.chance, points: points)
  }

  private func tell(_ draws: [FewShotSplit], _ selection: String) {
    guard let draw = draws.first else { return }
    if let first = draw.shortClasses.first {
      Terminal.error(
        "warning: \(draw.shortClasses.count) classes have fewer than \(draw.shots) examples and give all they have; the first is \(first.id) with \(first.available)"
      )
    }
    if selection == "few-shot", let first = draw.classesWithoutValidation.first {
      Terminal.error(
        "warning: with \(draw.shots) examples a class, \(draw.classesWithoutValidation.count) classes have none left to choose C with; the first is \(first)"
      )
    }
  }

  /// What was found for a draw before the test samples are looked at.
  private struct Choice: Sendable {
    let fit: Fit
    /// Nil where C is given.
    let search: CSearch.Result?
  }

  private func choose(_ draws: [FewShotSplit], C: Double?) throws -> [Choice] {
    let work = try draws.map { draw in
      (
        name: Self.name(draw), training: inputs.training.data.selecting(draw.trainRows),
        validation: C == nil ? try validation(draw) : nil
      )
    }
    let (grid, metric, note) = (grid, metric, note)
    return try FitSweep.run(work, on: \.training, options: options) { item, options in
      let choice: Choice
      if let C {
        choice = Choice(
          fit: try LogisticRegression.fit(item.training, C: C, options: options), search: nil)
      } else if let validation = item.validation {
        let found = try CSearch.run(
          training: item.training, validation: validation, grid: grid, options: options,
          score: { try ProbeScore.value(logits: $0, labels: validation.labels, metric: metric) })
        choice = Choice(
          fit: Fit(model: found.bestModel, summary: found.best.fit), search: found)
      } else {
        throw EvalError(.bug, "a search without validation samples")
      }
      let summary = choice.fit.summary
      note("\(item.name): C = \(Self.text(summary.C)), \(Self.text(summary))")
      return choice
    }
  }

  private func validation(_ draw: FewShotSplit) throws -> ProbeData {
    if let given = inputs.validation { return given.data }
    guard !draw.validationRows.isEmpty else {
      throw EvalError(
        .malformedData,
        "no sample is left to choose C with beside \(draw.shots) examples of each class",
        subject: inputs.training.path,
        remedy: "Ask for fewer --shots, name a --val file, or fix C with --C.")
    }
    return inputs.training.data.selecting(draw.validationRows)
  }

  private static func name(_ draw: FewShotSplit) -> String {
    "\(draw.shots)-shot, seed \(draw.seed.map { "\($0)" } ?? "unknown")"
  }

  private func scored(_ draw: FewShotSplit, _ choice: Choice) throws -> FewShotResult.Run {
    let (fit, search) = (choice.fit, choice.search)
    warnOfConvergence(fit.summary, "\(Self.name(draw)): ")
    let logits = try fit.model.logits(inputs.test.data.features, threads: options.threads)
    let score = try ProbeTestScore(logits, of: inputs.test, metric: metric)
    note("\(Self.name(draw)): \(metric.rawValue) \(Percent.text(score.value))")
    return FewShotResult.Run(
      seed: draw.seed, trainingSamples: draw.trainRows.count,
      selectionSamples: search == nil
        ? nil : inputs.validation?.count ?? draw.validationRows.count,
      accuracy: score.accuracy, value: score.value, interval95: score.interval95,
      intervalMethod: score.intervalMethod,
      curve: search?.curve.map { .init(C: $0.C, score: $0.score) }, isAtEdge: search?.isAtEdge,
      chance: score.chance, fit: fit.summary)
  }
}

/// Few-shot probes: of each number of examples those of all seeds, and their mean.
struct FewShotResult {
  /// One draw of the examples.
  struct Run {
    struct Step: Codable, Sendable {
      let C: Double
      let score: Double
    }

    let seed: UInt64?
    let trainingSamples: Int
    let selectionSamples: Int?
    let accuracy: Double?
    let value: Double?
    let interval95: Interval?
    let intervalMethod: String?
    let curve: [Step]?
    let isAtEdge: Bool?
    let chance: Double?
    let fit: FitSummary
  }

  struct Point {
    let shots: Int
    /// Classes with fewer examples.
    let shortClasses: Int
    let runs: [Run]

    var summary: SeedSummary? {
      SeedSummary(
        runs.compactMap(\.value), testIntervals: runs.map(\.interval95),
        testMethod: runs.first?.intervalMethod)
    }
  }

  let inputs: ProbeInputs
  let metric: MetricName
  let solver: String
  let selection: String
  let generator: String
  let chance: Double?
  let points: [Point]

  private struct RunDocument: Encodable {
    @ExplicitNull var seed: UInt64?
    let trainingSamples: Int
    @ExplicitNull var selectionSamples: Int?
    @ExplicitNull var accuracy: Double?
    @ExplicitNull var value: Double?
    @ExplicitNull var interval95: Interval?
    @ExplicitNull var intervalMethod: String?
    @ExplicitNull var curve: [Run.Step]?
    @ExplicitNull var isAtEdge: Bool?

    init(_ run: Run) {
      seed = run.seed
      trainingSamples = run.trainingSamples
      selectionSamples = run.selectionSamples
      accuracy = run.accuracy
      value = run.value
      interval95 = run.interval95
      intervalMethod = run.intervalMethod
      curve = run.curve
      isAtEdge = run.isAtEdge
    }
  }

  private struct PointDocument: Encodable {
    let shots: Int
    let shortClasses: Int
    /// The mean over seeds.
    @ExplicitNull var value: Double?
    @ExplicitNull var standardDeviation: Double?
    /// Of the mean over draws of the examples.
    @ExplicitNull var seedInterval95: Interval?
    let seedIntervalMethod: String
    /// Of the test samples, on average over seeds.
    @ExplicitNull var interval95: Interval?
    @ExplicitNull var intervalMethod: String?
    let runs: [Joined<RunDocument, FitSummary>]

    init(_ point: Point) {
      shots = point.shots
      shortClasses = point.shortClasses
      let summary = point.summary
      value = summary?.mean
      standardDeviation = summary?.standardDeviation
      seedInterval95 = summary?.trainingInterval95
      seedIntervalMethod = SeedSummary.trainingIntervalMethod
      interval95 = summary?.testInterval95
      intervalMethod = summary?.testIntervalMethod
      runs = point.runs.map { Joined(RunDocument($0), $0.fit) }
    }
  }

  private struct Document: Encodable {
    let solver: String
    let selection: String
    let generator: String
    let points: [PointDocument]
  }

  func show(json: Bool) throws {
    if json {
      let document = Document(
        solver: solver, selection: selection, generator: generator,
        points: points.map(PointDocument.init))
      return try Output.json(
        Described(
          kind: "few-shot-probe",
          value: Joined(document, ProbeFacts(inputs, metric: metric, chance: chance))))
    }
    let header = [
      "shots", "seeds", "\(metric.rawValue) %", "95 % over seeds", "95 % over test samples", "C",
    ]
    try Output.table(
      [header]
        + points.map { point in
          let summary = point.summary
          let strengths = point.runs.map(\.fit.C)
          let range = [strengths.min(), strengths.max()].compactMap { $0.map(ProbeWork.text) }
          return [
            "\(point.shots)", "\(point.runs.count)", Percent.text(summary?.mean),
            Percent.text(summary?.trainingInterval95), Percent.text(summary?.testInterval95),
            Set(range).count == 1 ? range[0] : range.joined(separator: "…"),
          ]
        }, rightAligned: [0, 1, 2])
  }
}
