package import Core
import Statistics

package enum Accuracy {
  /// - Parameters:
  ///   - labels: the right class of each sample.
  ///   - predictions: the highest-scored class of each sample.
  ///   - classCount: the number of classes to choose from.
  package static func topOne(labels: [Int], predictions: [Int], classCount: Int) throws(EvalError)
    -> MetricValue
  {
    try requireSameCount(labels.count, predictions.count)
    let correct = zip(labels, predictions).count { $0 == $1 }
    return proportion(
      .accuracy, successes: correct, trials: labels.count, choices: 1, classCount: classCount)
  }

  /// - Parameters:
  ///   - ranked: `width` classes a sample, best first, row-major; entries of −1 are padding.
  ///   - width: at least 5.
  package static func topFive(labels: [Int], ranked: [Int], width: Int, classCount: Int)
    throws(EvalError) -> MetricValue
  {
    guard width >= 5 else {
      throw EvalError(.bug, "accuracy@5 needs 5 ranked classes a sample, found \(width)")
    }
    try requireSameCount(labels.count * width, ranked.count)
    var correct = 0
    for (sample, label) in labels.enumerated()
    where ranked[(sample * width)..<(sample * width + 5)].contains(label) {
      correct += 1
    }
    return proportion(
      .accuracyAt5, successes: correct, trials: labels.count, choices: 5, classCount: classCount)
  }

  private static func proportion(
    _ name: MetricName, successes: Int, trials: Int, choices: Int, classCount: Int
  ) -> MetricValue {
    func interval(_ confidence: Double) -> Interval? {
      ClopperPearson.interval(successes: successes, trials: trials, confidence: confidence)
    }
    return MetricValue(
      name: name, value: trials > 0 ? Double(successes) / Double(trials) : nil,
      interval95: interval(0.95), interval99_5: interval(0.995),
      intervalMethod: trials > 0 ? ClopperPearson.methodName : nil, count: trials,
      chance: classCount > 0 ? Double(min(choices, classCount)) / Double(classCount) : nil)
  }
}

/// Arrays that run in parallel and do not match are a fault of the program, not of its input.
func requireSameCount(_ expected: Int, _ found: Int) throws(EvalError) {
  guard expected == found else {
    throw EvalError(
      .bug, "labels and predictions do not match: expected \(expected), found \(found)")
  }
}
