import Core
import Datasets
import Foundation
import Prompts
import Yams

extension SuiteFile {
  /// The prompt sets that an entry names: datasets of classes need both; captions take templates alone, and need none.
  static func words(
    _ entry: YAMLFields, of dataset: String, _ task: DatasetTask, _ folder: URL, _ yaml: YAMLReader
  ) throws -> (classNames: [String], templates: [String], captionsPerImage: Int?) {
    if task == .captions || task == .composition {
      if let captions = entry["captionsPerImage"], task == .composition {
        throw yaml.error("\(dataset) asks about all of its captions", at: captions)
      }
      if let classNames = entry["classNames"] {
        throw yaml.error("\(dataset) has captions and no classes to name", at: classNames)
      }
      return (
        [],
        try entry["templates"].map { try promptReferences($0, .templates, folder, yaml) }
          ?? ["\(PromptLibrary.genericDataset)/bare"],
        try entry["captionsPerImage"].map { try count($0, yaml) }
      )
    }
    if let captions = entry["captionsPerImage"] {
      throw yaml.error("\(dataset) has classes and no captions", at: captions)
    }
    return (
      try promptReferences(entry.required("classNames"), .classNames, folder, yaml),
      try promptReferences(entry.required("templates"), .templates, folder, yaml), nil
    )
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
