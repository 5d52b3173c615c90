import Core
import Experiments
import Foundation
import Metrics
import Probes
import Reporting
import Statistics

/// What every document of `probe` says of its files and its test.
struct ProbeFacts: Encodable {
  struct File: Codable, Sendable {
    let path: String
    let rows: Int
    let sha256: SHA256Digest
    let elementType: String
    /// Rows that are used where they lie in the file, and take no memory.
    let mappedRows: Int
    /// What the file says of its features: the model, projected or pooled.
    let metadata: [String: String]

    init(_ input: ProbeInput) {
      path = input.path
      rows = input.source.count
      sha256 = input.source.sha256
      elementType = input.source.elementType
      mappedRows = input.source.pieces.filter(\.isMapped).reduce(0) { $0 + $1.rows }
      metadata = input.source.metadata.filter { $0.key != "classes" }
    }
  }

  let metric: String
  let classCount: Int
  let absentClasses: [Int]
  let columns: Int
  let normalized: Bool
  /// Test samples.
  let n: Int
  @ExplicitNull var chance: Double?
  let train: File
  @ExplicitNull var val: File?
  let test: File

  init(_ inputs: ProbeInputs, metric: MetricName, chance: Double?) {
    self.metric = metric.rawValue
    classCount = inputs.classes.count
    absentClasses = inputs.absentClasses
    columns = inputs.training.data.columns
    normalized = inputs.isNormalized
    n = inputs.test.count
    self.chance = chance
    train = File(inputs.training)
    val = inputs.validation.map(File.init)
    test = File(inputs.test)
  }
}

/// The keys of two values in one JSON object.
struct Joined<First: Encodable, Second: Encodable>: Encodable {
  let first: First
  let second: Second

  init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  func encode(to encoder: any Encoder) throws {
    try first.encode(to: encoder)
    try second.encode(to: encoder)
  }
}

/// One classifier, and how C was found.
struct ProbeResult {
  let inputs: ProbeInputs
  let score: ProbeTestScore
  let fit: Fit
  let solver: String
  let selection: ProbeSelection
  /// Nil where C was given.
  let search: CSearch.Result?
  /// Of the last fit.
  let trainingCount: Int
  /// Of everything from the first fit on.
  let seconds: Double

  private struct Document: Encodable {
    @ExplicitNull var accuracy: Double?
    @ExplicitNull var value: Double?
    @ExplicitNull var interval95: Interval?
    @ExplicitNull var intervalMethod: String?
    let solver: String
    let selection: String
    @ExplicitNull var selectionSamples: Int?
    @ExplicitNull var holdOut: ProbeSelection.HoldOut?
    @ExplicitNull var curve: [Point]?
    @ExplicitNull var isAtEdge: Bool?
    let trainingSamples: Int
    let totalSeconds: Double
  }

  /// One fit of the search: its keys are those of the last fit, and its score.
  private struct Point: Codable, Sendable {
    let score: Double
    let fit: FitSummary

    private enum Key: CodingKey { case score }

    init(_ point: CSearch.Point) {
      score = point.score
      fit = point.fit
    }

    init(from decoder: any Decoder) throws {
      score = try decoder.container(keyedBy: Key.self).decode(Double.self, forKey: .score)
      fit = try FitSummary(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(score, forKey: .score)
      try fit.encode(to: encoder)
    }
  }

  func show(json: Bool) throws {
    if json {
      let document = Document(
        accuracy: score.accuracy, value: score.value, interval95: score.interval95,
        intervalMethod: score.intervalMethod, solver: solver, selection: selection.name,
        selectionSamples: selection.samples, holdOut: selection.holdOut,
        curve: search?.curve.map(Point.init), isAtEdge: search?.isAtEdge,
        trainingSamples: trainingCount, totalSeconds: seconds)
      let facts = ProbeFacts(inputs, metric: score.metric, chance: score.chance)
      return try Output.json(
        Described(kind: "probe", value: Joined(Joined(document, facts), fit.summary)))
    }
    if let search { try showCurve(search) }
    let summary = fit.summary
    try Output.table(
      [
        score.line,
        ["C", "\(ProbeWork.text(summary.C)), \(selectionText)"],
        [
          "trained on",
          "\(trainingCount) samples of \(inputs.classes.count - inputs.absentClasses.count) classes, \(inputs.training.data.columns) features each",
        ],
        ["objective", String(format: "%.8g", summary.objective)],
        [
          "gradient",
          "\(ProbeWork.short(summary.gradientNorm)), "
            + (summary.converged ? "converged" : "NOT converged") + " (\(solver): \(summary.stop))",
        ],
        [
          "work",
          "\(summary.iterations) iterations, \(summary.evaluations) evaluations, "
            + String(format: "%.2f s", summary.seconds)
            + (search == nil ? "" : String(format: "; %.2f s in all", seconds)),
        ],
      ])
  }

  private var selectionText: String {
    let count = selection.samples ?? 0
    return switch selection.name {
    case "fixed": "given"
    case "validation": "chosen on the \(count) validation samples"
    default:
      "chosen on \(count) training samples held out (\(Percent.text(selection.holdOut?.fraction)) % of \(inputs.isMultiLabel ? "all" : "each class"), seed \(selection.holdOut?.seed ?? 0))"
    }
  }

  private func showCurve(_ search: CSearch.Result) throws {
    try Output.table(
      [["C", "\(score.metric.rawValue) %", "iterations", "gradient", "seconds", ""]]
        + search.curve.map { point in
          [
            ProbeWork.text(point.C), Percent.text(point.score), "\(point.fit.iterations)",
            ProbeWork.short(point.fit.gradientNorm), String(format: "%.2f", point.fit.seconds),
            (point.C == search.best.C ? "← best" : "")
              + (point.fit.converged ? "" : " not converged"),
          ]
        }, rightAligned: [0, 1, 2, 3, 4])
    try Output.line("")
  }
}

extension ProbeTestScore {
  /// Of a table: the metric, and its value with its interval.
  var line: [String] {
    [
      metric.rawValue,
      "\(Percent.text(value)) %"
        + (interval95.map { " (95 % interval \(Percent.text($0)))" } ?? "")
        + ", \(count) test samples",
    ]
  }
}

/// kNN on the whole training file.
struct NeighbourResult {
  let inputs: ProbeInputs
  let score: ProbeTestScore
  let neighbours: Int
  let temperature: Double
  let seconds: Double

  private struct Document: Encodable {
    @ExplicitNull var accuracy: Double?
    @ExplicitNull var value: Double?
    @ExplicitNull var interval95: Interval?
    @ExplicitNull var intervalMethod: String?
    let neighbours: Int
    let temperature: Double
    let trainingSamples: Int
    let seconds: Double
  }

  func show(json: Bool) throws {
    if json {
      let document = Document(
        accuracy: score.accuracy, value: score.value, interval95: score.interval95,
        intervalMethod: score.intervalMethod, neighbours: neighbours, temperature: temperature,
        trainingSamples: inputs.training.count, seconds: seconds)
      return try Output.json(
        Described(
          kind: "knn",
          value: Joined(document, ProbeFacts(inputs, metric: score.metric, chance: score.chance))))
    }
    try Output.table([
      score.line,
      ["neighbours", "\(neighbours) of \(inputs.training.count), temperature \(temperature)"],
      ["seconds", String(format: "%.2f", seconds)],
    ])
  }
}
