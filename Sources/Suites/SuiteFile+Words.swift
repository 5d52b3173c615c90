import Core
import Datasets
import Foundation
import Prompts
import YAMLFiles
import Yams

extension SuiteFile {
  /// The prompts of the paper's authors: what a dataset of the program is evaluated with where its entry names no sets.
  package static let defaultPrompts = "openai-2021"

  /// What the experiment `prompts` compares a dataset's own templates with.
  static func plainTemplates(at place: String) -> [PromptReference] {
    ["bare", "single"].map {
      PromptReference("\(PromptLibrary.genericDataset)/\($0)", place: place)
    }
  }

  /// The prompt sets that an entry names. Datasets of classes take the default for what is left out, where they are not one's
  /// own; captions take templates alone, and need none.
  /// - Parameter templates: the suite's, for datasets of classes that name none.
  static func words(
    _ entry: YAMLFields, of dataset: String, isOwn: Bool, _ task: DatasetTask,
    isPrompted: Bool, templates: [PromptReference]?, at node: Node, _ folder: URL,
    _ yaml: YAMLReader
  ) throws -> (classNames: [PromptReference], templates: [PromptReference], captionsPerImage: Int?)
  {
    func references(_ key: String, _ kind: PromptKind, otherwise set: String?) throws
      -> [PromptReference]
    {
      if let node = entry[key] { return try promptReferences(node, kind, folder, yaml) }
      guard let set else { return try promptReferences(entry.required(key), kind, folder, yaml) }
      return [PromptReference(set, place: yaml.place(of: node))]
    }
    if task == .captions || task == .composition {
      if let captions = entry["captionsPerImage"], task == .composition {
        throw yaml.error("\(dataset) asks about all of its captions", at: captions)
      }
      if let classNames = entry["classNames"] {
        throw yaml.error("\(dataset) has captions and no classes to name", at: classNames)
      }
      return (
        [],
        try references("templates", .templates, otherwise: "\(PromptLibrary.genericDataset)/bare"),
        try entry["captionsPerImage"].map { try count($0, yaml) }
      )
    }
    if let captions = entry["captionsPerImage"] {
      throw yaml.error("\(dataset) has classes and no captions", at: captions)
    }
    if !isPrompted, let key = ["classNames", "templates"].first(where: { entry[$0] != nil }),
      let words = entry[key]
    {
      throw yaml.error("no experiment of \(dataset) takes prompts: \(key) has no use", at: words)
    }
    guard isPrompted else { return ([], [], nil) }
    let set = isOwn ? nil : defaultPrompts
    return (
      try references("classNames", .classNames, otherwise: set),
      try entry["templates"] == nil && templates != nil
        ? templates ?? [] : references("templates", .templates, otherwise: set), nil
    )
  }

  /// A map of names and values, both as they are written.
  static func options(_ node: Node, _ yaml: YAMLReader) throws -> [String: String] {
    guard case .mapping(let mapping) = node else {
      throw yaml.error("expected a map of options, like {crop: 1}", at: node)
    }
    var options: [String: String] = [:]
    for (key, value) in mapping {
      options[try yaml.text(key, "the name of an option")] = try yaml.text(
        value, "the value of an option")
    }
    return options
  }

  private static func count(_ node: Node, _ yaml: YAMLReader) throws -> Int {
    let written = try yaml.text(node, "a number of captions (1, 2, …)")
    guard let count = Int(written), count > 0 else {
      throw yaml.error("expected a number of captions (1, 2, …), found \"\(written)\"", at: node)
    }
    return count
  }

  /// What is made of an entry: the experiments it names, or those of the suite that fit its dataset.
  static func experiments(
    of dataset: String, _ task: DatasetTask, _ named: Node?, suite: [ExperimentName], at node: Node,
    _ yaml: YAMLReader
  ) throws -> [ExperimentName] {
    guard let named else {
      let fitting = suite.filter { $0.fits(task) }
      guard !fitting.isEmpty else {
        throw yaml.error(
          "\(dataset) is a dataset of \(task.rawValue), and no experiment of the suite is one for it",
          at: node, remedy: hint(task))
      }
      return fitting
    }
    let experiments = try yaml.list(named, "a list of experiments").map { item in
      let experiment: ExperimentName = try choice(item, "experiment", yaml)
      guard experiment.fits(task) else {
        throw yaml.error(
          "\(dataset) is a dataset of \(task.rawValue); the experiment \(experiment.rawValue) is not one for it",
          at: item, remedy: hint(task))
      }
      return experiment
    }
    guard !experiments.isEmpty else {
      throw yaml.error("expected at least one experiment", at: named)
    }
    return experiments
  }

  private static func hint(_ task: DatasetTask) -> String {
    let names = ExperimentName.allCases.filter { $0.fits(task) }.map(\.rawValue)
    return "Those for it are: \(names.joined(separator: ", "))."
  }
}
