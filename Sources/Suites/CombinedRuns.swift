import Core
import Experiments
import Foundation
import Reporting

/// The results of several runs, or of one, as one report shows them.
///
/// A result that several runs have under one protocol is shown once: that of the run named last where they differ. Models of one name that are not the
/// same get names of their own.
struct CombinedRuns {
  let runs: [ReportedRun]
  /// Each with the name of its run, where there are several; no two have a row of the same result.
  private(set) var tasks: [ReportedTask]
  private(set) var outcomes: [TaskOutcome] = []
  private(set) var costs: [ModelCost] = []
  private(set) var conflicts: [RunsSection.Conflict] = []
  /// For readers of the report, as plain text.
  private(set) var notes: [String] = []
  /// Of each run, rows that another run has too and is shown with.
  private(set) var repeated: [Int]
  /// Of each run, the names of its models that are others in the report.
  private var modelNames: [[String: String]] = []

  init(_ given: [ReportedRun]) {
    guard given.count > 1 else {
      runs = given
      tasks = given.flatMap(\.tasks)
      repeated = given.map { _ in 0 }
      outcomes = given.flatMap(\.record.tasks)
      costs = given.flatMap { $0.record.costs ?? [] }
      return
    }
    runs = ReportedRun.named(given)
    repeated = runs.map { _ in 0 }
    let shared = SharedModelNames(runs)
    notes = shared.notes
    modelNames = shared.names
    var merge = Merge()
    for (number, run) in runs.enumerated() {
      for var task in run.tasks {
        task.run = run.name
        for item in task.items.indices {
          let name = task.items[item].row.model
          task.items[item].row.model = shared.names[number][name] ?? name
        }
        merge.add(task, of: number)
      }
      for var cost in run.record.costs ?? [] {
        cost.model = shared.names[number][cost.model] ?? cost.model
        if !costs.contains(where: { $0.model == cost.model }) { costs.append(cost) }
      }
    }
    tasks = merge.order.map { merge.tasks[$0].task }.filter { !$0.items.isEmpty }
    conflicts = merge.conflicts.map { conflict in
      .init(
        shown: conflict.shown, shownRun: runs[conflict.shownRun].name, other: conflict.other,
        otherRun: runs[conflict.otherRun].name)
    }
    for (run, count) in merge.repeated { repeated[run] = count }
    outcomes = outcomes(of: merge, shared.names)
  }

  var rows: [ResultRow] { tasks.flatMap { $0.items.map(\.row) } }
  /// The run of each row by its name; empty in a report of one.
  var runOfRow: [String] {
    runs.count > 1 ? tasks.flatMap { task in task.items.map { _ in task.run } } : []
  }

  /// The comparisons of templates that the runs recorded, equal ones once; and what is wrong with those that cannot be read.
  func promptStudies() -> (studies: [PromptStudy], faults: [String]) {
    var found: (studies: [PromptStudy], faults: [String]) = ([], [])
    for (number, run) in runs.enumerated() {
      guard let own = run.folder?.promptStudies(run.record) else { continue }
      for var study in own.studies {
        if modelNames.indices.contains(number) {
          study.model = modelNames[number][study.model] ?? study.model
        }
        if !found.studies.contains(study) { found.studies.append(study) }
      }
      found.faults += own.faults
    }
    return found
  }

  /// What computed the results; nil where runs differ in it.
  var machine: MachineDescription? {
    let machines = runs.map(\.record.machineDescription)
    return machines.first.flatMap { first in
      machines.allSatisfy { $0 == first } ? first : nil
    }
  }

  /// Which runs are not finished, in words.
  var unfinished: [String] {
    runs.compactMap { run in
      let (done, planned) = (run.record.tasks.count, run.record.plan.count)
      guard done < planned else { return nil }
      let text =
        "Not finished: \(done) of \(planned) tasks were run. The same command goes on with the others."
      return runs.count > 1 ? "\(run.name): \(text)" : text
    }
  }

  var summaries: [RunsSection.Run] {
    zip(runs, repeated).map { run, repeated in
      RunsSection.Run(
        name: run.name, folder: run.folder?.url.standardizedFileURL.path,
        state: run.record.state.rawValue, plannedTasks: run.record.plan.count,
        finishedTasks: run.record.tasks.count,
        results: runs.count == 1
          ? rows.count : tasks.filter { $0.run == run.name }.reduce(0) { $0 + $1.items.count },
        repeatedResults: repeated, precision: run.record.precision,
        machine: run.record.machineDescription, start: run.record.start, end: run.record.end)
    }
  }

