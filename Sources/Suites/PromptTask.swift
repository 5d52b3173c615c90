import CLIPModels
package import Core
import Datasets
import Experiments
import Prompts

/// What a planned comparison of templates is made of, besides its dataset, model and class names.
package struct PromptTask: Codable, Sendable, Hashable {
  /// References to the template sets compared; the base, and what templates are taken from, among them.
  package var sets: [String]
  package var base: String
  /// Nil for the set with the most templates; of several the first.
  @ExplicitNull package var from: String?
  /// `half`, a split, or nil for no selection.
  @ExplicitNull package var selectOn: String?
  @ExplicitNull package var size: Int?
  /// Of the halves.
  @ExplicitNull package var seed: Int?

  package static let half = "half"

  /// The split that is selected on, where it is another.
  var selectionSplit: String? { selectOn == Self.half ? nil : selectOn }

  /// - Returns: with the place of each set.
  /// - Throws: `EvalError.usage` where there is no such training split.
  init(
    _ entry: SuiteFile.Entry, info: DatasetInfo
  ) throws {
    let settings = entry.prompts
    var sets = entry.comparedTemplates.map(\.text)
    for other in [settings.base, settings.from].compactMap(\.self) where !sets.contains(other.text)
    {
      sets.append(other.text)
    }
    self.sets = sets
    let plain = "\(PromptLibrary.genericDataset)/single"
    base = settings.base?.text ?? (sets.contains(plain) ? plain : sets.first ?? plain)
    from = settings.from?.text
    let test = entry.split ?? info.defaultSplit
    switch settings.selection ?? .half {
    case .half: selectOn = Self.half
    case .train: selectOn = try ProbeSplits.training(test, info)
    case .split(let name): selectOn = try info.split(named: name).name
    case .nothing: selectOn = nil
    }
    guard selectOn != (try info.split(named: test).name) else {
      throw EvalError(
        .usage,
        "templates cannot be selected on the split that they are scored on, \(test): what fits it best would score best",
        remedy: "`select: half` selects on one half of it and scores on the other.")
    }
    size = selectOn == nil ? nil : settings.size
    seed = selectOn == Self.half ? settings.seed ?? 1 : nil
  }
}

extension PlannedTask {
  /// - Throws: `EvalError.bug` for another task.
  func requiredPrompts() throws(EvalError) -> PromptTask {
    guard let prompts else {
      throw EvalError(.bug, "a comparison of templates without settings", subject: dataset)
    }
    return prompts
  }

  /// Comparisons of an entry's templates, one for each of its class-name sets.
  /// - Throws: `EvalError.badSuite` at the entry's place.
  static func promptTasks(
    _ entry: SuiteFile.Entry, _ model: LocatedModel, _ info: DatasetInfo,
    options: [String: String]?, limit: Int?
  ) throws -> [(task: PlannedTask, places: TaskPlaces)] {
    let prompts: PromptTask
    do {
      prompts = try PromptTask(entry, info: info)
    } catch let error as EvalError where error.kind == .usage {
      throw EvalError(
        .badSuite, "\(info.id): \(error.message)", subject: entry.place, remedy: error.remedy)
    }
    let references =
      entry.comparedTemplates + [entry.prompts.base, entry.prompts.from].compactMap(\.self)
    return entry.classNames.map { names in
      let task = PlannedTask(
        experiment: PromptStudy.experiment, model: model.url.standardizedFileURL.path,
        modelName: model.name, dataset: info.id, own: entry.own,
        split: entry.split ?? info.defaultSplit, options: options, classNames: names.text,
        templates: "", captionsPerImage: nil, limit: limit, prompts: prompts)
      var places = TaskPlaces(
        entry: entry.place, classNames: names.place, templates: entry.place)
      places.sets = prompts.sets.map { set in
        references.first { $0.text == set }?.place ?? entry.place
      }
      return (task, places)
    }
  }
}
