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
  /// Of each run; empty in a report of one.
  private var shares: [Share] = []

  /// Which tasks of a run have rows that are shown.
  private struct Share {
    /// In the plan, of those that are known to have given rows.
    var known: Set<Int>
    var shown: Set<Int>

    init(_ tasks: [ReportedTask]) {
      known = Set(tasks.compactMap(\.number))
      shown = Set(tasks.filter { !$0.items.isEmpty }.compactMap(\.number))
    }

    /// Whether all that the task gave is shown of other runs. Not known where it is not known which rows are the task's.
    func hides(_ task: Int) -> Bool { known.contains(task) && !shown.contains(task) }
  }

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
    var merge = RunMerge()
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
    shares = runs.indices.map { run in
      Share(merge.tasks.filter { $0.run == run }.map(\.task))
    }
    outcomes = allOutcomes()
  }

  var rows: [ResultRow] { tasks.flatMap { $0.items.map(\.row) } }
  /// The run of each row by its name; empty in a report of one.
  var runOfRow: [String] {
    runs.count > 1 ? tasks.flatMap { task in task.items.map { _ in task.run } } : []
  }

  /// The comparisons of templates of the results that are shown; and what is wrong with those that cannot be read.
  func promptStudies() -> (studies: [PromptStudy], faults: [String]) {
    var found: (studies: [PromptStudy], faults: [String]) = ([], [])
    for (number, run) in runs.enumerated() {
      guard let own = run.folder?.promptStudies(run.record) else { continue }
      for (place, study) in own.studies {
        // Of a task that several runs have, the one whose rows are shown.
        if shares.indices.contains(number), shares[number].hides(place) { continue }
        var study = study
        study.model = shownName(of: study.model, in: number)
        if !found.studies.contains(study) { found.studies.append(study) }
      }
      found.faults += own.faults
    }
    return found
  }

  /// What was found out about the results that are shown, each once.
  func explanations() -> [Explanation] {
    let rows = rows
    var found: [Explanation] = []
    for (number, run) in runs.enumerated() {
      guard let folder = run.folder else { continue }
      for var explanation in RunExplanations.readable(in: folder.url).explanations {
        explanation.model = shownName(of: explanation.model, in: number)
        guard rows.contains(where: explanation.isOf),
          !found.contains(where: explanation.isOfSameResult)
        else { continue }
        found.append(explanation)
      }
    }
    return found
  }

  private func shownName(of model: String, in run: Int) -> String {
    modelNames.indices.contains(run) ? modelNames[run][model] ?? model : model
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
  private func allOutcomes() -> [TaskOutcome] {
    struct Subject: Hashable {
      var task: PlannedTask
      var model: String
    }
    typealias Told = (subject: Subject, outcome: TaskOutcome, isShown: Bool)
    var told: [Told] = []
    for (number, run) in runs.enumerated() {
      for (place, (task, outcome)) in zip(run.record.plan, run.record.tasks).enumerated() {
        var outcome = outcome
        outcome.model = shownName(of: outcome.model, in: number)
        var subject = Subject(task: task, model: outcome.model)
        subject.task.model = ""
        told.append((subject, outcome, !shares[number].hides(place)))
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

extension RunRecord {
  fileprivate var machineDescription: MachineDescription {
    MachineDescription(
      processor: machine.processor, threads: threads,
      kernel: "\(machine.towerKernels), \(machine.isa)", version: programVersion)
  }
}
