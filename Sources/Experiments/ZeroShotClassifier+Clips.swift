package import Core
import Foundation
package import LinearAlgebra
import Metrics

extension ZeroShotClassifier {
  /// Classifies clips by the mean over their frames of the class probabilities: softmax of scale × cosine (paper, Table 15:
  /// predictions averaged over frames).
  ///
  /// A clip's scores are the logarithms of its mean probabilities: of a single frame they rank and differ as its logits do.
  ///
  /// - Parameters:
  ///   - features: a row a frame; those of a clip may stand anywhere.
  ///   - labels: the right class of each row, the same for all of a clip.
  ///   - clips: of each row.
  /// - Returns: a prediction a clip, in the order of their first rows, and these.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, or a label that is no class.
  package func predict(
    _ features: Matrix, labels: [Int], clips: SampleGroups, ids: [String] = []
  ) throws(EvalError) -> (predictions: Predictions, firstRows: [Int]) {
    try check(features, labels: labels)
    guard clips.numbers.count == labels.count else {
      throw EvalError(.bug, "expected a clip for each of \(labels.count) rows")
    }
    var predictions = Predictions()
    var firstRows: [Int] = []
    var top = TopScores(width: Predictions.width)
    for rows in clips.members.sorted(by: { $0[0] < $1[0] }) {
      var sum = [Double](repeating: 0, count: weights.rows)
      for row in rows {
        guard labels[row] == labels[rows[0]] else {
          throw EvalError(.bug, "the frames of a clip have different labels")
        }
        let logits = exactLogits(of: try unitRows(of: features, row..<(row + 1), ids: ids))
        let largest = logits.max() ?? 0
        let exponentials = logits.map { exp($0 - largest) }
        let total = exponentials.reduce(0, +)
        for index in sum.indices { sum[index] += exponentials[index] / total }
      }
      top.reset()
      for (candidate, value) in sum.enumerated() {
        top.insert(Float(log(value / Double(rows.count))), of: candidate)
      }
      predictions.labels.append(labels[rows[0]])
      predictions.append(top)
      predictions.confidence.append(Predictions.rounded(exp(Double(top.scores[0]))))
      firstRows.append(rows[0])
    }
    return (predictions, firstRows)
  }

  /// Scale × cosine for every class, in Double, each summed in one order: a hundred million of them are wanted of a large split.
  private func exactLogits(of image: Matrix) -> [Double] {
    let columns = weights.columns
    return image.storage.withUnsafeBufferPointer { x in
      weights.storage.withUnsafeBufferPointer { w in
        (0..<weights.rows).map { row in
          var lanes = SIMD8<Double>()
          var column = 0
          while column + 8 <= columns {
            var (a, b) = (SIMD8<Float>(), SIMD8<Float>())
            for lane in 0..<8 {
              a[lane] = x[column + lane]
              b[lane] = w[row * columns + column + lane]
            }
            lanes += SIMD8<Double>(a) * SIMD8<Double>(b)
            column += 8
          }
          var sum = lanes.sum()
          while column < columns {
            sum += Double(x[column]) * Double(w[row * columns + column])
            column += 1
          }
          return Double(scale) * sum
        }
      }
    }
  }
}
