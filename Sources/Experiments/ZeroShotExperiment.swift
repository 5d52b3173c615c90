package import Core
package import Metrics

/// What is known of an evaluation besides its predictions.
package struct EvaluationContext: Sendable {
  /// That the rows are of.
  package var experiment = ZeroShotExperiment.name
  /// Of the task: all classes to choose from, with or without samples.
  package var classCount: Int
  /// The metric the paper reports for the dataset; its row comes first.
  package var mainMetric: MetricName
  /// Samples of the complete split, where known.
  package var expectedCount: Int?
  package var failedCount: Int
  /// The split matches no known variant, or only a part of it was asked for.
  package var isPartial: Bool
  /// Without metric: each row fills in its own.
  package var `protocol`: EvaluationProtocol
  /// Which samples are no independent draws, and which are averaged apart.
  package var structure = SampleStructure.independent
  /// Of the samples that were evaluated, where each has its own classes to choose from.
  package var candidates: CandidateLists?
  /// How scores came about, where not as usual: recorded beside the metric.
  package var scoring: String?
  /// Of the samples that were evaluated, where they are frames in sets.
  package var frameSets: FrameSets?
  /// Two best scores closer than this are a near tie: in logits, or in cosines where no logit scale is known.
  package var nearTieThreshold = NearTies.threshold
  /// Of the features, where they are not float32.
  package var precisionAgreement: PrecisionAgreement?

  package init(
    classCount: Int, mainMetric: MetricName, expectedCount: Int?, failedCount: Int,
    isPartial: Bool, protocol: EvaluationProtocol
  ) {
    self.classCount = classCount
    self.mainMetric = mainMetric
    self.expectedCount = expectedCount
    self.failedCount = failedCount
    self.isPartial = isPartial
    self.protocol = `protocol`
  }
}

