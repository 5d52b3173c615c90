package import CLIPModels
package import Core
package import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Metrics
package import Foundation
package import Prompts

/// One cell of a run: an experiment on a split of a dataset with a model, under named prompts.
package struct PlannedTask: Codable, Sendable, Hashable {
  package var experiment: String
  /// The checkpoint's path.
  package var model: String
  /// What the model is called in results.
  package var modelName: String
  package var dataset: String
  /// Nil for a dataset of the registry.
  @ExplicitNull package var own: SuiteFile.OwnDataset?
  package var split: String
  /// A value for each of the dataset's options; nil where it has none.
  @ExplicitNull package var options: [String: String]?
  /// Nil for datasets of captions.
  @ExplicitNull package var classNames: String?
  /// Empty for probes, which take no prompts.
  package var templates: String
  /// Captions taken of each image at most; nil for all, and for datasets of classes.
  @ExplicitNull package var captionsPerImage: Int?
  /// Samples taken at most, evenly spaced; nil for all.
  @ExplicitNull package var limit: Int?
  /// Of probes; left out of other tasks, whose plans then hash as ever.
  package var probe: ProbeTask?
  /// Of robustness, of which the dataset is a shift; left out of other tasks likewise.
  package var robustness: RobustnessTask?
  /// Of prompts; left out of other tasks likewise.
  package var prompts: PromptTask?
  /// Of zero-shot, where it is not the usual way; left out of other tasks likewise.
  package var scoring: TaskScoring?

  /// The class-name set.
  /// - Throws: `EvalError.badSuite` for a dataset that has none.
  func requiredClassNames() throws(EvalError) -> String {
    guard let classNames else {
      throw EvalError(
        .badSuite, "\(experiment) needs class names, and the dataset has none", subject: dataset)
    }
    return classNames
  }

  /// What a suite says for the names that the dataset's own files give its classes (the words of a lexicon).
  package static let namesOfDataset = "dataset"

  package var takesNamesOfDataset: Bool { classNames == Self.namesOfDataset }

  /// The class-name set; one of the dataset's own names where the suite says so.
  func classNameSet(_ prompts: PromptLibrary, classes: [DatasetClass]) throws -> PromptSet {
    guard takesNamesOfDataset else {
      return try prompts.resolve(requiredClassNames(), dataset: dataset)
    }
    return try PromptSet(
      dataset: dataset, name: Self.namesOfDataset, version: 1, source: "the dataset's own files",
      classes: classes.map { PromptSet.ClassNames(id: $0.id, names: [$0.name]) }, templates: [])
  }

  /// The model's name as part of a path.
  var modelFolder: String { Self.folder(forModel: modelName) }

  /// `ViT-B/32` is one folder, not two; a name of dots alone is none.
  static func folder(forModel name: String) -> String {
    let plain = name.replacing("/", with: "-").replacing("\0", with: "-")
    return plain.allSatisfy { $0 == "." } ? "-\(plain)" : plain
  }

  /// Knows the dataset's facts and layouts.
  package func adapter() throws -> any DatasetAdapter {
    guard let own else {
      return try DatasetRegistry.adapter(named: dataset).configured(options ?? [:])
    }
    return own.adapter(named: dataset)
  }

  /// The options as protocols record them.
  package var optionsText: String? { options.flatMap(DatasetOption.text) }

  /// The split's samples on this disk.
  package func index(dataRoot: URL) throws -> DatasetIndex {
    let index = try wholeIndex(dataRoot: dataRoot)
    return limit.map { index.limited(to: $0) } ?? index
  }

  /// The dataset's own, unless another one is asked for.
  func metric() throws -> MetricName {
    if let metric = scoring?.metric { return metric }
    let name = try adapter().info.metric
    guard let metric = MetricName(rawValue: name) else {
      throw EvalError(.bug, "the metric \(name) is not known", subject: dataset)
    }
    return metric
  }

  /// The splits that the task reads, each as a task of its own.
  package var parts: [PlannedTask] {
    if let baseTask {
      let learned = baseProbe.map { $0.splitNames.map($0.onSplit) } ?? []
      var shift = self
      shift.robustness = nil
      return learned.filter { $0.split != baseTask.split } + [baseTask, shift]
    }
    return probe == nil && prompts?.selectionSplit == nil ? [self] : splitNames.map(onSplit)
  }

  /// Rows that a task of one split finds in an embeddings folder.
  func rowCount() throws -> Int {
    let info = try adapter().info
    let source = try EmbeddingsFolder(URL(filePath: model))
      .source(of: info, split: info.split(named: split))
    return min(try source.rowCount(), limit ?? .max)
  }

  /// That every class has a class name.
  /// - Throws: as `ClassJoin.join`.
  package func checkNames(of classes: [DatasetClass], in prompts: PromptLibrary) throws {
    guard let classNames, !takesNamesOfDataset else { return }
    _ = try ClassJoin.join(
      classes: classes.map { ($0.id, $0.name) },
      with: prompts.resolve(classNames, dataset: dataset), dataset: dataset)
  }

  /// All of the split's samples on this disk, whatever the limit.
  func wholeIndex(dataRoot: URL) throws -> DatasetIndex {
    let folder = own.map { dataRoot.appending(path: $0.path) } ?? dataRoot
    return try adapter().index(root: folder, split: split)
      .limitingCaptions(perImage: captionsPerImage)
  }
}

