import Core
import Datasets
import Foundation
import YAMLFiles
import Yams

extension SuiteFile {
  /// The block of the experiment: one is not without the other.
  static func robustness(
    _ node: Node?, _ experiments: [ExperimentName], _ experimentNodes: [Node], _ folder: URL,
    _ yaml: YAMLReader
  ) throws -> RobustnessSettings? {
    let place = experiments.firstIndex(of: .robustness)
    guard let node else {
      guard let place else { return nil }
      throw yaml.error(
        "the experiment robustness needs a base and its shifts", at: experimentNodes[place],
        remedy: "Name them: `robustness: {base: …, shifts: […]}`.")
    }
    guard place != nil else {
      throw yaml.error("robustness is none of the suite's experiments", at: node)
    }
    return try RobustnessSettings(node, folder: folder, yaml)
  }

  /// The experiments of an entry: robustness where its block names the dataset, and nowhere else.
  /// - Parameter isNamed: the entry lists its experiments itself.
  static func taking(
    _ role: RobustnessSettings.Role?, _ chosen: [ExperimentName], _ dataset: String,
    _ task: DatasetTask, isNamed: Bool, at node: Node, _ yaml: YAMLReader
  ) throws -> [ExperimentName] {
    let others = chosen.filter { $0 != .robustness }
    let isMeant = isNamed && others.count < chosen.count
    if let role {
      guard role == .base ? task == .classification : ExperimentName.robustness.fits(task) else {
        throw yaml.error(
          "\(dataset) is a dataset of \(task.rawValue): it cannot be \(role == .base ? "the base" : "a shift") of `robustness:`",
          at: node)
      }
      return others + [.robustness]
    }
    guard !others.isEmpty, !isMeant else {
      throw yaml.error(
        "\(dataset) is neither the base nor a shift of `robustness:`", at: node,
        remedy: "Name it there, or give it another experiment.")
    }
    return others
  }

  /// That the base and every shift are one entry each, of a kind that they can be.
  static func checkRoles(
    _ robustness: RobustnessSettings, _ entries: [Entry]
  ) throws(EvalError) {
    for name in [robustness.base] + robustness.shifts {
      let own = entries.filter { RobustnessSettings.id($0.dataset) == RobustnessSettings.id(name) }
      guard own.count == 1 else {
        throw EvalError(
          .malformedData,
          own.isEmpty
            ? "\(name) is no entry of `datasets`"
            : "\(name) is \(own.count) entries of `datasets`; robustness takes one",
          subject: robustness.place,
          remedy: own.isEmpty
            ? NearMiss.hint(for: name, among: entries.map(\.dataset)) : nil)
      }
      guard own[0].experiments.contains(.robustness) else {
        throw EvalError(.bug, "an entry without its experiment", subject: own[0].place)
      }
    }
  }
}