  /// Of tasks that several runs have, those that gave no result count only where no run has one.
  private func outcomes(of merge: Merge, _ names: [[String: String]]) -> [TaskOutcome] {
    struct Subject: Hashable {
      var task: PlannedTask
      var model: String
    }
    typealias Told = (subject: Subject, outcome: TaskOutcome, isShown: Bool)
    var told: [Told] = []
    for (number, run) in runs.enumerated() {
      let own = merge.tasks.filter { $0.run == number }.map(\.task)
      // Whether a task's rows are shown is not known where it is not known which are its.
      let shown = Set(own.filter { !$0.items.isEmpty }.compactMap(\.number))
      let known = Set(own.compactMap(\.number))
      for (place, (task, outcome)) in zip(run.record.plan, run.record.tasks).enumerated() {
        var outcome = outcome
        outcome.model = names[number][outcome.model] ?? outcome.model
        var subject = Subject(task: task, model: outcome.model)
        subject.task.model = ""
        told.append((subject, outcome, !known.contains(place) || shown.contains(place)))
      }
    }
    let done = Set(told.filter { $0.outcome.status == .ok }.map(\.subject))
    var open: Set<Subject> = []
    return told.filter { entry in
      entry.outcome.status == .ok
        ? entry.isShown : !done.contains(entry.subject) && open.insert(entry.subject).inserted
    }.map(\.outcome)
  }
}

/// Tasks of several runs, one after the other, without results that are there already.
private struct Merge {
  /// What a result is of. Everything but its value.
  private struct Key: Hashable {
    var experiment, dataset, model, metric: String
    var hash: SHA256Digest
    var shots, seed, seeds: Int?
    var classifier: String?
    var alpha: Double?

    init(_ row: ResultRow) {
      (experiment, dataset, model, metric) = (row.experiment, row.dataset, row.model, row.metric)
      hash = row.protocolHash
      (shots, seed, seeds) = (row.probe?.shots, row.probe?.seed, row.probe?.seeds)
      (classifier, alpha) = (row.robustness?.classifier.rawValue, row.robustness?.alpha)
    }
  }

  private(set) var tasks: [(run: Int, task: ReportedTask)] = []
  /// Numbers of `tasks` as they are shown.
  private(set) var order: [Int] = []
  private(set) var conflicts: [(shown: ResultRow, shownRun: Int, other: ResultRow, otherRun: Int)] =
    []
  private(set) var repeated: [Int: Int] = [:]
  private var owners: [Key: Int] = [:]

  mutating func add(_ task: ReportedTask, of run: Int) {
    let number = tasks.count
    var task = task
    let known = task.items.map { item in
      owners[Key(item.row)].flatMap { owner in
        tasks[owner].run == run
          ? nil : tasks[owner].task.items.first { Key($0.row) == Key(item.row) }.map { (owner, $0) }
      }
    }
    let differ = zip(task.items, known).contains { item, known in
      known.map { !Self.isSame(item.row, $0.1.row) } ?? false
    }
    if differ {
      // The whole task stands in place of the earlier one, beside its own predictions.
      for (item, known) in zip(task.items, known) {
        guard let (owner, other) = known else { continue }
        let key = Key(item.row)
        tasks[owner].task.items.removeAll { Key($0.row) == key }
        if Self.isSame(item.row, other.row) {
          repeated[tasks[owner].run, default: 0] += 1
        } else {
          conflicts.append((item.row, run, other.row, tasks[owner].run))
        }
      }
    } else {
      repeated[run, default: 0] += known.count { $0 != nil }
      task.items = zip(task.items, known).filter { $0.1 == nil }.map(\.0)
    }
    for item in task.items { owners[Key(item.row)] = number }
    tasks.append((run, task))
    let place = known.compactMap { $0?.0 }.first.flatMap { owner in order.firstIndex(of: owner) }
    if differ, let place {
      order.insert(number, at: place + 1)
    } else {
      order.append(number)
    }
  }

  /// Sums in another order have other last bits.
  private static func isSame(_ a: ResultRow, _ b: ResultRow) -> Bool {
    guard a.n == b.n, a.nFailed == b.nFailed else { return false }
    guard let first = a.value, let second = b.value else { return a.value == b.value }
    return abs(first - second) <= 1e-9
  }
}

extension RunRecord {
  fileprivate var machineDescription: MachineDescription {
    MachineDescription(
      processor: machine.processor, threads: threads,
      kernel: "\(machine.towerKernels), \(machine.isa)", version: programVersion)
  }
}
