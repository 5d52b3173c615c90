import Core
import Datasets
package import Probes

/// What a planned probe is made of, besides its dataset, model and features: all of it chosen, nothing left to a default.
package struct ProbeTask: Codable, Sendable, Hashable {
  /// One probe of a dataset that has several predefined ones (STL10's folds, UCF101's splits), over which its result is the mean.
  package struct Round: Codable, Sendable, Hashable {
    package var train: String
    /// Nil where a part of the training split is held out.
    package var validation: String?
    package var test: String

    package init(train: String, validation: String?, test: String) {
      self.train = train
      self.validation = validation
      self.test = test
    }
  }

  package var feature: ProbeSettings.Feature
  package var normalise: Bool
  package var rounds: [Round]
  /// Nil for kNN.
  package var solver: SolverPreset?
  /// Nil for kNN and where C is given.
  package var search: ProbeSettings.Search?
  package var C: Double?
  /// Few-shot alone, like those that follow.
  package var shots: [Int]?
  package var seeds: [Int]?
  package var selection: ProbeSettings.Selection?
  package var splits: String?
  /// kNN alone.
  package var neighbours: Int?
  package var temperature: Double?

  /// - Throws: `EvalError.usage` for settings that do not go together, or splits that the dataset has not.
  init(
    _ settings: ProbeSettings, experiment: SuiteFile.ExperimentName, info: DatasetInfo,
    split: String?
  ) throws {
    feature = settings.feature ?? .pooled
    normalise = settings.normalise ?? false
    rounds = try ProbeSplits.rounds(settings, info: info, split: split)
    if info.task == .multiLabel, rounds.count > 1 {
      throw EvalError(.usage, "images with several classes are probed on one split each")
    }
    guard experiment != .knn else {
      neighbours = settings.neighbours ?? 20
      temperature = settings.temperature ?? 0.07
      // Nothing is chosen, so nothing is held out.
      return
    }
    solver = settings.solver ?? .converged
    C = settings.C
    search = settings.C == nil ? settings.search ?? .paper : nil
    guard experiment == .fewShot else { return }
    shots = (settings.shots ?? FewShotSampler.paperShots).sorted()
    seeds = settings.seeds ?? [1, 2, 3]
    selection = settings.selection ?? (settings.C == nil ? .fewShot : .fixed)
    splits = settings.splits
    guard (selection == .fixed) == (C != nil) else {
      throw EvalError(
        .usage,
        C == nil
          ? "the selection \"fixed\" needs a C"
          : "C is given: there is nothing to select by \"\(selection?.rawValue ?? "")\"")
    }
    if selection == .crossValidation, let shots, shots.contains(1) {
      throw EvalError(
        .usage, "a single example a class cannot be cross-validated",
        remedy: "Leave 1 out of shots, or choose another selection.")
    }
  }

  /// All splits, once each, in the order they are read.
  var splitNames: [String] {
    var seen: Set<String> = []
    return rounds.flatMap { [$0.train, $0.validation, $0.test].compactMap(\.self) }
      .filter { seen.insert($0).inserted }
  }

  /// What reports call the test splits.
  var testName: String {
    var seen: Set<String> = []
    return rounds.map(\.test).filter { seen.insert($0).inserted }.joined(separator: "+")
  }
}
