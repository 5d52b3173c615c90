import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import Imaging
import Neural
import Prompts
import Suites

/// What is wrong with a plan and can be known before any image is read: told at once, rather than after the
/// tasks that come first.
enum PlanCheck {
  /// Splits and prompt sets that tasks name.
  /// - Throws: `EvalError.badSuite` naming the dataset and the place in the suite; `.malformedData` from a broken prompt file.
  static func checkReferences(of plan: Plan, prompts: PromptLibrary) throws {
    for (task, places) in zip(plan.tasks, plan.places) {
      if let base = task.baseTask, let own = places.base.first {
        try checkReferences(of: base, own, prompts)
      }
      try checkReferences(of: task, places, prompts)
    }
  }

  private static func checkReferences(
    of task: PlannedTask, _ places: TaskPlaces, _ prompts: PromptLibrary
  ) throws {
    try naming(places.entry, of: task) {
      let info = try task.adapter().info
      for split in task.splitNames { _ = try info.split(named: split) }
    }
    if task.templates.isEmpty, task.prompts == nil { return }
    if let classNames = task.classNames, !task.takesNamesOfDataset {
      // As IIIT5K has none, whose classes are the words of its own lists.
      let hasSets = prompts.entries.contains { $0.dataset == task.dataset }
      try naming(
        places.classNames ?? places.entry, of: task, entry: places.entry,
        hint: hasSets
          ? nil : "`classNames: dataset` takes the names that the dataset's own files give."
      ) {
        let set = try prompts.resolve(classNames, dataset: task.dataset)
        guard !set.classes.isEmpty else {
          throw EvalError(
            .badSuite, "the prompt set \(set.reference) has templates only, and no class names")
        }
      }
    }
    if let sets = task.prompts?.sets {
      for (set, place) in zip(sets, places.sets) {
        try naming(place, of: task, entry: places.entry) {
          let templates = try prompts.resolve(set, dataset: task.dataset)
          guard !templates.templates.isEmpty else {
            throw EvalError(.badSuite, "the prompt set \(templates.reference) has no templates")
          }
        }
      }
      return
    }
    try naming(places.templates, of: task, entry: places.entry) {
      let templates = try prompts.resolve(task.templates, dataset: task.dataset)
      guard !templates.templates.isEmpty else {
        throw EvalError(.badSuite, "the prompt set \(templates.reference) has no templates")
      }
      if [RetrievalExperiment.name, CompositionExperiment.name].contains(task.experiment) {
        _ = try templates.singleTemplate()
      }
    }
  }

  /// Puts the dataset and the place in the suite to what `check` throws.
  /// - Parameters:
  ///   - entry: the entry's place, when a prompt set is checked: a set that is named nowhere else is the default.
  ///   - hint: what else to do about it.
  private static func naming(
    _ place: String, of task: PlannedTask, entry: String? = nil, hint: String? = nil,
    _ check: () throws -> Void
  ) throws {
    do {
      try check()
    } catch let error as EvalError where error.kind != .malformedData {
      let subject = error.subject == task.dataset ? nil : error.subject
      let message = [subject, error.message].compactMap(\.self).joined(separator: ": ")
      guard place != entry else {
        throw EvalError(
          .badSuite, "\(task.dataset) takes the default prompts, and there are none: \(message)",
          subject: place,
          remedy: ["Say classNames and templates in the entry.", hint].compactMap(\.self)
            .joined(separator: " "))
      }
      throw EvalError(
        .badSuite, "\(task.dataset): \(message)", subject: place,
        remedy: hint.map { [error.remedy, $0].compactMap(\.self).joined(separator: " ") }
          ?? error.remedy)
    }
  }

  /// Checkpoints: that they open, that their sizes agree, and that they are what the catalog has under their name.
  /// Embeddings folders: that their manifest can be read, and names datasets of the program or of these suites' own.
  /// - Throws: `EvalError.notFound` or `.malformedData`; `.usage` for settings that come too late for features already made.
  static func checkModels(
    _ models: [LocatedModel], ownDatasets: Set<String>, preprocessing: PreprocessOverrides,
    activation: Activation?, precision: TowerPrecision
  ) throws {
    for model in models {
      if EmbeddingsFolder.recognises(model.url) {
        guard preprocessing == PreprocessOverrides(), activation == nil, precision == .fp32 else {
          throw EvalError(
            .usage,
            "preprocessing, activation and precision cannot be changed: the features are already made",
            subject: model.url.path, remedy: "State what they are in embeddings.yaml.")
        }
        try EmbeddingsFolder(model.url).checkNames(ownDatasets: ownDatasets)
        continue
      }
      let session = try ModelSession(
        model, preprocessing: preprocessing, activation: activation)
      _ = try session.tokenizer()
      try session.checkWeights()
    }
  }

  static func checkDataRoot(_ url: URL) throws {
    guard isFolder(url) else {
      throw EvalError(
        .notFound, "expected the folder that holds the datasets", subject: url.path,
        remedy: "Name it with --data-root.")
    }
    guard access(url.path, R_OK | X_OK) == 0 else {
      throw EvalError(
        .notFound, "the data folder cannot be read: \(String(cString: strerror(errno)))",
        subject: url.path)
    }
  }
}
