import CLIPModels
import Core
import Datasets

extension PlannedTask {
  /// A probe.
  /// - Throws: `EvalError.badSuite` at the entry's place for settings that do not go together.
  init(
    probe experiment: SuiteFile.ExperimentName, of entry: SuiteFile.Entry, _ model: LocatedModel,
    _ info: DatasetInfo, options: [String: String]?, limit: Int?
  ) throws {
    let probe: ProbeTask
    do {
      probe = try ProbeTask(entry.probe, experiment: experiment, info: info, split: entry.split)
    } catch let error as EvalError where error.kind == .usage {
      throw EvalError(
        .badSuite, "\(info.id): \(error.message)", subject: entry.place, remedy: error.remedy)
    }
    self.init(
      experiment: experiment.rawValue, model: model.url.standardizedFileURL.path,
      modelName: model.name, dataset: info.id, own: entry.own, split: probe.testName,
      options: options, classNames: nil, templates: "", captionsPerImage: nil, limit: limit,
      probe: probe)
  }

  /// The same samples as a task of one split reads them.
  func onSplit(_ name: String) -> PlannedTask {
    var task = self
    task.split = name
    (task.probe, task.robustness, task.prompts) = (nil, nil, nil)
    return task
  }

  /// Every split it reads: of a probe also those it learns from, of a comparison of templates what they are selected on.
  package var splitNames: [String] {
    probe?.splitNames ?? [prompts?.selectionSplit, split].compactMap(\.self)
  }

  /// - Throws: `EvalError.bug` for a task that is no probe.
  func requiredProbe() throws(EvalError) -> ProbeTask {
    guard let probe else { throw EvalError(.bug, "a probe without settings", subject: dataset) }
    return probe
  }
}
