package import Core
package import Datasets
import EmbeddingPipeline
import EmbeddingStore
package import Foundation

/// One cell of a run: an experiment on a split of a dataset with a model, under named prompts.
package struct PlannedTask: Codable, Sendable, Hashable {
  package var experiment: String
  package var model: String
  package var dataset: String
  /// Nil for a dataset of the registry.
  @ExplicitNull package var own: SuiteFile.OwnDataset?
  package var split: String
  package var classNames: String
  package var templates: String
  /// Samples taken at most, evenly spaced; nil for all.
  @ExplicitNull package var limit: Int?

  /// What the model is called in results: its folder's name.
  package var modelName: String { URL(filePath: model).standardizedFileURL.lastPathComponent }

  /// Knows the dataset's facts and layouts.
  package func adapter() throws -> any DatasetAdapter {
    guard let own else { return try DatasetRegistry.adapter(named: dataset) }
    return own.adapter(named: dataset)
  }

  /// The split's samples on this disk.
  package func index(dataRoot: URL) throws -> DatasetIndex {
    let index = try wholeIndex(dataRoot: dataRoot)
    return limit.map { index.limited(to: $0) } ?? index
  }

  /// How many samples the task has on this disk: images, or rows of an embeddings folder.
  package func sampleCount(dataRoot: URL?) throws -> Int {
    let url = URL(filePath: model)
    if EmbeddingsFolder.recognises(url) {
      let info = try adapter().info
      let source = try EmbeddingsFolder(url).source(of: info, split: info.split(named: split))
      return min(try source.rowCount(), limit ?? .max)
    }
    guard let dataRoot else { throw EvalError(.usage, "no data folder") }
    return try index(dataRoot: dataRoot).samples.count
  }

  /// All of the split's samples on this disk, whatever the limit.
  func wholeIndex(dataRoot: URL) throws -> DatasetIndex {
    let folder = own.map { dataRoot.appending(path: $0.path) } ?? dataRoot
    return try adapter().index(root: folder, split: split)
  }
}

/// The tasks that follow from suites and a command line, in the order they run.
package struct Plan: Sendable {
  package private(set) var tasks: [PlannedTask]
  /// Where in its suite each task comes from.
  package private(set) var places: [String]

  /// - Parameters:
  ///   - models: paths of checkpoints or embeddings folders as given; when empty, each suite's own.
  ///   - datasets: when not empty, only these (ids or aliases).
  /// - Throws: `EvalError.badSuite` for a dataset nobody knows or a selection that leaves nothing, `.usage` for two
  ///   models of one name.
  package init(
    suites: [SuiteFile], models: [String], datasets: [String], limit: Int?
  ) throws {
    // Names of the suites' own datasets are taken as they are, others through the registry's aliases.
    let own = Set(suites.flatMap(\.entries).filter { $0.own != nil }.map(\.dataset))
    let selected = try Set(
      datasets.map { own.contains($0) ? $0 : try DatasetRegistry.adapter(named: $0).info.id })
    var tasks: [(task: PlannedTask, place: String)] = []
    let allModels = models.isEmpty ? suites.flatMap(\.models) : models
    let names = Dictionary(grouping: Set(allModels)) {
      URL(filePath: $0).standardizedFileURL.lastPathComponent
    }
    if let (name, paths) = names.first(where: { $0.value.count > 1 }) {
      throw EvalError(
        .usage,
        "results name a model by its folder, and \(paths.sorted().joined(separator: " and ")) are both called \(name)",
        remedy: "Rename one, or run them into separate folders.")
    }
    for written in allModels {
      let model = URL(filePath: written).standardizedFileURL.path
      for suite in suites where !models.isEmpty || suite.models.contains(written) {
        for entry in suite.entries {
          let info = try Self.info(entry)
          if !datasets.isEmpty, !selected.contains(info.id) { continue }
          for experiment in suite.experiments {
            let task = PlannedTask(
              experiment: experiment.rawValue, model: model, dataset: info.id, own: entry.own,
              split: entry.split ?? info.defaultSplit, classNames: entry.classNames,
              templates: entry.templates, limit: limit)
            if !tasks.contains(where: { $0.task == task }) { tasks.append((task, entry.place)) }
          }
        }
      }
    }
    places = tasks.map { $0.place }
    self.tasks = tasks.map { $0.task }
    guard !tasks.isEmpty else {
      throw EvalError(
        .badSuite, "the plan is empty: no dataset of the suites is among \(datasets)")
    }
  }

  private static func info(_ entry: SuiteFile.Entry) throws -> DatasetInfo {
    if let own = entry.own { return own.adapter(named: entry.dataset).info }
    do {
      return try DatasetRegistry.adapter(named: entry.dataset).info
    } catch let error as EvalError {
      throw EvalError(.badSuite, error.message, subject: entry.place, remedy: error.remedy)
    }
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

extension SuiteFile.OwnDataset {
  func adapter(named id: String) -> any DatasetAdapter {
    switch layout {
    case .imageFolder: ImageFolder(id: id, metric: metric.rawValue)
    case .csv: FileList(id: id, metric: metric.rawValue)
    case .webdataset: WebDatasetFolder(id: id, metric: metric.rawValue)
    case .parquet: ParquetFolder(id: id, metric: metric.rawValue)
    }
  }
}
