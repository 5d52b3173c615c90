import Core
package import Experiments
package import Foundation
import Metrics

/// Where the predictions lie that a result row is computed from.
package struct RowPredictions: Sendable, Hashable {
  /// One evaluation: of each round of a probe a file without extension, with the split that it tests on.
  package struct Evaluation: Sendable, Hashable {
    /// Nil where training examples are not drawn.
    package var seed: Int?
    package var rounds: [Round]
  }

  package struct Round: Sendable, Hashable {
    package var test: String
    package var file: URL
  }

  /// One, or one for each seed of a mean.
  package var evaluations: [Evaluation]
  /// Of retrieval.
  package var direction: String?

  func evaluation(seed: Int?) -> Evaluation? { evaluations.first { $0.seed == seed } }

  package static func read(_ evaluation: Evaluation) throws -> RecordedSamples {
    RecordedSamples(
      rounds: try evaluation.rounds.map { ($0.test, try RecordedSamples($0.file)) })
  }
}

/// A run's result rows beside their predictions.
package struct RunResults: Sendable {
  package struct Entry: Sendable {
    package let row: ResultRow
    package let task: PlannedTask
    package let predictions: RowPredictions
    /// The first row of its task, or of its number of shots: the dataset's own metric.
    package let isMain: Bool
  }

  package let folder: RunFolder
  package private(set) var entries: [Entry] = []
  /// Rows that are made of other rows.
  package private(set) var derivedCount = 0

  /// - Throws: `EvalError.notFound`, `.malformedData` where rows and tasks do not fit.
  package init(_ folder: RunFolder) throws {
    self.folder = folder
    let record = try folder.record()
    let names = Plan.fileNames(of: record.plan)
    var tasks = zip(record.plan, record.tasks).filter { $1.status == .ok }[...]
    var open: (task: PlannedTask, outcome: TaskOutcome)?
    var seen: Set<[String]> = []
    for row in try folder.rows() {
      guard !ProbeComparison.names.contains(row.experiment) else {
        derivedCount += 1
        continue
      }
      let key = Self.key(row)
      // Rows come in the order of the tasks: another subject, or the same metric once more, is of the next.
      if open.map({ !Self.fits($0.task, $0.outcome, row) }) ?? true || seen.contains(key) {
        open = nil
        while let next = tasks.popFirst() {
          guard Self.fits(next.0, next.1, row) else { continue }
          open = (next.0, next.1)
          break
        }
        seen = []
      }
      guard let (task, _) = open, let name = names[task] else {
        throw EvalError(
          .malformedData,
          "no task of the run gives the \(row.metric) of \(row.dataset) with \(row.model)",
          subject: folder.url.path,
          remedy: "run.json and results.jsonl are not of one run: run it again with --fresh.")
      }
      let isMain = !seen.contains { $0.dropFirst() == key.dropFirst() }
      seen.insert(key)
      entries.append(
        Entry(row: row, task: task, predictions: files(of: row, task, name), isMain: isMain))
    }
  }

  /// What rows of one task do not share.
  private static func key(_ row: ResultRow) -> [String] {
    [
      row.metric, "\(row.probe?.shots ?? 0)", "\(row.probe?.seed ?? -1)",
      "\(row.probe?.seeds ?? 0)", "\(row.robustness?.alpha ?? -1)",
    ]
  }

  private static func fits(_ task: PlannedTask, _ outcome: TaskOutcome, _ row: ResultRow) -> Bool {
    task.experiment == row.experiment && task.dataset == row.dataset
      && outcome.model == row.model && task.optionsText == row.protocol.datasetOptions
      && task.robustness?.classifier == row.robustness?.classifier
      && (task.templates.isEmpty || row.protocol.templateSet == nil
        || (try? TemplateReference(task.templates))?.number
          == row.protocol.templateSet.flatMap { (try? TemplateReference($0))?.number })
  }

  private func files(of row: ResultRow, _ task: PlannedTask, _ name: String) -> RowPredictions {
    let place = folder.url.appending(path: "predictions/\(task.experiment)/\(task.modelFolder)")
    func file(_ parts: String?...) -> URL {
      place.appending(path: parts.compactMap(\.self).joined(separator: "."))
    }
    if task.experiment == RetrievalExperiment.name {
      let direction =
        RetrievalDirection.allCases.first {
          $0.metrics.contains { $0.name.rawValue == row.metric }
        }?
        .rawValue
      return RowPredictions(
        evaluations: [.init(rounds: [.init(test: task.split, file: file(name, direction))])],
        direction: direction)
    }
    let seeds: [Int?] =
      row.probe?.seeds != nil
      ? (row.protocol.probe?.seeds ?? []).map { $0 } : [row.probe?.seed]
    let evaluations = seeds.map { seed -> RowPredictions.Evaluation in
      let part: String? =
        if let shots = row.probe?.shots, let seed {
          "\(shots)-shot.seed-\(seed)"
        } else {
          row.robustness?.alpha.map { "alpha-\($0)" }
        }
      let rounds = task.probe?.rounds ?? []
      guard rounds.count > 1 else {
        return .init(seed: seed, rounds: [.init(test: task.split, file: file(name, part))])
      }
      return .init(
        seed: seed,
        rounds: rounds.map { .init(test: $0.test, file: file(name, part, $0.train)) })
    }
    return RowPredictions(evaluations: evaluations)
  }
}
