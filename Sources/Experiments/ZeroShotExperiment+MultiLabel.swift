import Core
import Metrics

extension ZeroShotExperiment {
  /// How images are scored for a class, as protocols record it beside the metric.
  private static let scoring = "scores=softmax-over-classes"

  /// Mean average precision in both variants, the dataset's main one first; of frames in sets, the share of sets that are right,
  /// and the accuracy on all frames.
  /// - Throws: `EvalError.taskFailed` when there is no prediction to score, `.badSuite` for a main metric that wants one class an
  ///   image.
  package static func rows(
    for predictions: MultiLabelPredictions, in context: EvaluationContext
  ) throws -> [ResultRow] {
    try requireSamples(predictions.count, context)
    if context.mainMetric.isOfFrameSets { return try frameSetRows(predictions, context) }
    guard context.mainMetric.isMultiLabel else {
      throw EvalError(
        .badSuite,
        "the metric \(context.mainMetric.rawValue) is of images with one class each, and these have several",
        subject: context.protocol.dataset,
        remedy: "Metrics of multi-label datasets: \(MetricName.multiLabelNames).")
    }
    let result = try MeanAveragePrecision.evaluate(
      scores: predictions.scores, labels: predictions.labels)
    var values = [result.elevenPoint, result.area]
    if context.mainMetric == .areaMAP { values.reverse() }
    // Where scores came about otherwise, the context says how.
    let scoring = context.scoring == nil ? " \(Self.scoring)" : ""
    return try values.map { metric in
      try row(
        metric, variant: "\(metric.name.rawValue) \(MeanAveragePrecision.variant)\(scoring)",
        nearTies: nil, emptyClasses: result.emptyClasses.count, context)
    }
  }
}

extension MetricName {
  static var multiLabelNames: String {
    allCases.filter(\.isMultiLabel).map(\.rawValue).joined(separator: ", ")
  }
}
