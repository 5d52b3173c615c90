import Core
import Experiments
import Foundation

/// The results that are computed from the same predictions, compared together.
extension RunComparer {
  /// Results of the same predictions.
  struct Group {
    var first: RowPredictions
    var second: RowPredictions
    var pairs: [(first: RunResults.Entry, second: RunResults.Entry)]
  }

  private struct Files: Hashable {
    var first, second: RowPredictions
  }

  func grouped(
    _ pairs: [RowPairs.Pair], _ own: [RunResults.Entry], _ others: [RunResults.Entry]
  ) throws -> [Group] {
    var groups: [Group] = []
    var places: [Files: Int] = [:]
    for pair in pairs {
      guard let first = own.first(where: { $0.row == pair.first }),
        let second = others.first(where: { $0.row == pair.second })
      else { throw EvalError(.bug, "a pair of rows without predictions") }
      let files = Files(first: first.predictions, second: second.predictions)
      if let place = places[files] {
        groups[place].pairs.append((first, second))
      } else {
        places[files] = groups.count
        groups.append(
          Group(first: files.first, second: files.second, pairs: [(first, second)]))
      }
    }
    return groups
  }

  func compare(_ group: Group) throws -> TaskComparison {
    let row = group.pairs[0].first.row
    let other = group.pairs[0].second.row
    var seeds: [Int] = []
    var evaluations: [(first: RowPredictions.Evaluation, second: RowPredictions.Evaluation)] = []
    if row.probe?.seeds == nil {
      guard let first = group.first.evaluations.first, let second = group.second.evaluations.first
      else { throw EvalError(.bug, "a row without predictions", subject: row.dataset) }
      evaluations = [(first, second)]
    } else {
      for first in group.first.evaluations {
        guard let seed = first.seed, let second = group.second.evaluation(seed: seed) else {
          continue
        }
        seeds.append(seed)
        evaluations.append((first, second))
      }
      guard !seeds.isEmpty else {
        throw EvalError(
          .malformedData, "the two sides share no seed", subject: "\(row.experiment) \(row.dataset)"
        )
      }
    }
    let first = try evaluations.map { try RowPredictions.read($0.first) }
    let second = try evaluations.map { try RowPredictions.read($0.second) }
    let isWhole =
      evaluations.count == group.first.evaluations.count
      && evaluations.count == group.second.evaluations.count
    let unit = Self.unit(of: group.pairs.map(\.first.row))
    if unit != nil, let samples = first.first, samples.groups == nil {
      throw EvalError(
        .malformedData, "its samples hang together, and the run does not tell which",
        subject: "\(row.experiment) \(row.dataset)",
        remedy: "Run it again with this version: what is embedded is not embedded again.")
    }
    var task = try TaskComparison(
      subject(row, other, group.first), first, second, seeds: seeds,
      wanted: group.pairs.map {
        .init(
          metric: $0.first.row.metric, isMain: $0.first.isMain,
          first: isWhole ? $0.first.row.value : nil, second: isWhole ? $0.second.row.value : nil)
      },
      unit: unit, resamples: options.resamples, threads: options.threads)
    task.firstProtocols = Self.hashes(group.pairs.map(\.first.row))
    task.secondProtocols = Self.hashes(group.pairs.map(\.second.row))
    if !isWhole {
      task.notes.append(
        "of \(group.first.evaluations.count) and \(group.second.evaluations.count) seeds, those that both sides have"
      )
    }
    if group.pairs.contains(where: { $0.first.row.partial || $0.second.row.partial }) {
      task.notes.append("partial")
    }
    return task
  }

  private static func hashes(_ rows: [ResultRow]) -> [String] {
    var seen: Set<String> = []
    return rows.map(\.protocolHash.hex).filter { seen.insert($0).inserted }
  }

  /// What the rows' intervals are bootstrapped over, where that is not samples.
  private static func unit(of rows: [ResultRow]) -> String? {
    rows.compactMap(\.intervalMethod).compactMap { method in
      method.split(separator: " ").first { $0.hasPrefix("clusters=") }.map {
        String($0.dropFirst("clusters=".count))
      }
    }.first
  }

  private func subject(
    _ row: ResultRow, _ other: ResultRow, _ files: RowPredictions
  ) -> TaskComparison.Subject {
    func common(_ value: (ResultRow) -> String?) -> String? {
      value(row) == value(other) ? value(row) : nil
    }
    return TaskComparison.Subject(
      experiment: row.experiment, dataset: row.dataset, options: row.protocol.datasetOptions,
      split: row.protocol.split, shots: row.probe?.shots,
      classifier: row.robustness?.classifier.rawValue, alpha: row.robustness?.alpha,
      direction: files.direction, model: common(\.model),
      classNames: common { $0.setName($0.protocol.classNameSet) },
      templates: common { $0.setName($0.protocol.templateSet) })
  }

  /// Leaves out of the subjects what all have alike.
  static func describe(_ tasks: inout [TaskComparison]) {
    if Set(tasks.map(\.subject.model)).count < 2 {
      for place in tasks.indices { tasks[place].subject.model = nil }
    }
    for experiment in Set(tasks.map(\.subject.experiment)) {
      let own = tasks.indices.filter { tasks[$0].subject.experiment == experiment }
      if Set(own.map { tasks[$0].subject.classNames }).count < 2 {
        for place in own { tasks[place].subject.classNames = nil }
      }
      if Set(own.map { tasks[$0].subject.templates }).count < 2 {
        for place in own { tasks[place].subject.templates = nil }
      }
    }
  }
}

extension ResultRow {
  /// A prompt set without its dataset, so that sets of one kind have one name on all.
  fileprivate func setName(_ reference: String?) -> String? {
    reference.map {
      $0.hasPrefix("\(dataset)/") ? String($0.dropFirst(dataset.count + 1)) : $0
    }
  }
}
