package import Core
package import Experiments
import Foundation

/// Compares the results of two runs, or of two parts of one, sample by sample.
package struct RunComparer {
  package struct Side {
    package let results: RunResults
    package let selection: RowSelection

    package init(_ results: RunResults, _ selection: RowSelection) {
      self.results = results
      self.selection = selection
    }

    var name: String { results.folder.url.standardizedFileURL.lastPathComponent }
  }

  package struct Options {
    package var axes: [ComparisonAxis] = []
    /// Ids; empty for all, like the next two.
    package var datasets: [String] = []
    package var experiments: [String] = []
    package var metrics: [String] = []
    /// Level of the tests.
    package var alpha = 0.05
    package var resamples = 10_000
    package var threads = 1

    package init() {}
  }

  private let first: Side
  private let second: Side
  let options: Options

  package init(_ first: Side, _ second: Side, options: Options) {
    self.first = first
    self.second = second
    self.options = options
  }

  /// - Throws: `EvalError.usage` where protocols differ in more than what is compared, or where it is not said what is; `.notFound` where the sides have
  ///   nothing in common.
  package func compare(progress: any ProgressSink) throws -> RunComparison {
    var notes: [String] = []
    try checkNames()
    let own = try chosen(first, &notes)
    let others = try chosen(second, &notes)
    for (side, option) in [(first, "--a"), (second, "--b")]
    where try !side.selection.isEmpty
      && !side.results.entries.contains(where: { try side.selection.contains($0.row) })
    {
      throw try unmatched(side, option: option)
    }
    let axes =
      options.axes.isEmpty
      ? try RowSelection.axes(first.selection, second.selection) : options.axes
    let pairs = try RowPairs(own.map(\.row), others.map(\.row), axes: axes)
    guard !pairs.pairs.isEmpty else { throw nothingShared(own, others) }
    if pairs.axes.isEmpty {
      notes.append("The protocols are the same: what differs is not the evaluation's doing.")
    }
    let groups = try grouped(pairs.pairs, own, others)
    var tasks: [TaskComparison] = []
    var failed: [RunComparison.Left] = []
    var firstError: EvalError?
    progress.begin("comparing", total: groups.count)
    defer { progress.end() }
    for group in groups {
      do {
        tasks.append(try compare(group))
      } catch let error as EvalError where [.malformedData, .notFound].contains(error.kind) {
        failed += group.pairs.map { .init($0.first.row, reason: "\(error)") }
        firstError = firstError ?? error
      }
      progress.advance(1, cached: false)
    }
    if tasks.isEmpty, let firstError { throw firstError }
    Self.describe(&tasks)
    return RunComparison(
      first: name(first, pairs, \.first), second: name(second, pairs, \.second),
      axes: pairs.axes.map(\.name), alpha: options.alpha, tasks: tasks,
      onlyFirst: pairs.onlyFirst.map { .init($0) }, onlySecond: pairs.onlySecond.map { .init($0) },
      failed: failed, notes: notes)
  }

  /// A dataset, experiment or metric that was asked for and that no result is of.
  private func checkNames() throws(EvalError) {
    let rows = (first.results.entries + second.results.entries).map(\.row)
    for (option, names, known) in [
      ("--dataset", options.datasets, Set(rows.map(\.dataset))),
      ("--experiment", options.experiments, Set(rows.map(\.experiment))),
      ("--metric", options.metrics, Set(rows.map(\.metric))),
    ] {
      for name in names where !known.contains(name) {
        let list = known.sorted()
        throw EvalError(
          .notFound, "\(option) \(name): no result of either side is of it",
          remedy: NearMiss.hint(for: name, among: list)
            ?? "There are \(list.joined(separator: ", ")).")
      }
    }
  }

  /// A choice that fits no result of its side.
  private func unmatched(_ side: Side, option: String) throws -> EvalError {
    let values = try side.selection.values(of: side.results.entries.map(\.row))
    return EvalError(
      .notFound, "no result of \(side.name) has \(option) \(side.selection.text)",
      remedy: "It has \(values.joined(separator: "; ")).")
  }

  private func chosen(_ side: Side, _ notes: inout [String]) throws -> [RunResults.Entry] {
    let wanted = try side.results.entries.filter { entry in
      let row = entry.row
      return try side.selection.contains(row)
        && (options.datasets.isEmpty || options.datasets.contains(row.dataset))
        && (options.experiments.isEmpty || options.experiments.contains(row.experiment))
        && (options.metrics.isEmpty || options.metrics.contains(row.metric))
    }
    // Means over seeds stand for their seeds, which are compared within them.
    struct Drawn: Hashable {
      var experiment, dataset, model, metric: String
      var shots: Int?

      init(_ row: ResultRow) {
        (experiment, dataset, model, metric) = (row.experiment, row.dataset, row.model, row.metric)
        shots = row.probe?.shots
      }
    }
    let means = Set(wanted.filter { $0.row.probe?.seeds != nil }.map { Drawn($0.row) })
    let shown = wanted.filter { entry in
      if !side.selection.namesSingleTemplate, entry.row.protocol.isOfSingleTemplate { return false }
      return entry.row.probe?.seed == nil || entry.row.probe?.shots == nil
        || side.selection.keys.contains("seed") || !means.contains(Drawn(entry.row))
    }
    let singles = wanted.count {
      !side.selection.namesSingleTemplate && $0.row.protocol.isOfSingleTemplate
    }
    if singles > 0 {
      let note =
        "\(side.name): \(singles) results of single templates are left out; templates=SET#NUMBER chooses one."
      if !notes.contains(note) { notes.append(note) }
    }
    return shown
  }

  private func nothingShared(
    _ first: [RunResults.Entry], _ second: [RunResults.Entry]
  ) -> EvalError {
    func list(_ entries: [RunResults.Entry]) -> String {
      var names: [String] = []
      for entry in entries {
        let name = "\(entry.row.experiment) \(entry.row.dataset)"
        if !names.contains(name) { names.append(name) }
      }
      return names.isEmpty
        ? "nothing"
        : names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }
    return EvalError(
      .notFound,
      "no result is on both sides: the first has \(list(first)); the second \(list(second))",
      remedy: "Experiment, dataset and metric have to be the same.")
  }

  /// What a side is called: its run where there are two, its selection, and what is compared of it.
  private func name(
    _ side: Side, _ pairs: RowPairs, _ row: KeyPath<RowPairs.Pair, ResultRow>
  ) -> String {
    var parts: [String] = []
    if first.results.folder.url.standardizedFileURL != second.results.folder.url.standardizedFileURL
    {
      parts.append(side.name)
    }
    for axis in pairs.axes {
      func values(of side: KeyPath<RowPairs.Pair, ResultRow>) -> Set<String?> {
        Set(pairs.pairs.map { axis.value(of: $0[keyPath: side]) })
      }
      // What both sides have does not tell them apart.
      guard values(of: \.first) != values(of: \.second) else { continue }
      let own = values(of: row)
      if own.count == 1, let value = own.first.flatMap(\.self) { parts.append(value) }
    }
    if parts.isEmpty { parts = [side.selection.isEmpty ? side.name : side.selection.text] }
    return parts.joined(separator: " ")
  }
}
