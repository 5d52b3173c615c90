package import Core
import Statistics

/// Everything that two sides have in common, compared.
package struct RunComparison: Sendable, Codable {
  package struct Left: Sendable, Equatable, Codable {
    package var experiment: String
    package var dataset: String
    package var model: String
    package var metric: String
    @ExplicitNull package var reason: String?

    package init(_ row: ResultRow, reason: String? = nil) {
      experiment = row.experiment
      dataset = row.dataset
      model = row.model
      metric = row.metric
      self.reason = reason
    }
  }

  /// As reports call the sides.
  package var first: String
  package var second: String
  /// What is compared; empty where the protocols are the same.
  package var axes: [String]
  package var alpha: Double
  package private(set) var tasks: [TaskComparison]
  package var onlyFirst: [Left]
  package var onlySecond: [Left]
  /// Both sides have these, and they could not be compared.
  package var failed: [Left]
  package var notes: [String]

  package init(
    first: String, second: String, axes: [String], alpha: Double, tasks: [TaskComparison],
    onlyFirst: [Left], onlySecond: [Left], failed: [Left], notes: [String]
  ) {
    self.first = first
    self.second = second
    self.axes = axes
    self.alpha = alpha
    self.tasks = tasks
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    self.failed = failed
    self.notes = notes
    adjust()
  }

  /// Tests that are judged together: of one experiment, number of shots and classifier, each dataset's own metric; and each other metric by itself.
  private struct Family: Hashable {
    var experiment: String
    var shots: Int?
    var classifier: String?
    var alpha: Double?
    /// Nil for the datasets' own.
    var metric: String?

    init(_ subject: TaskComparison.Subject, _ metric: MetricComparison) {
      experiment = subject.experiment
      shots = subject.shots
      classifier = subject.classifier
      alpha = subject.alpha
      self.metric = metric.isMain ? nil : metric.metric
    }
  }

  private mutating func adjust() {
    var families: [Family: [(task: Int, metric: Int, p: Double)]] = [:]
    for (number, task) in tasks.enumerated() {
      for (place, metric) in task.metrics.enumerated() {
        guard let p = metric.pValue else { continue }
        families[Family(task.subject, metric), default: []].append((number, place, p))
      }
    }
    for members in families.values {
      let values = members.map(\.p)
      let holm = AdjustedPValues.adjust(values, by: .holm)
      let benjaminiHochberg = AdjustedPValues.adjust(values, by: .benjaminiHochberg)
      for (place, member) in members.enumerated() {
        tasks[member.task].metrics[member.metric].holm = holm?[place]
        tasks[member.task].metrics[member.metric].benjaminiHochberg = benjaminiHochberg?[place]
      }
    }
  }
}

/// What counts as a difference that a comparison is to report by its exit code.
package enum ComparisonGate: String, Sendable, Codable, CaseIterable {
  /// Of any dataset's own metric, at the level asked for, after Holm's adjustment.
  case significant
  /// The same where the second side is the lower one.
  case worse
  /// Any value or any answer.
  case any
  case none

  /// The comparisons of the datasets' own metrics that it is about, as `experiment dataset metric`; for `any` also others.
  package func findings(_ comparison: RunComparison) -> [String] {
    comparison.tasks.flatMap { task in
      task.metrics.filter { metric in
        let isSignificant =
          metric.isMain && (metric.adjusted ?? 1) < comparison.alpha && metric.difference != 0
        return switch self {
        case .significant: isSignificant
        case .worse: isSignificant && metric.difference < 0
        case .any: metric.difference != 0 || !task.changes.isEmpty
        case .none: false
        }
      }.map { "\(task.subject.experiment) \(task.subject.dataset) \($0.metric)" }
    }
  }
}