/// Where a task's parts are written: file, line and column.
package struct TaskPlaces: Sendable, Equatable {
  package var entry: String
  /// Nil for datasets of captions.
  package var classNames: String?
  package var templates: String
  /// Of prompts: of each set compared; empty for other tasks.
  package var sets: [String] = []
  /// Of robustness: those of the base; empty for other tasks.
  package var base: [TaskPlaces] = []
}

/// The tasks that follow from suites and a command line, in the order they run.
package struct Plan: Sendable {
  package private(set) var tasks: [PlannedTask]
  /// Where in its suite each task, and each of its prompt sets, comes from.
  package private(set) var places: [TaskPlaces]
  /// What a user should know of the suites before the tasks run.
  package private(set) var notices: [String] = []
  package let models: [LocatedModel]
  private let fileNames: [PlannedTask: String]

  /// - Parameters:
  ///   - models: checkpoints or embeddings folders as the command line names them, found; one that is named twice counts once,
  ///     by its first name. When empty, each suite's own.
  ///   - datasets: when not empty, only these (ids or aliases).
  ///   - prompts: says how many templates a set has, for entries with `eachTemplate`.
  /// - Throws: `EvalError.badSuite` for a dataset nobody knows or a selection that leaves nothing, `.usage` for two
  ///   models of one name.
  package init(
    suites: [SuiteFile], models: [LocatedModel], datasets: [String], limit: Int?,
    prompts: PromptLibrary? = nil
  ) throws {
    // Names of the suites' own datasets are taken as they are, others through the registry's aliases.
    let own = Set(suites.flatMap(\.entries).filter { $0.own != nil }.map(\.dataset))
    let selected = try Set(datasets.map { try Self.id(named: $0, own: own) })
    var tasks: [(task: PlannedTask, places: TaskPlaces)] = []
    var known: Set<PlannedTask> = []
    let allModels =
      try (models.isEmpty ? suites.flatMap(\.models).map(LocatedModel.init(path:)) : models)
      .map(Self.named)
    try Self.checkNames(allModels)
    var paths: Set<String> = []
    self.models = allModels.filter { paths.insert($0.url.standardizedFileURL.path).inserted }
    for model in self.models {
      let isOwn: (String) -> Bool = {
        URL(filePath: $0).standardizedFileURL.path == model.url.standardizedFileURL.path
      }
      for suite in suites where !models.isEmpty || suite.models.contains(where: isOwn) {
        for entry in suite.entries {
          let (info, options) = try Self.dataset(of: entry)
          if !datasets.isEmpty, !selected.contains(info.id) { continue }
          // Robustness is of several entries: its tasks come last.
          let experiments = entry.experiments.filter { $0 != .robustness }
          let pairs =
            experiments.allSatisfy { $0.isProbe || $0 == .prompts }
            ? [] : try entry.promptPairs(dataset: info.id, prompts)
          if entry.eachTemplate, !pairs.isEmpty,
            pairs.count == max(entry.classNames.count, 1) * entry.templates.count
          {
            let notice =
              "\(entry.place): \(info.id): eachTemplate adds nothing, since none of the entry's template sets has several"
            if !notices.contains(notice) { notices.append(notice) }
          }
          for experiment in experiments {
            guard experiment != .prompts else {
              tasks += try PlannedTask.promptTasks(
                entry, model, info, options: options, limit: limit
              ).filter { known.insert($0.task).inserted }
              continue
            }
            guard !experiment.isProbe else {
              let task = try PlannedTask(
                probe: experiment, of: entry, model, info, options: options, limit: limit)
              let places = TaskPlaces(entry: entry.place, classNames: nil, templates: entry.place)
              if known.insert(task).inserted { tasks.append((task, places)) }
              continue
            }
            for (classNames, templates) in pairs {
              let task = PlannedTask(
                experiment: experiment.rawValue, model: model.url.standardizedFileURL.path,
                modelName: model.name, dataset: info.id, own: entry.own,
                split: entry.split ?? info.defaultSplit, options: options,
                classNames: classNames?.text, templates: templates.text,
                captionsPerImage: entry.captionsPerImage, limit: limit)
              let places = TaskPlaces(
                entry: entry.place, classNames: classNames?.place, templates: templates.place)
              if known.insert(task).inserted { tasks.append((task, places)) }
            }
          }
        }
        tasks += try suite.robustnessTasks(
          model, selected: datasets.isEmpty ? nil : selected, limit: limit
        ).filter { known.insert($0.task).inserted }
      }
    }
    places = tasks.map(\.places)
    self.tasks = tasks.map(\.task)
    fileNames = Self.fileNames(of: self.tasks)
    guard !tasks.isEmpty else {
      throw EvalError(
        .badSuite, "the plan is empty: no dataset of the suites is among \(datasets)")
    }
  }

  /// Features are called as their manifest says.
  private static func named(_ model: LocatedModel) throws -> LocatedModel {
    guard EmbeddingsFolder.recognises(model.url) else { return model }
    var model = model
    model.name = try EmbeddingsFolder(model.url).name
    return model
  }

  /// Results, and the folders of predictions, tell models apart by name.
  private static func checkNames(_ models: [LocatedModel]) throws {
    let names = Dictionary(grouping: models) { PlannedTask.folder(forModel: $0.name) }
    for (name, models) in names {
      let paths = Set(models.map { $0.url.standardizedFileURL.path })
      if paths.count > 1 {
        throw EvalError(
          .usage,
          "results name a model by its name in the catalog, in embeddings.yaml or of its folder, and "
            + "\(paths.sorted().joined(separator: " and ")) are both called \(name)",
          remedy: "Rename one, or run them into separate folders.")
      }
    }
  }

  private static func id(named name: String, own: Set<String>) throws -> String {
    if own.contains(name) { return name }
    do {
      return try DatasetRegistry.adapter(named: name).info.id
    } catch let error as EvalError where error.kind == .usage {
      let known = own.sorted() + DatasetRegistry.names
      throw EvalError(
        .usage, error.message, subject: error.subject,
        remedy: NearMiss.hint(for: name, among: known) ?? error.remedy)
    }
  }

  func model(of task: PlannedTask) throws -> LocatedModel {
    guard let model = models.first(where: { $0.url.standardizedFileURL.path == task.model }) else {
      throw EvalError(
        .bug, "a task of the plan has a model that the plan has not", subject: task.model)
    }
    return model
  }

  /// What is known of an entry's dataset, and its options with their defaults.
  /// - Throws: `EvalError.badSuite` at the entry's place.
  static func dataset(
    of entry: SuiteFile.Entry
  ) throws -> (info: DatasetInfo, options: [String: String]?) {
    let adapter = try adapter(entry)
    return (adapter.info, try options(of: adapter, entry))
  }

  private static func adapter(_ entry: SuiteFile.Entry) throws -> any DatasetAdapter {
    if let own = entry.own { return own.adapter(named: entry.dataset) }
    do {
      return try DatasetRegistry.adapter(named: entry.dataset)
    } catch let error as EvalError {
      throw EvalError(.badSuite, error.message, subject: entry.place, remedy: error.remedy)
    }
  }

  /// With the defaults of those that the entry does not choose, so that a default that is spelled out makes no other task.
  private static func options(
    of adapter: any DatasetAdapter, _ entry: SuiteFile.Entry
  ) throws -> [String: String]? {
    do {
      let options = try adapter.effectiveOptions(entry.options)
      return options.isEmpty ? nil : options
    } catch let error as EvalError {
      throw EvalError(
        .badSuite, "\(entry.dataset): \(error.message)", subject: entry.place,
        remedy: error.remedy)
    }
  }

  /// The name of a task's prediction files, without extension.
  func fileName(of task: PlannedTask) throws(EvalError) -> String {
    guard let name = fileNames[task] else {
      throw EvalError(.bug, "a task that is not of this plan", subject: task.dataset)
    }
    return name
  }
}

extension SuiteFile.OwnDataset {
  func adapter(named id: String) -> any DatasetAdapter {
    switch layout {
    case .imageFolder: ImageFolder(id: id, metric: metric.rawValue)
    case .csv: FileList(id: id, metric: metric.rawValue)
    case .webdataset: WebDatasetFolder(id: id, metric: metric.rawValue)
    case .parquet: ParquetFolder(id: id, metric: metric.rawValue)
    case .elevater: ElevaterFolder(id: id, metric: metric.rawValue)
    case .voc: WithContainers(VOC(id: id, metric: metric.rawValue))
    case .idx: IDXFolder(id: id, metric: metric.rawValue)
    case .captions: WithContainers(CaptionDataset(id: id))
    }
  }
}
