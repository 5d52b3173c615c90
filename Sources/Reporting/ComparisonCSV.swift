package import Experiments
import Statistics

/// A comparison as tables: RFC 4180, the same columns in the same order always, empty cells for what is not known. Fractions, unrounded.
package struct ComparisonCSV {
  private let comparison: RunComparison

  package init(_ comparison: RunComparison) { self.comparison = comparison }

  private static let subjectColumns = [
    "experiment", "dataset", "options", "split", "shots", "classifier", "alpha", "direction",
    "model", "classNames", "templates",
  ]

  private func cells(_ subject: TaskComparison.Subject) -> [String] {
    [
      subject.experiment, subject.dataset, subject.options, subject.split, text(subject.shots),
      subject.classifier, text(subject.alpha), subject.direction, subject.model,
      subject.classNames, subject.templates,
    ].map { $0 ?? "" }
  }

  private func text(_ value: (some CustomStringConvertible)?) -> String? { value?.description }

  /// A line for each metric.
  package var metrics: String {
    let columns =
      ["a", "b"] + Self.subjectColumns + [
        "metric", "isMain", "n", "valueA", "valueB", "difference", "interval95.lower",
        "interval95.upper", "intervalMethod", "test", "pValue", "holm", "benjaminiHochberg",
        "mcNemar.onlyA", "mcNemar.onlyB", "mcNemar.pValue", "mcNemar.midP", "deLong.lower",
        "deLong.upper", "deLong.pValue", "minimumDetectableEffect", "trainingInterval95.lower",
        "trainingInterval95.upper", "samples.common", "samples.onlyA", "samples.onlyB",
        "samples.duplicateIDs", "samples.relabelled", "gained", "lost", "changed",
      ]
    let lines = comparison.tasks.flatMap { task in
      task.metrics.map { metric -> [String] in
        let numbers: [String?] = [
          metric.metric, "\(metric.isMain)", "\(metric.n)", "\(metric.first)", "\(metric.second)",
          "\(metric.difference)", text(metric.interval95?.lower), text(metric.interval95?.upper),
          metric.intervalMethod, metric.test, text(metric.pValue), text(metric.holm),
          text(metric.benjaminiHochberg), text(metric.mcNemar?.onlyFirst),
          text(metric.mcNemar?.onlySecond), text(metric.mcNemar?.pValue),
          text(metric.mcNemar?.midP), text(metric.deLong?.interval95?.lower),
          text(metric.deLong?.interval95?.upper), text(metric.deLong?.pValue),
          text(metric.minimumDetectableEffect), text(metric.trainingInterval95?.lower),
          text(metric.trainingInterval95?.upper), "\(task.samples.common)",
          "\(task.samples.onlyFirst)", "\(task.samples.onlySecond)",
          "\(task.samples.duplicateIDs)", "\(task.samples.relabelled)",
          text(task.changeCounts?.gained), text(task.changeCounts?.lost),
          text(task.changeCounts?.changed),
        ]
        return [comparison.first, comparison.second] + cells(task.subject)
          + numbers.map { $0 ?? "" }
      }
    }
    return CSVText.render([columns] + lines)
  }

  /// A line for each class of each task, those that changed most first.
  package var classes: String {
    let columns =
      Self.subjectColumns + [
        "class", "n", "valueA", "valueB", "difference", "interval95.lower", "interval95.upper",
        "intervalMethod", "onlyA", "onlyB", "pValue", "holm",
      ]
    let lines = comparison.tasks.flatMap { task in
      task.classes.map { change -> [String] in
        let numbers: [String?] = [
          change.name, "\(change.n)", "\(change.first)", "\(change.second)",
          "\(change.difference)", text(change.interval95?.lower), text(change.interval95?.upper),
          change.intervalMethod, text(change.onlyFirst), text(change.onlySecond),
          text(change.pValue), text(change.holm),
        ]
        return cells(task.subject) + numbers.map { $0 ?? "" }
      }
    }
    return CSVText.render([columns] + lines)
  }

  /// A line for each sample that is not answered alike.
  package var samples: String {
    let columns = Self.subjectColumns + ["id", "fold", "change", "label", "a", "b"]
    let lines = comparison.tasks.flatMap { task in
      let own = cells(task.subject)
      return task.changes.map { change -> [String] in
        own
          + [
            change.id, text(change.fold), change.kind.rawValue, change.label, change.first,
            change.second,
          ]
          .map { $0 ?? "" }
      }
    }
    return CSVText.render([columns] + lines)
  }
}
