package import Core
import Foundation
package import LinearAlgebra
import Metrics

extension ZeroShotClassifier {
  /// The probability of each sample's prediction: softmax of scale × cosine over the classes it chose among, at the model's own scale.
  ///
  /// Every logit counts, so all are computed: in Double, by BLAS, and the probability is rounded to steps of 2⁻²⁰, far above what the
  /// order of summation changes. How a split is cut, and what machine it is, then shows in no bit.
  ///
  /// - Parameters:
  ///   - features: N × D, any length of row.
  ///   - predictions: `predict`'s, of the same rows.
  ///   - candidates: of each row the classes to choose from; nil for all.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite.
  package func confidence(
    of predictions: Predictions, _ features: Matrix, candidates: CandidateLists? = nil,
    ids: [String] = []
  ) throws(EvalError) -> [Float] {
    try requireSameWidth(features)
    guard features.rows == predictions.count else {
      throw EvalError(.bug, "expected \(features.rows) predictions, found \(predictions.count)")
    }
    let (dimension, classCount) = (weights.columns, weights.rows)
    let exact = weights.storage.map(Double.init)
    var logits = [Double](repeating: 0, count: Self.blockRows * classCount)
    var result: [Float] = []
    result.reserveCapacity(features.rows)
    for start in stride(from: 0, to: features.rows, by: Self.blockRows) {
      let rows = start..<min(start + Self.blockRows, features.rows)
      let images = try unitRows(of: features, rows, ids: ids).storage.map(Double.init)
      Self.multiply(images, exact, into: &logits, rows.count, classCount, dimension)
      for row in rows {
        let own = logits[((row - start) * classCount)...].prefix(classCount)
        if let candidates {
          let list = candidates.row(row).map { own[own.startIndex + Int($0)] }
          result.append(
            probability(of: own[own.startIndex + predictions.prediction[row]], among: list))
        } else {
          result.append(
            probability(of: own[own.startIndex + predictions.prediction[row]], among: own))
        }
      }
    }
    return result
  }

  /// - Parameter cosines: of all classes, the chosen one's among them.
  private func probability(of chosen: Double, among cosines: some Sequence<Double>) -> Float {
    var sum = 0.0
    for cosine in cosines {
      let difference = Double(scale) * (cosine - chosen)
      // e⁻⁴⁰ of however many classes is below a step.
      if difference > -40 { sum += exp(difference) }
    }
    return Predictions.rounded(1 / sum)
  }

  /// C = A · Bᵀ, m × n, from m × k and n × k.
  static func multiply(
    _ a: [Double], _ b: [Double], into c: inout [Double], _ m: Int, _ n: Int, _ k: Int
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          Double.multiply(
            a, transposed: false, lda: k, b, transposed: true, ldb: k, into: c, ldc: n, beta: 0,
            m: m, n: n, k: k)
        }
      }
    }
  }
}

extension Predictions {
  /// A probability in steps of 2⁻²⁰.
  static func rounded(_ probability: Double) -> Float {
    Float((probability * 0x1p20).rounded() * 0x1p-20)
  }

  /// - Parameters:
  ///   - logits: of every class that may be chosen.
  ///   - best: the highest of them.
  mutating func appendConfidence(_ logits: some Sequence<Float>, best: Float) {
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - Double(best)) }
    confidence.append(Self.rounded(1 / sum))
  }
}
