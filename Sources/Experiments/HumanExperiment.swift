package import Core
import Metrics
import Statistics

/// How well people name images (paper, section 4 and Table 2): the mean over classes of the share of answers that are right.
///
/// For each number of example images four figures, as in the table's columns: of all answers, where "I don't know" is wrong; of each
/// image's most frequent answer; and both of guesses alone, which leave "I don't know" out. The paper's majority vote is "exclusive of
/// ties": an image whose most frequent answers are equally frequent has none and is left out. In the first vote "I don't know" is an
/// answer like others, and wrong. The paper does not say which of these choices it made where it is silent; the metric's text has them.
package struct HumanExperiment: Sendable {
  package static let name = "humans"

  private let responses: [HumanResponse]
  private let labels: [Int]
  private let classCount: Int

  /// - Parameter labels: the right class of every image of the split.
  /// - Throws: `EvalError.bug` for a response about no image or with no class.
  package init(_ responses: [HumanResponse], labels: [Int], classCount: Int) throws(EvalError) {
    guard
      responses.allSatisfy({ response in
        labels.indices.contains(response.sample)
          && response.answer.map((0..<classCount).contains) ?? true
      }), labels.allSatisfy((0..<classCount).contains)
    else { throw EvalError(.bug, "responses, images and classes do not match") }
    self.responses = responses
    self.labels = labels
    self.classCount = classCount
  }

  /// The columns of Table 2.
  package enum Column: String, Sendable, CaseIterable {
    case all = "mean-per-class"
    case majority = "mean-per-class/majority-vote"
    case guesses = "mean-per-class/guesses"
    case majorityOfGuesses = "mean-per-class/majority-vote-of-guesses"

    fileprivate var isOfGuesses: Bool { self == .guesses || self == .majorityOfGuesses }
    fileprivate var isVote: Bool { self == .majority || self == .majorityOfGuesses }
    fileprivate var choices: String {
      [
        isOfGuesses ? "dont-know=left-out" : "dont-know=wrong",
        isVote ? "ties=left-out" : nil,
      ].compactMap(\.self).joined(separator: " ")
    }
  }

  /// Right and counted answers, or votes, about each image.
  private struct Tally {
    var right: [Int]
    var counted: [Int]
  }

  private func tally(_ column: Column, of responses: [HumanResponse]) -> Tally {
    var tally = Tally(
      right: [Int](repeating: 0, count: labels.count),
      counted: [Int](repeating: 0, count: labels.count))
    let answers = column.isOfGuesses ? responses.filter { $0.answer != nil } : responses
    for (sample, own) in Dictionary(grouping: answers, by: \.sample) {
      let given = own.map(\.answer)
      let counted = column.isVote ? Self.mostFrequent(given).map { [$0] } ?? [] : given
      tally.counted[sample] = counted.count
      tally.right[sample] = counted.count { $0 == labels[sample] }
    }
    return tally
  }

  /// Nil when several are equally frequent.
  private static func mostFrequent(_ answers: [Int?]) -> Int?? {
    let counts = Dictionary(grouping: answers) { $0 }.mapValues(\.count)
    let most = counts.values.max() ?? 0
    let best = counts.filter { $0.value == most }
    return best.count == 1 ? best.first.map(\.key) : nil
  }

  /// - Parameter weights: how often each image was drawn.
  private func meanPerClass(_ tally: Tally, _ weights: [Int32]) -> Double? {
    var right = [Int](repeating: 0, count: classCount)
    var counted = right
    for (image, label) in labels.enumerated() where weights[image] > 0 {
      right[label] += Int(weights[image]) * tally.right[image]
      counted[label] += Int(weights[image]) * tally.counted[image]
    }
    let shares = zip(right, counted).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
    return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
  }

  /// Four rows for each number of shots that there are responses with.
  ///
  /// Intervals are bootstrapped over images: people who look at the same one err together.
  /// - Parameter protocol: of the dataset; the model is filled in.
  package func rows(in protocol: EvaluationProtocol, isPartial: Bool) throws -> [ResultRow] {
    guard !responses.isEmpty else {
      throw EvalError(.taskFailed, "there are no responses", subject: `protocol`.dataset)
    }
    return try Set(responses.map(\.shots)).sorted().flatMap { shots in
      try rows(of: responses.filter { $0.shots == shots }, shots: shots, `protocol`, isPartial)
    }
  }

  private func rows(
    of responses: [HumanResponse], shots: Int, _ record: EvaluationProtocol, _ isPartial: Bool
  ) throws -> [ResultRow] {
    let people = Set(responses.map(\.participant)).count
    var record = record
    record.model = "human, \(shots)-shot"
    let tallies = Column.allCases.map { tally($0, of: responses) }
    let once = [Int32](repeating: 1, count: labels.count)
    let intervals = ImageBootstrap.intervals(count: labels.count, confidences: [0.95, 0.995]) {
      weights in tallies.map { meanPerClass($0, weights) }
    }
    // Everyone is to answer about every image.
    let expected = people * labels.count
    return try zip(Column.allCases, tallies).enumerated().map { number, entry in
      let (column, tally) = entry
      let found = intervals.flatMap { all in
        all[number].contains { $0.lower < $0.upper } ? all[number] : nil
      }
      var own = record
      own.metric = "\(column.rawValue) people=\(people) \(column.choices)"
      let counted = tally.counted.reduce(0, +)
      let present = Set(labels.indices.filter { tally.counted[$0] > 0 }.map { labels[$0] })
      return try ResultRow(
        experiment: Self.name, dataset: own.dataset, model: own.model, metric: column.rawValue,
        value: meanPerClass(tally, once), interval95: found?[0], interval99_5: found?[1],
        intervalMethod: found == nil ? nil : ImageBootstrap.methodName(), n: counted,
        nExpected: column == .all ? expected : nil, nFailed: 0,
        partial: isPartial || responses.count != expected, chance: 1 / Double(classCount),
        reference: nil, verdict: .noReference, nearTies: nil,
        emptyClasses: classCount - present.count, protocol: own)
    }
  }
}
