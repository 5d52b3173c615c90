import Core
import Datasets

/// Which splits a probe of a dataset is trained, validated and tested on where a suite does not say: the dataset's official ones.
enum ProbeSplits {
  /// In place of a validation split: a part of the training split.
  static let holdOut = "hold-out"

  /// Datasets whose results are means over predefined splits (paper, Table 9): what is trained on, and tested with it.
  private static let predefined: [String: [ProbeTask.Round]] = [
    "STL10": (0..<10).map { .init(train: "fold\($0)", validation: nil, test: "test") },
    "UCF101": (1...3).map { .init(train: "train\($0)", validation: nil, test: "test\($0)") },
  ]

  /// - Parameter split: the entry's, which tests where the settings name none.
  /// - Throws: `EvalError.usage` where there is no training split, or for lists of different lengths.
  static func rounds(
    _ settings: ProbeSettings, info: DatasetInfo, split: String?
  ) throws -> [ProbeTask.Round] {
    let named = settings.test ?? split.map { [$0] }
    if settings.train == nil, let rounds = predefined[info.id] {
      let wanted = try Set((named ?? [info.defaultSplit]).map { try info.split(named: $0).name })
      let chosen =
        wanted == [info.defaultSplit] ? rounds : rounds.filter { wanted.contains($0.test) }
      if !chosen.isEmpty {
        return try chosen.map { try with(settings.validation?.first, $0, info) }
      }
    }
    let tests = try (named ?? [info.defaultSplit]).map { try info.split(named: $0).name }
    let trains =
      try settings.train?.map { try info.split(named: $0).name }
      ?? tests.map { try training($0, info) }
    let count = max(tests.count, trains.count)
    let validations = settings.validation
    guard
      [tests.count, trains.count, validations?.count ?? 1].allSatisfy({ [1, count].contains($0) })
    else {
      throw EvalError(
        .usage,
        "expected one split or \(count) to train, validate and test on each, found \(trains.count), \(validations?.count ?? 1) and \(tests.count)"
      )
    }
    func entry(_ list: [String], _ round: Int) -> String { list[list.count == 1 ? 0 : round] }
    return try (0..<count).map { round in
      let (train, test) = (entry(trains, round), entry(tests, round))
      guard train != test else {
        throw EvalError(.usage, "a probe cannot be trained on what it is tested on: \(test)")
      }
      var result = ProbeTask.Round(train: train, validation: nil, test: test)
      result.validation = official(train: train, test: test, info)
      return try with(validations.map { entry($0, round) }, result, info)
    }
  }

  /// The round with the validation split that the settings name, if they do.
  private static func with(
    _ validation: String?, _ round: ProbeTask.Round, _ info: DatasetInfo
  ) throws -> ProbeTask.Round {
    guard let validation else { return round }
    var round = round
    round.validation =
      validation == holdOut ? nil : try info.split(named: validation).name
    guard round.validation != round.train, round.validation != round.test else {
      throw EvalError(
        .usage,
        "C cannot be chosen on what is trained or tested on: \(round.validation ?? "")",
        remedy: "`validation: hold-out` takes a part of the training split.")
    }
    return round
  }

  /// `coop-test` belongs to `coop-train`, `openai/test` to `openai/train`, and `val` or `dev`, where those are tested on, to `train`.
  static func training(_ test: String, _ info: DatasetInfo) throws -> String {
    let name = sibling(of: test, "train") ?? "train"
    if info.splits.isEmpty, test != "all" { return name }
    guard let train = known(name, info), train != test else {
      throw EvalError(
        .usage, "\(info.id) has no training split that belongs to \(test)",
        remedy: "Name one: `probe: {train: …}`.")
    }
    return train
  }

  /// The validation split that comes with a training split, where it is neither that nor the test split.
  private static func official(train: String, test: String, _ info: DatasetInfo) -> String? {
    guard let name = sibling(of: train, "val", in: "train"), let found = known(name, info),
      found != test, found != train, known(name, info) != known(test, info)
    else { return nil }
    return found
  }

  private static func sibling(of split: String, _ part: String, in own: String = "test") -> String?
  {
    split.hasSuffix(own) ? split.dropLast(own.count) + part : nil
  }

  /// Nil for generic datasets, of which nobody knows what splits they have.
  private static func known(_ name: String, _ info: DatasetInfo) -> String? {
    info.splits.isEmpty ? nil : try? info.split(named: name).name
  }
}