/// The paper's zero-shot classification (§3.1): predictions become result rows.
package enum ZeroShotExperiment {
  package static let name = "zero-shot"

  /// The dataset's main metric first, then accuracy, and accuracy@5 where there are more than five classes.
  /// - Throws: `EvalError.taskFailed` when there is no prediction to score.
  package static func rows(
    for predictions: Predictions, in context: EvaluationContext
  ) throws -> [ResultRow] {
    try requireSamples(predictions.count, context)
    var names = [context.mainMetric]
    if !names.contains(.accuracy) { names.append(.accuracy) }
    if context.classCount > Predictions.width, !names.contains(.accuracyAt5) {
      names.append(.accuracyAt5)
    }
    return try names.map { try row($0, predictions, context) }
  }

  static func requireSamples(_ count: Int, _ context: EvaluationContext) throws(EvalError) {
    guard count > 0 else {
      throw EvalError(
        .taskFailed, "no sample could be evaluated; \(context.failedCount) failed",
        subject: context.protocol.dataset)
    }
  }

  private static func row(
    _ name: MetricName, _ predictions: Predictions, _ context: EvaluationContext
  ) throws -> ResultRow {
    var metric: MetricValue
    var emptyClasses: Int?
    let (labels, prediction) = (predictions.labels, predictions.prediction)
    let (classCount, structure) = (context.classCount, context.structure)
    switch name {
    case .accuracy:
      metric = try Accuracy.topOne(
        labels: labels, predictions: prediction, classCount: classCount, structure: structure)
    case .accuracyAt5:
      metric = try Accuracy.topFive(
        labels: labels, ranked: predictions.top5, width: Predictions.width,
        classCount: classCount, structure: structure)
    case .meanTop1Top5:
      metric = try Accuracy.meanOfTopOneAndFive(
        labels: labels, predictions: prediction, ranked: predictions.top5,
        width: Predictions.width, classCount: classCount, structure: structure)
    case .meanPerClass:
      metric = try MeanPerClass.value(
        labels: labels, predictions: prediction, classCount: classCount, structure: structure)
      emptyClasses = try emptyClassCount(predictions, context)
    case .rocAUC:
      metric = try areaUnderROC(predictions, context)
      emptyClasses = try emptyClassCount(predictions, context)
    case .pm0, .pm10:
      throw EvalError(
        .badSuite, "the metric \(name.rawValue) is of frames of videos in sets",
        subject: context.protocol.dataset, remedy: "These are images; accuracy is for them.")
    case .elevenPointMAP, .areaMAP:
      throw EvalError(
        .badSuite, "the metric \(name.rawValue) is of images that show several classes each",
        subject: context.protocol.dataset, remedy: "These have one; accuracy is for them.")
    case .imageToTextRecallAt1, .imageToTextRecallAt5, .imageToTextRecallAt10,
      .textToImageRecallAt1, .textToImageRecallAt5, .textToImageRecallAt10,
      .macroAccuracy, .textScore, .imageScore, .groupScore:
      throw EvalError(.bug, "\(name.rawValue) is no metric of classification")
    }
    if emptyClasses == nil, context.candidates == nil, context.expectedCount != nil {
      // Of a known split every class has samples: without them the others are easier to tell apart.
      let count = try emptyClassCount(predictions, context)
      if count > 0 { emptyClasses = count }
    }
    if let candidates = context.candidates {
      switch name {
      case .accuracy: metric.chance = candidates.chance(choices: 1)
      case .accuracyAt5: metric.chance = candidates.chance(choices: 5)
      default: metric.chance = nil
      }
    }
    // A ranking takes no best class.
    let nearTies =
      name == .rocAUC
      ? nil
      : NearTies.count(margins: predictions.margin, threshold: context.nearTieThreshold)
    let variant =
      name == .rocAUC ? "\(name.rawValue) scores=logit-difference ties=half" : name.rawValue
    return try row(
      metric, variant: variant, nearTies: nearTies, emptyClasses: emptyClasses, context)
  }

  private static func emptyClassCount(
    _ predictions: Predictions, _ context: EvaluationContext
  ) throws(EvalError) -> Int {
    try PerClassCounts(
      labels: predictions.labels, predictions: predictions.prediction,
      classCount: context.classCount
    ).emptyClasses.count
  }

  /// Images are ranked by how far the logit of the second class lies above that of the first: the order of its probability.
  private static func areaUnderROC(
    _ predictions: Predictions, _ context: EvaluationContext
  ) throws(EvalError) -> MetricValue {
    guard context.classCount == 2 else {
      throw EvalError(
        .badSuite,
        "the metric \(MetricName.rocAUC.rawValue) is of two classes, found \(context.classCount)",
        subject: context.protocol.dataset)
    }
    let scores = predictions.labels.indices.map { sample in
      let first = Predictions.width * sample
      let lead = Double(predictions.scores[first]) - Double(predictions.scores[first + 1])
      return predictions.prediction[sample] == 1 ? lead : -lead
    }
    return try AreaUnderROC.value(
      isPositive: predictions.labels.map { $0 == 1 }, scores: scores,
      structure: context.structure)
  }

  /// - Parameter variant: the metric with all that decides it, for the protocol.
  static func row(
    _ metric: MetricValue, variant: String, nearTies: Int?, emptyClasses: Int?,
    _ context: EvaluationContext
  ) throws -> ResultRow {
    let isShort = context.expectedCount.map { $0 != metric.count + context.failedCount } ?? false
    var evaluationProtocol = context.protocol
    let variant = [variant, context.scoring].compactMap(\.self).joined(separator: " ")
    evaluationProtocol.metric = variant
    if let folds = context.structure.folds {
      let unit = folds.unit.split(separator: " ").joined(separator: "-")
      evaluationProtocol.metric = "\(variant) mean-over=\(Set(folds.numbers).count)-\(unit)"
    }
    return try ResultRow(
      experiment: context.experiment, dataset: evaluationProtocol.dataset,
      model: evaluationProtocol.model,
      metric: metric.name.rawValue, value: metric.value, interval95: metric.interval95,
      interval99_5: metric.interval99_5, intervalMethod: metric.intervalMethod, n: metric.count,
      nExpected: context.expectedCount, nFailed: context.failedCount,
      partial: context.isPartial || isShort || (emptyClasses ?? 0) > 0, chance: metric.chance,
      reference: nil, verdict: .noReference,
      nearTies: nearTies, emptyClasses: emptyClasses,
      precisionAgreement: context.precisionAgreement, protocol: evaluationProtocol)
  }
}
