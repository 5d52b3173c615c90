package import Core
import Statistics

package enum Accuracy {
  /// - Parameters:
  ///   - labels: the right class of each sample.
  ///   - predictions: the highest-scored class of each sample.
  ///   - classCount: the number of classes to choose from.
  ///   - structure: where samples are not independent or there are several folds, the interval is a bootstrap.
  package static func topOne(
    labels: [Int], predictions: [Int], classCount: Int, structure: SampleStructure = .independent,
    resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> MetricValue {
    try requireSameCount(labels.count, predictions.count)
    return try share(
      .accuracy, isRight: zip(labels, predictions).map { $0 == $1 },
      chance: chance(choices: 1, classCount), structure, resamples)
  }

  /// The share of images whose highest-scored class is one of those they show.
  /// - Parameter labels: N × C.
  package static func anyOf(
    _ labels: LabelMatrix, predictions: [Int], structure: SampleStructure = .independent,
    resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> MetricValue {
    let hits = try isRight(labels, predictions: predictions)
    let chances = chances(labels)
    return try share(
      .accuracy, isRight: hits,
      chance: chances.isEmpty ? nil : chances.reduce(0, +) / Double(chances.count), structure,
      resamples)
  }

  /// Of each image, whether its prediction is one of the classes it shows.
  package static func isRight(
    _ labels: LabelMatrix, predictions: [Int]
  ) throws(EvalError) -> [Bool] {
    try requireSameCount(labels.count, predictions.count)
    return predictions.enumerated().map { sample, prediction in
      let row = labels.row(sample)
      return (0..<labels.classCount).contains(prediction)
        && row[row.startIndex + prediction] == .positive
    }
  }

  /// Of each image, how likely a guess is right.
  package static func chances(_ labels: LabelMatrix) -> [Double] {
    (0..<labels.count).map { sample in
      Double(labels.row(sample).count { $0 == .positive }) / Double(labels.classCount)
    }
  }

  /// - Parameters:
  ///   - ranked: `width` classes a sample, best first, row-major; entries of −1 are padding.
  ///   - width: at least 5.
  package static func topFive(
    labels: [Int], ranked: [Int], width: Int, classCount: Int,
    structure: SampleStructure = .independent, resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> MetricValue {
    let hits = try isAmongFive(labels, ranked, width)
    return try share(
      .accuracyAt5, isRight: hits, chance: chance(choices: 5, classCount), structure,
      resamples)
  }

  /// The mean of accuracy and accuracy@5. Both are of the same images, so the interval is a bootstrap of their mean.
  package static func meanOfTopOneAndFive(
    labels: [Int], predictions: [Int], ranked: [Int], width: Int, classCount: Int,
    structure: SampleStructure = .independent, resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> MetricValue {
    try requireSameCount(labels.count, predictions.count)
    let hits = try isAmongFive(labels, ranked, width)
    let credits = labels.indices.map {
      (labels[$0] == predictions[$0] ? 1 : 0) + (hits[$0] ? 1 : 0)
    }
    let chances = [1, 5].compactMap { chance(choices: $0, classCount) }
    return try Resampling(structure, count: labels.count, resamples: resamples).value(
      .meanTop1Top5, count: labels.count,
      chance: chances.isEmpty ? nil : chances.reduce(0, +) / 2,
      of: Resampling.mean(of: credits, full: 2))
  }

  private static func isAmongFive(
    _ labels: [Int], _ ranked: [Int], _ width: Int
  ) throws(EvalError) -> [Bool] {
    guard width >= 5 else {
      throw EvalError(.bug, "accuracy@5 needs 5 ranked classes a sample, found \(width)")
    }
    try requireSameCount(labels.count * width, ranked.count)
    return labels.enumerated().map { sample, label in
      ranked[(sample * width)..<(sample * width + 5)].contains(label)
    }
  }

  private static func chance(choices: Int, _ classCount: Int) -> Double? {
    classCount > 0 ? Double(min(choices, classCount)) / Double(classCount) : nil
  }

  /// Independent samples of one split are binomial trials.
  private static func share(
    _ name: MetricName, isRight: [Bool], chance: Double?, _ structure: SampleStructure,
    _ resamples: Int
  ) throws(EvalError) -> MetricValue {
    let trials = isRight.count
    guard structure == .independent else {
      return try Resampling(structure, count: trials, resamples: resamples).value(
        name, count: trials, chance: chance,
        of: Resampling.mean(of: isRight.map { $0 ? 1 : 0 }, full: 1))
    }
    let successes = isRight.count { $0 }
    func interval(_ confidence: Double) -> Interval? {
      ClopperPearson.interval(successes: successes, trials: trials, confidence: confidence)
    }
    return MetricValue(
      name: name, value: trials > 0 ? Double(successes) / Double(trials) : nil,
      interval95: interval(0.95), interval99_5: interval(0.995),
      intervalMethod: trials > 0 ? ClopperPearson.methodName : nil, count: trials, chance: chance)
  }
}

/// Arrays that run in parallel and do not match are a fault of the program, not of its input.
func requireSameCount(_ expected: Int, _ found: Int) throws(EvalError) {
  guard expected == found else {
    throw EvalError(
      .bug, "labels and predictions do not match: expected \(expected), found \(found)")
  }
}
