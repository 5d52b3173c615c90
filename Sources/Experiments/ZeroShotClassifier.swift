package import Core
package import LinearAlgebra
import Metrics

/// Scores images by cosine similarity with one weight vector a class (§3.1.2 of the paper).
/// N samples, C classes, D features.
package struct ZeroShotClassifier: Sendable {
  /// C × D, unit rows.
  package let weights: Matrix
  /// What cosines are multiplied with: exp of the checkpoint's logit scale, 100 for OpenAI's models.
  package let scale: Float

  /// Rows of one matrix product. Every product has this shape, the last padded with zeros: BLAS may compute a
  /// row differently in a product of another shape, and a sample's scores should not depend on its neighbours.
  static let blockRows = 256

  /// - Throws: `EvalError.malformedData` for a scale that is not finite and positive, or no class.
  package init(weights: Matrix, scale: Float) throws(EvalError) {
    guard scale.isFinite, scale > 0 else {
      throw EvalError(.malformedData, "expected a finite, positive logit scale, found \(scale)")
    }
    guard weights.rows > 0, weights.columns > 0 else {
      throw EvalError(.malformedData, "a zero-shot classifier needs at least one class")
    }
    self.weights = weights
    self.scale = scale
  }

  /// - Parameters:
  ///   - features: N × D, any length of row. May be a part of a split: results do not depend on how it is cut.
  ///   - labels: the right class of each row.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, or a label that is no class.
  package func predict(_ features: Matrix, labels: [Int]) throws(EvalError) -> Predictions {
    let dimension = weights.columns
    guard features.columns == dimension else {
      throw EvalError(
        .malformedData,
        "expected image features of dimension \(dimension), like the text features, found \(features.columns)"
      )
    }
    guard features.rows == labels.count else {
      throw EvalError(
        .malformedData, "expected \(features.rows) labels, one a row, found \(labels.count)")
    }
    if let sample = labels.firstIndex(where: { !(0..<weights.rows).contains($0) }) {
      throw EvalError(
        .malformedData,
        "sample \(sample) has label \(labels[sample]), expected one of the classes 0…\(weights.rows - 1)"
      )
    }

    var predictions = Predictions()
    predictions.labels = labels
    var top = TopScores(width: Predictions.width)
    for start in stride(from: 0, to: features.rows, by: Self.blockRows) {
      let rows = start..<min(start + Self.blockRows, features.rows)
      let logits = try self.logits(features, rows: rows)
      for row in 0..<rows.count {
        top.rank(logits[(row * weights.rows)..<((row + 1) * weights.rows)])
        predictions.prediction.append(top.classes[0])
        predictions.top5 += top.classes
        predictions.scores += top.scores
        predictions.margin.append(top.margin)
      }
    }
    return predictions
  }

  /// scale × cosine with every class, [rows, C], of at most `blockRows` rows of `features`.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite.
  package func logits(_ features: Matrix, rows: Range<Int>) throws(EvalError) -> [Float] {
    let dimension = weights.columns
    var block = Matrix(rows: Self.blockRows, columns: dimension)
    for row in rows {
      let from = row * dimension
      guard let inverse = inverseNorm(features.storage[from..<(from + dimension)]) else {
        throw EvalError(
          .malformedData, "the image features of sample \(row) are zero or not finite")
      }
      let to = (row - rows.lowerBound) * dimension
      for column in 0..<dimension {
        block.storage[to + column] = Float(Double(features.storage[from + column]) * inverse)
      }
    }
    var logits = multiplyTransposed(block, weights).storage
    for index in 0..<(rows.count * weights.rows) { logits[index] *= scale }
    return logits
  }
}
