package import Core
import Foundation
package import LinearAlgebra
import Metrics

/// What a classifier said about the images of a multi-label split. N samples, C classes.
package struct MultiLabelPredictions: Sendable, Equatable {
  /// As of any split, with the label −1 for every sample.
  package var ranked = Predictions()
  /// N × C.
  package var labels: LabelMatrix
  /// N × C, row-major: log of the softmax over the classes of scale × cosine. Each class ranks the images by it, and unlike
  /// probabilities, which round to 0 and 1, logarithms tell images apart.
  package var scores: [Float] = []

  package init(labels: LabelMatrix) { self.labels = labels }

  package var count: Int { ranked.count }
}

extension ZeroShotClassifier {
  /// - Parameters:
  ///   - features: N × D, any length of row.
  ///   - labels: N × C.
  ///   - ids: what messages call the rows; their numbers otherwise.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, or another number of labels.
  package func predict(
    _ features: Matrix, labels: LabelMatrix, ids: [String] = []
  ) throws(EvalError) -> MultiLabelPredictions {
    try requireSameWidth(features)
    guard labels.classCount == weights.rows, labels.count == features.rows else {
      throw EvalError(
        .malformedData,
        "expected \(features.rows)×\(weights.rows) labels, found \(labels.count)×\(labels.classCount)"
      )
    }
    var predictions = MultiLabelPredictions(labels: labels)
    predictions.scores.reserveCapacity(features.rows * weights.rows)
    var top = TopScores(width: Predictions.width)
    for row in 0..<features.rows {
      // Every class's score is wanted, so all are computed in Double, which depends on no BLAS.
      let image = try unitRows(of: features, row..<(row + 1), ids: ids)
      let logits = logits(of: image)
      top.reset()
      for (candidate, logit) in logits.enumerated() { top.insert(Float(logit), of: candidate) }
      predictions.ranked.labels.append(-1)
      predictions.ranked.append(top)
      predictions.scores += Self.logSoftmax(logits).map { Float($0) }
    }
    return predictions
  }

  /// xᵢ − log Σ exp xⱼ, exact to rounding also where one class has almost all of the probability.
  static func logSoftmax(_ logits: [Double]) -> [Double] {
    guard let best = logits.indices.max(by: { logits[$0] < logits[$1] }) else { return [] }
    var others = 0.0
    for index in logits.indices where index != best { others += exp(logits[index] - logits[best]) }
    let logSum = logits[best] + log1p(others)
    return logits.indices.map { $0 == best ? -log1p(others) : logits[$0] - logSum }
  }
}
