import Core
package import Experiments
import Foundation
import Metrics

/// A run's result rows beside their predictions.
package struct RunResults: Sendable {
  package struct Entry: Sendable {
    package let row: ResultRow
    package let predictions: RowPredictions
    /// The first row of its task, or of its number of shots: the dataset's own metric.
    package let isMain: Bool
    package let task: PlannedTask
    /// Of the task in the plan.
    let number: Int
  }

  package let folder: RunFolder
  package private(set) var entries: [Entry] = []
  /// Rows that are made of other rows.
  package private(set) var derivedCount = 0

  private let plan: [PlannedTask]

  /// What the folder holds.
  /// - Throws: `EvalError.notFound`, `.malformedData` where rows and tasks do not fit.
  package init(_ folder: RunFolder) throws {
    try self.init(folder, record: folder.record(), rows: folder.rows())
  }

  /// - Parameter rows: the run's; they say no task, but come in the order of the tasks that gave them.
  /// - Throws: `EvalError.malformedData` where rows and tasks do not fit.
  init(_ folder: RunFolder, record: RunRecord, rows: [ResultRow]) throws {
    self.folder = folder
    plan = record.plan
    let names = Plan.fileNames(of: plan)
    var tasks = zip(plan.indices, record.tasks).filter { $1.status == .ok }[...]
    var open: (number: Int, outcome: TaskOutcome)?
    var seen: Set<[String]> = []
    var studies = PromptStudies(folder: folder, names: names)
    for row in rows {
      guard !ProbeComparison.names.contains(row.experiment) else {
        derivedCount += 1
        continue
      }
      let key = Self.key(row)
      // Another subject, or the same metric once more, is of the next task.
      func fits(_ number: Int, _ outcome: TaskOutcome) -> Bool {
        Self.fits(plan[number], outcome, row) && studies.fit(plan[number], row)
      }
      if open.map({ !fits($0.number, $0.outcome) }) ?? true || seen.contains(key) {
        open = nil
        while let next = tasks.popFirst() {
          guard fits(next.0, next.1) else { continue }
          open = (next.0, next.1)
          break
        }
        seen = []
      }
      guard let (number, _) = open, let name = names[plan[number]] else {
        throw EvalError(
          .malformedData,
          "no task of the run gives the \(row.metric) of \(row.dataset) with \(row.model)",
          subject: folder.url.path,
          remedy: "run.json and results.jsonl are not of one run: run it again with --fresh.")
      }
      let isMain = !seen.contains { $0.dropFirst() == key.dropFirst() }
      seen.insert(key)
      entries.append(
        Entry(
          row: row, predictions: files(of: row, plan[number], name), isMain: isMain,
          task: plan[number], number: number))
    }
  }

  /// Those that gave rows, in the order of the plan.
  var tasks: [(number: Int, task: PlannedTask, entries: [Entry])] {
    var tasks: [(number: Int, entries: [Entry])] = []
    for entry in entries {
      if tasks.last?.number != entry.number { tasks.append((entry.number, [])) }
      tasks[tasks.count - 1].entries.append(entry)
    }
    return tasks.map { ($0.number, plan[$0.number], $0.entries) }
  }

  /// What rows of one task do not share.
  private static func key(_ row: ResultRow) -> [String] {
    [
      row.metric, "\(row.probe?.shots ?? 0)", "\(row.probe?.seed ?? -1)",
      "\(row.probe?.seeds ?? 0)", "\(row.robustness?.alpha ?? -1)",
    ] + (row.experiment == PromptStudy.experiment ? [promptPart(of: row)] : [])
  }

  /// What the files of one set of a comparison of templates are called besides their task.
  private static func promptPart(of row: ResultRow) -> String {
    PromptRun.filePart(
      of: row.protocol.templateSet ?? "", ensemble: row.protocol.ensemble ?? "",
      isSelected: row.protocol.selection != nil)
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
    let place = folder.predictionFolder(of: task)
    func file(_ parts: String?...) -> URL {
      place.appending(path: parts.compactMap(\.self).joined(separator: "."))
    }
    if task.experiment == PromptStudy.experiment {
      return RowPredictions(
        evaluations: [
          .init(rounds: [.init(test: task.split, file: file(name, Self.promptPart(of: row)))])
        ])
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
