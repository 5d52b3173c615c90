import Core
package import Probes

/// What a suite says of its probes: for all of them, or for one entry. What it leaves out is nil.
package struct ProbeSettings: Sendable, Equatable {
  package enum Feature: String, Sendable, Codable, CaseIterable {
    /// Before the projection: the penultimate layer, as in the paper.
    case pooled
    /// What zero-shot compares with texts.
    case projected
  }

  package enum Search: String, Sendable, Codable, CaseIterable {
    case paper
    case flat
  }

  /// On what few-shot probes choose C.
  package enum Selection: String, Sendable, Codable, CaseIterable {
    /// min(k, 4) further examples of each class.
    case fewShot = "few-shot"
    /// The whole validation split, official or held out.
    case validation
    /// Folds of the k examples themselves.
    case crossValidation = "cross-validation"
    /// C is given.
    case fixed
  }

  package var solver: SolverPreset?
  package var feature: Feature?
  package var normalise: Bool?
  package var search: Search?
  package var C: Double?
  package var train: [String]?
  /// `hold-out` for a part of the training split even where there is an official one.
  package var validation: [String]?
  package var test: [String]?
  package var shots: [Int]?
  package var seeds: [Int]?
  package var selection: Selection?
  /// A folder, or a file, of CoOp's.
  package var splits: String?
  package var neighbours: Int?
  package var temperature: Double?

  package init() {}

  /// These, with another's in their place where it says something.
  func overridden(by own: ProbeSettings) -> ProbeSettings {
    var result = self
    // Either says where C comes from.
    if own.C != nil || own.search != nil { (result.C, result.search) = (own.C, own.search) }
    result.solver = own.solver ?? solver
    result.feature = own.feature ?? feature
    result.normalise = own.normalise ?? normalise
    result.train = own.train ?? train
    result.validation = own.validation ?? validation
    result.test = own.test ?? test
    result.shots = own.shots ?? shots
    result.seeds = own.seeds ?? seeds
    result.selection = own.selection ?? selection
    result.splits = own.splits ?? splits
    result.neighbours = own.neighbours ?? neighbours
    result.temperature = own.temperature ?? temperature
    return result
  }
}
