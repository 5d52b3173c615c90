import CLIPModels
package import Core
package import Experiments
import Foundation
import Logging
import References

/// Executes a plan: every task in turn, one's failure leaving the others alone. The run folder is whole at any time, and as
/// up to date as a tenth of the time spent on writing it allows.
package struct SuiteRunner: Sendable {
  let suites: [SuiteFile]
  let plan: Plan
  let options: RunOptions

  package init(suites: [SuiteFile], plan: Plan, options: RunOptions) {
    self.suites = suites
    self.plan = plan
    self.options = options
  }

  private let log = Logger(label: "clip-eval.suites")

  /// - Returns: the outcome of every task, in plan order.
  /// - Throws: `EvalError.interrupted` with everything finished so far on disk; `.cannotWrite`; `.badSuite`
  ///   when the output folder holds another plan's run.
  package func run(progress: any ProgressSink) throws -> [TaskOutcome] {
    let folder = RunFolder(options.output)
    let settings = RunRecord.Settings(
      recipe: options.preprocessing.order?.rawValue,
      resize: options.preprocessing.resize?.rawValue, crop: options.preprocessing.crop?.rawValue,
      activation: options.activation?.rawValue)
    let planHash = try RunRecord.hash(
      plan: plan.tasks, settings: settings, precision: options.precision.rawValue)
    for suite in suites { try suite.checkBaselines() }
    let published = try PublishedResults.shipped()
    try folder.prepare(planHash: planHash, isFresh: options.isFresh)
    for suite in suites { try suite.keepBaselines(in: folder.url) }
    var record = RunRecord(
      programVersion: options.programVersion,
      suites: suites.map { .init(path: $0.path, text: $0.text) }, plan: plan.tasks,
      settings: settings,
      planHash: planHash, machine: .current, threads: options.threads,
      precision: options.precision.rawValue, start: Date(), end: nil, state: .running, tasks: [])
    try record.write(folder.url)

    var rows: [ResultRow] = []
    var timings: [TaskTiming] = []
    var model: (any TaskEvaluator)?
    var saves = SavePace()
    func save() throws {
      try folder.write(rows: rows)
      try folder.write(timings: timings)
      try record.write(folder.url)
    }
    func finish(_ state: RunRecord.ExitState) throws {
      record.end = Date()
      record.state = state
      // What `explain` found out of the same results when they were made before.
      rows = RunExplanations.readable(in: folder.url).applied(to: rows)
      try save()
      try folder.write(rows: rows + ProbeComparison(rows).rows())
      try RunReport(
        ReportedRun(rows: rows, record: record, folder: folder.url), published: published
      ).write(to: folder.url)
    }
    for task in plan.tasks {
      var name: String {
        model?.path == task.model ? model?.name ?? task.modelName : task.modelName
      }
      do {
        try Interruption.check()
        if model?.path != task.model {
          model = try makeEvaluator(plan.model(of: task), options: options)
        }
        guard let model else { continue }
        if let cost = model.cost, record.costs?.contains(cost) != true {
          record.costs = (record.costs ?? []) + [cost]
        }
        let result = try model.evaluate(
          task, folder: folder, fileName: try plan.fileName(of: task), progress: progress)
        rows += published.attached(to: result.rows)
        timings.append(result.timing)
        note(result.timing)
        record.tasks.append(task.outcome(.ok, model: model.name, failedSamples: result.failures))
      } catch let error as EvalError where error.kind == .interrupted || error.kind == .cannotWrite
      {
        try finish(error.kind == .interrupted ? .interrupted : .failed)
        throw error
      } catch let left as NoSampleLeft {
        log.error("failed: \(left.error)")
        record.tasks.append(
          task.outcome(
            .failed, model: name, message: "\(left.error)", failedSamples: left.failures))
      } catch let error as EvalError {
        log.error("failed: \(task.dataset): \(error.text(about: task.dataset))")
        record.tasks.append(
          task.outcome(
            error.isAbsence(of: task.dataset) ? .missing : .failed, model: name,
            message: "\(error)"))
      } catch {
        // Not foreseen, and still no reason to lose the other tasks.
        log.error("failed: \(task.dataset): \(error)")
        record.tasks.append(task.outcome(.failed, model: name, message: "\(error)"))
      }
      try saves.perform(save)
    }
    try finish(record.tasks.allSatisfy { $0.status == .ok } ? .complete : .failed)
    return record.tasks
  }

  /// For estimates of later runs.
  private func note(_ timing: TaskTiming) {
    let setting = RateLog.Setting(
      model: timing.model, precision: options.precision.rawValue, threads: options.threads)
    do {
      try RateLog(options.store).append(
        setting, dataset: timing.dataset, images: timing.imagesComputed,
        seconds: timing.imageSeconds)
    } catch {
      // No result depends on it.
      log.debug("how fast it was is not kept: \(error)")
    }
  }
}

extension EvalError {
  /// Whether a dataset is not on the disk, rather than there and too small for the split, or without a list that it needs:
  /// of those the dataset itself is the subject, not a place where it was looked for.
  package func isAbsence(of dataset: String) -> Bool { kind == .notFound && subject != dataset }

  /// The error for a line that begins with its dataset.
  package func text(about dataset: String) -> String {
    subject == dataset ? "\(EvalError(kind, message, remedy: remedy))" : "\(self)"
  }
}

extension PlannedTask {
  func outcome(
    _ status: TaskOutcome.Status, model: String, message: String? = nil,
    failedSamples: [FailedSample] = []
  ) -> TaskOutcome {
    TaskOutcome(
      experiment: experiment, dataset: dataset,
      model: model, status: status, message: message, failedSamples: failedSamples)
  }
}

/// How often the files of a run are written, which grow with it: after every task at first, and never so often that writing
/// takes more than a tenth of the time.
private struct SavePace {
  private var next = ContinuousClock.now

  mutating func perform(_ save: () throws -> Void) rethrows {
    let start = ContinuousClock.now
    guard start >= next else { return }
    try save()
    let end = ContinuousClock.now
    next = end + start.duration(to: end) * 9
  }
}
