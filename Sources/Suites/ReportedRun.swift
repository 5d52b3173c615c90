import Core
package import Experiments
package import Foundation

/// A run as a report takes it.
package struct ReportedRun: Sendable {
  /// What the report calls it where it is of several; `named(_:)` makes it unique.
  package private(set) var name: String
  package let record: RunRecord
  /// Nil for rows without a folder: nothing is told of single predictions then.
  let folder: RunFolder?
  /// The run's rows by the tasks that gave them, in the order of the plan. Rows that an earlier report made of others are left out.
  let tasks: [ReportedTask]
  /// Why rows are without their predictions, though there is a folder.
  let faults: [String]

  /// A run that the program has at hand.
  /// - Parameters:
  ///   - rows: with published numbers attached.
  ///   - folder: the run's, in which predictions and copies of baselines lie.
  package init(rows: [ResultRow], record: RunRecord, folder: URL? = nil) {
    self.record = record
    self.folder = folder.map { RunFolder($0) }
    name = folder?.standardizedFileURL.lastPathComponent ?? ""
    let rows = rows.filter { !ProbeComparison.names.contains($0.experiment) }
    guard let own = self.folder else {
      tasks = rows.map { ReportedTask($0) }
      faults = []
      return
    }
    do {
      tasks = try RunResults(own, record: record, rows: rows).tasks.map {
        ReportedTask($0.number, $0.task, $0.entries)
      }
      faults = []
    } catch {
      tasks = rows.map { ReportedTask($0) }
      faults = ["\(error)"]
    }
  }

  package var rows: [ResultRow] { tasks.flatMap { $0.items.map(\.row) } }

  /// The same runs under names of their own: folders that are called alike with as much of their paths as tells them apart.
  static func named(_ runs: [ReportedRun]) -> [ReportedRun] {
    let paths = runs.map { run in
      run.folder?.url.standardizedFileURL.pathComponents.filter { $0 != "/" } ?? [run.name]
    }
    return runs.enumerated().map { number, run in
      var run = run
      let own = paths[number]
      let others = paths.enumerated().filter { $0.offset != number }.map(\.element)
      let length = (1...max(1, own.count)).first { length in
        !others.contains { $0.suffix(length) == own.suffix(length) }
      }
      run.name = own.suffix(length ?? own.count).joined(separator: "/")
      return run
    }
  }
}

/// What one task of a run gave.
struct ReportedTask: Sendable {
  struct Item: Sendable {
    var row: ResultRow
    /// Nil where it is not known which file is the row's.
    var predictions: RowPredictions?
  }

  /// In the run's plan; nil where it is not known which task gave the rows.
  let number: Int?
  /// Likewise.
  let task: PlannedTask?
  var items: [Item]
  /// What the report calls the run; empty in a report of one.
  var run = ""

  init(_ number: Int, _ task: PlannedTask, _ entries: [RunResults.Entry]) {
    (self.number, self.task) = (number, task)
    items = entries.map { Item(row: $0.row, predictions: $0.predictions) }
  }

  init(_ row: ResultRow) {
    (number, task) = (nil, nil)
    items = [Item(row: row)]
  }
}
