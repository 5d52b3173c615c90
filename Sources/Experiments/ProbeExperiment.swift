package import Core
package import LinearAlgebra
package import Metrics
package import Probes

/// Probes (paper, section 3.2): the scores that a fitted classifier gives the test samples become result rows.
package enum ProbeExperiment {
  package static let linear = "linear-probe"
  package static let fewShot = "few-shot"
  package static let knn = "knn"

  /// How the images of a multi-label dataset are scored for a class, as protocols record it beside the metric.
  package static let multiLabelScoring = "scores=one-vs-rest-logits"

  /// - Parameter scores: N × K.
  /// - Throws: `EvalError.malformedData` naming the first sample whose score is not a number.
  package static func predictions(
    of scores: Matrix, labels: [Int], ids: [String]
  ) throws(EvalError) -> Predictions {
    guard labels.count == scores.rows else {
      throw EvalError(.bug, "expected \(scores.rows) labels, found \(labels.count)")
    }
    var predictions = Predictions()
    predictions.labels = labels
    try rank(scores, ids: ids, in: &predictions)
    return predictions
  }

  /// - Parameter scores: N × C, comparable within a class.
  package static func predictions(
    of scores: Matrix, labels: LabelMatrix, ids: [String]
  ) throws(EvalError) -> MultiLabelPredictions {
    guard labels.count == scores.rows, labels.classCount == scores.columns else {
      throw EvalError(
        .bug,
        "expected \(scores.rows)×\(scores.columns) labels, found \(labels.count)×\(labels.classCount)"
      )
    }
    var predictions = MultiLabelPredictions(labels: labels)
    predictions.ranked.labels = [Int](repeating: -1, count: scores.rows)
    try rank(scores, ids: ids, in: &predictions.ranked)
    predictions.scores = scores.storage
    return predictions
  }

  private static func rank(
    _ scores: Matrix, ids: [String], in predictions: inout Predictions
  ) throws(EvalError) {
    var top = TopScores(width: Predictions.width)
    for sample in 0..<scores.rows {
      top.reset()
      for (candidate, score) in scores.row(sample).enumerated() {
        guard !score.isNaN else {
          throw EvalError(
            .malformedData, "the score for class \(candidate) is not a number",
            subject: ids.indices.contains(sample) ? ids[sample] : "sample \(sample)")
        }
        top.insert(score, of: candidate)
      }
      predictions.append(top)
    }
  }

  /// What C is chosen by: the metric alone, of independent samples.
  /// - Parameter scores: N × K.
  /// - Throws: `EvalError.taskFailed` where these samples define no value.
  package static func value(
    of metric: MetricName, _ scores: Matrix, labels: ProbeLabels, subject: String
  ) throws -> Double {
    let value: Double?
    switch labels {
    case .multiple(let matrix):
      let result = try MeanAveragePrecision.evaluate(
        scores: scores.storage, labels: matrix, resamples: 0)
      switch metric {
      case .elevenPointMAP: value = result.elevenPoint.value
      case .areaMAP: value = result.area.value
      default: throw unfit(metric, subject)
      }
    case .single(let labels):
      let predictions = try predictions(of: scores, labels: labels, ids: [])
      value = try self.value(of: metric, predictions, classCount: scores.columns, subject)
    }
    guard let value else {
      throw EvalError(
        .taskFailed, "the metric \(metric.rawValue) has no value on these samples",
        subject: subject)
    }
    return value
  }

  private static func value(
    of metric: MetricName, _ predictions: Predictions, classCount: Int, _ subject: String
  ) throws -> Double? {
    switch metric {
    case .accuracy:
      try Accuracy.topOne(
        labels: predictions.labels, predictions: predictions.prediction, classCount: classCount,
        resamples: 0
      ).value
    case .accuracyAt5:
      try Accuracy.topFive(
        labels: predictions.labels, ranked: predictions.top5, width: Predictions.width,
        classCount: classCount, resamples: 0
      ).value
    case .meanTop1Top5:
      try Accuracy.meanOfTopOneAndFive(
        labels: predictions.labels, predictions: predictions.prediction, ranked: predictions.top5,
        width: Predictions.width, classCount: classCount, resamples: 0
      ).value
    case .meanPerClass:
      MeanPerClass.mean(
        try PerClassCounts(
          labels: predictions.labels, predictions: predictions.prediction, classCount: classCount))
    case .rocAUC:
      try ZeroShotExperiment.areaUnderROC(
        predictions, classCount: classCount, subject: subject, resamples: 0
      ).value
    default: throw unfit(metric, subject)
    }
  }

  private static func unfit(_ metric: MetricName, _ subject: String) -> EvalError {
    EvalError(
      .badSuite, "the metric \(metric.rawValue) is not one a probe can be chosen by",
      subject: subject)
  }
}
