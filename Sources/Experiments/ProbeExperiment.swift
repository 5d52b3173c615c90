package import Core
package import LinearAlgebra
import Metrics

/// Probes (paper, section 3.2): the scores that a fitted classifier gives the test samples become result rows.
package enum ProbeExperiment {
  package static let linear = "linear-probe"
  package static let fewShot = "few-shot"
  package static let knn = "knn"

  /// How the images of a multi-label dataset are scored for a class, as protocols record it beside the metric.
  package static let multiLabelScoring = "scores=one-vs-rest-logits"

  /// - Parameters:
  ///   - scores: N × K.
  ///   - areLogits: softmax makes them probabilities, as logistic regression was fitted to: `confidence` is then filled.
  /// - Throws: `EvalError.malformedData` naming the first sample whose score is not a number.
  package static func predictions(
    of scores: Matrix, labels: [Int], ids: [String], areLogits: Bool = false
  ) throws(EvalError) -> Predictions {
    guard labels.count == scores.rows else {
      throw EvalError(.bug, "expected \(scores.rows) labels, found \(labels.count)")
    }
    var predictions = Predictions()
    predictions.labels = labels
    try rank(scores, ids: ids, in: &predictions)
    if areLogits {
      for sample in 0..<scores.rows {
        predictions.appendConfidence(
          scores.row(sample), best: predictions.scores[sample * Predictions.width])
      }
    }
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
}
