package import Core
import Datasets
import Foundation

/// One cell of a run: an experiment on a split of a dataset with a model, under named prompts.
package struct PlannedTask: Codable, Sendable, Hashable {
  package var experiment: String
  package var model: String
  package var dataset: String
  package var split: String
  package var classNames: String
  package var templates: String
  /// Samples taken at most, evenly spaced; nil for all.
  package var limit: Int?

  /// What the model is called in results: its folder's name.
  package var modelName: String { URL(filePath: model).standardizedFileURL.lastPathComponent }
}

/// The tasks that follow from suites and a command line, in the order they run.
package struct Plan: Sendable {
  package var tasks: [PlannedTask]

  package var hash: SHA256Digest {
    get throws { try CanonicalJSON.hash(tasks) }
  }

  /// - Parameters:
  ///   - models: checkpoint paths as given.
  ///   - datasets: when not empty, only these (ids or aliases).
  /// - Throws: `EvalError.badSuite` for a dataset nobody knows, two models of one name, or a selection that
  ///   leaves nothing.
  package init(
    suites: [SuiteFile], models: [String], datasets: [String], limit: Int?
  ) throws {
    let selected = try Set(datasets.map { try DatasetRegistry.adapter(named: $0).info.id })
    var tasks: [PlannedTask] = []
    let names = Dictionary(grouping: Set(models)) {
      URL(filePath: $0).standardizedFileURL.lastPathComponent
    }
    if let (name, paths) = names.first(where: { $0.value.count > 1 }) {
      throw EvalError(
        .badSuite,
        "results name a model by its folder, and \(paths.sorted().joined(separator: " and ")) are both called \(name)",
        remedy: "Rename one, or run them into separate folders.")
    }
    for model in models {
      for suite in suites {
        for entry in suite.entries {
          let info: DatasetInfo
          do {
            info = try DatasetRegistry.adapter(named: entry.dataset).info
          } catch let error as EvalError {
            throw EvalError(
              .badSuite, error.message, subject: suite.path, remedy: error.remedy)
          }
          if !selected.isEmpty, !selected.contains(info.id) { continue }
          for experiment in suite.experiments {
            let task = PlannedTask(
              experiment: experiment.rawValue, model: model, dataset: info.id,
              split: entry.split ?? info.defaultSplit, classNames: entry.classNames,
              templates: entry.templates, limit: limit)
            if !tasks.contains(task) { tasks.append(task) }
          }
        }
      }
    }
    guard !tasks.isEmpty else {
      throw EvalError(
        .badSuite, "the plan is empty: no dataset of the suites is among \(datasets)")
    }
    self.tasks = tasks
  }

  /// The name of a task's prediction files: its dataset, with split and prompt sets where the plan has several
  /// tasks on that dataset.
  func fileName(of task: PlannedTask) -> String {
    let siblings = tasks.filter {
      $0.experiment == task.experiment && $0.model == task.model && $0.dataset == task.dataset
    }
    guard siblings.count > 1 else { return task.dataset }
    return [task.dataset, task.split, task.classNames, task.templates].joined(separator: ".")
      .replacing("/", with: "_")
  }
}
