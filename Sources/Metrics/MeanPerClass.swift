package import Core
import Statistics

/// Samples and right predictions of each class.
package struct PerClassCounts: Sendable, Equatable {
  package private(set) var successes: [Int]
  package private(set) var trials: [Int]

  /// - Throws: `EvalError.malformedData` for a label outside `0..<classCount`.
  package init(labels: [Int], predictions: [Int], classCount: Int) throws(EvalError) {
    try requireSameCount(labels.count, predictions.count)
    successes = [Int](repeating: 0, count: max(classCount, 0))
    trials = successes
    for (sample, (label, prediction)) in zip(labels, predictions).enumerated() {
      guard trials.indices.contains(label) else {
        throw EvalError(
          .malformedData,
          "sample \(sample) has label \(label), expected one of the \(classCount) classes 0…\(classCount - 1)"
        )
      }
      trials[label] += 1
      if label == prediction { successes[label] += 1 }
    }
  }

  /// Classes without a sample, which no per-class mean can include. None in a complete split.
  package var emptyClasses: [Int] { trials.indices.filter { trials[$0] == 0 } }

  /// The mean over the classes that have samples of each one's share of right ones; nil where none has.
  package var meanRate: Double? {
    let present = trials.indices.filter { trials[$0] > 0 }
    let sum = present.reduce(0.0) { $0 + Double(successes[$1]) / Double(trials[$1]) }
    return present.isEmpty ? nil : sum / Double(present.count)
  }
}

package enum MeanPerClass {
  /// The mean over the classes that have samples of each one's accuracy. Which classes had none is in
  /// `counts.emptyClasses`: report it beside the value.
  package static func value(_ counts: PerClassCounts) -> MetricValue {
    // With one sample in every class each resample is the sample itself: the bootstrap knows nothing then.
    let intervals =
      !counts.trials.contains { $0 > 1 }
      ? nil
      : StratifiedBootstrap.intervals(
        successes: counts.successes, trials: counts.trials, confidences: [0.95, 0.995])
    return MetricValue(
      name: .meanPerClass, value: counts.meanRate,
      interval95: intervals?.first, interval99_5: intervals?.last,
      intervalMethod: intervals == nil ? nil : StratifiedBootstrap.methodName,
      count: counts.trials.reduce(0, +),
      chance: counts.trials.isEmpty ? nil : 1 / Double(counts.trials.count))
  }

  /// The same of samples that are not independent, or come in folds: the interval is then a bootstrap, in which a class without a
  /// sample among those drawn is left out of the mean.
  /// - Throws: `EvalError.malformedData` for a label outside `0..<classCount`.
  package static func value(
    labels: [Int], predictions: [Int], classCount: Int, structure: SampleStructure,
    resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> MetricValue {
    let counts = try PerClassCounts(
      labels: labels, predictions: predictions, classCount: classCount)
    guard structure != .independent else { return value(counts) }
    return try Resampling(structure, count: labels.count, resamples: resamples).value(
      .meanPerClass, count: labels.count, chance: classCount > 0 ? 1 / Double(classCount) : nil,
      of: Resampling.meanPerClass(
        labels: labels, isRight: zip(labels, predictions).map { $0 == $1 },
        classCount: classCount))
  }
}
