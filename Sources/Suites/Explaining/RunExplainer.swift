package import Core
import Experiments
import Foundation
import Logging
package import References
import Statistics

/// Why a run's numbers are not the published ones: each is scored anew under every other protocol at hand.
package struct RunExplainer {
  private let results: RunResults
  private let record: RunRecord
  private let published: PublishedResults
  private let options: ExplainOptions
  private let log = Logger(label: "clip-eval.suites")

  package init(
    _ results: RunResults, published: PublishedResults, options: ExplainOptions
  ) throws {
    self.results = results
    record = try results.folder.record()
    self.published = published
    self.options = options
  }

  /// The results of a published number, each task's first; of the datasets asked for, all main ones.
  package func explain(progress: any ProgressSink) throws -> RunExplanations {
    let wanted = try chosen()
    let evaluator = VariantEvaluator(record, options)
    var found = RunExplanations()
    var firstError: EvalError?
    for (number, entry) in wanted.enumerated() {
      do {
        try Interruption.check()
        found.explanations.append(
          try explain(
            entry, evaluator, label: "\(number + 1)/\(wanted.count) \(entry.row.dataset)", progress)
        )
      } catch let error as EvalError where error.kind != .interrupted {
        found.failed.append(.init(entry.row, reason: "\(error)"))
        firstError = firstError ?? error
      }
      evaluator.forget()
    }
    if found.explanations.isEmpty, let firstError { throw firstError }
    return found
  }

  // MARK: which

  private func chosen() throws -> [RunResults.Entry] {
    let kinds = [ZeroShotExperiment.name, ProbeExperiment.linear]
    let all = results.entries.filter { entry in
      kinds.contains(entry.row.experiment) && entry.row.value != nil
        && (options.datasets.isEmpty || options.datasets.contains(entry.row.dataset))
    }
    var chosen: [RunResults.Entry] = []
    for (task, entries) in Self.grouped(all) {
      let row = entries.first { published.figure(for: $0.row) != nil }
      if let row {
        // A probe that agrees has nothing to explain, and nothing of it can be scored anew.
        let agrees = row.row.verdict == .agrees || row.row.verdict == .noReference
        if task.probe == nil || !agrees || !options.datasets.isEmpty { chosen.append(row) }
      } else if task.probe == nil, !options.datasets.isEmpty, let main = entries.first {
        chosen.append(main)
      }
    }
    // Of a set's single templates the set stands for all.
    let sets = Set(
      chosen.filter { !$0.row.protocol.isOfSingleTemplate }.map { [$0.row.dataset, $0.row.model] })
    chosen.removeAll {
      $0.row.protocol.isOfSingleTemplate && sets.contains([$0.row.dataset, $0.row.model])
    }
    guard chosen.isEmpty else { return chosen }
    let scored = all.filter { $0.row.experiment == ZeroShotExperiment.name }
    let known = Set(scored.map(\.row.dataset)).sorted().joined(separator: ", ")
    guard options.datasets.isEmpty else {
      throw EvalError(
        .notFound, "the run has no zero-shot result on \(options.datasets.joined(separator: ", "))",
        subject: results.folder.url.path)
    }
    guard !known.isEmpty else {
      throw EvalError(
        .notFound, "the run has no zero-shot result, and no others are scored anew",
        subject: results.folder.url.path,
        remedy: "What is known to move its numbers is in its report.md.")
    }
    throw EvalError(
      .notFound, "no zero-shot result of the run has a published number to be held against",
      subject: results.folder.url.path,
      remedy: "Name a dataset with --dataset to see what moves its number: \(known).")
  }

  private static func grouped(
    _ entries: [RunResults.Entry]
  ) -> [(task: PlannedTask, entries: [RunResults.Entry])] {
    var groups: [(task: PlannedTask, entries: [RunResults.Entry])] = []
    for entry in entries {
      if let place = groups.firstIndex(where: { $0.task == entry.task }) {
        groups[place].entries.append(entry)
      } else {
        groups.append((entry.task, [entry]))
      }
    }
    return groups
  }

  // MARK: one result

  private func explain(
    _ entry: RunResults.Entry, _ evaluator: VariantEvaluator, label: String,
    _ progress: any ProgressSink
  ) throws -> Explanation {
    let figure = published.figure(for: entry.row)
    var explanation = try Explanation(entry.row, figure)
    explanation.others = published.others(for: entry.row).map {
      .init(harness: $0.harness, value: $0.value, differences: $0.differences.map(\.text))
    }
    guard entry.task.probe == nil else {
      explanation.causes = published.causes(for: entry.row).map {
        .init($0, isTested: false, finding: "a probe is fitted: run it anew with other settings")
      }
      explanation.conclusion =
        "A probe's features, split and solver are fitted in, so that nothing of it can be scored anew. "
        + (explanation.causes.isEmpty
          ? "No cause is known that would move it."
          : "\(explanation.causes.count == 1 ? "1 cause is" : "\(explanation.causes.count) causes are") known that may move it.")
      return explanation
    }
    var work = try ExplainWork(
      entry, evaluator, record, published, figure, options, explanation,
      progress: progress, label: label)
    try work.run()
    return work.explanation
  }
}

extension Explanation.Cause {
  init(_ cause: KnownCause, isTested: Bool, finding: String) {
    self.init(
      id: cause.id, axis: cause.axis.rawValue, status: cause.status.rawValue, text: cause.text,
      gap: cause.gap.map { Interval(lower: $0.lowerBound, upper: $0.upperBound) },
      isTested: isTested, finding: finding)
  }
}
