package import Core
import Foundation
package import LinearAlgebra
import Metrics

/// Scores images by cosine similarity with one weight vector a class (§3.1.2 of the paper).
/// N samples, C classes, D features.
package struct ZeroShotClassifier: Sendable {
  /// C × D, unit rows.
  package let weights: Matrix
  /// What cosines are multiplied with: exp of the checkpoint's logit scale, 100 for OpenAI's models.
  package let scale: Float

  /// Rows of one matrix product: bounds the memory to this many rows of C logits.
  static let blockRows = 256

  /// - Throws: `EvalError.malformedData` for a scale that is not finite and positive, for no class, and for a
  ///   row that is not of length 1, which `ClassWeights` makes.
  package init(weights: Matrix, scale: Float) throws(EvalError) {
    guard scale.isFinite, scale > 0 else {
      throw EvalError(.malformedData, "expected a finite, positive logit scale, found \(scale)")
    }
    guard weights.rows > 0, weights.columns > 0 else {
      throw EvalError(.malformedData, "a zero-shot classifier needs at least one class")
    }
    for index in 0..<weights.rows {
      let row = weights.storage[(index * weights.columns)..<((index + 1) * weights.columns)]
      guard let inverse = inverseNorm(row), abs(inverse - 1) < 1e-5 else {
        throw EvalError(.malformedData, "the weights of class \(index) are not of length 1")
      }
    }
    self.weights = weights
    self.scale = scale
  }

  /// - Parameters:
  ///   - features: N × D, any length of row. May be a part of a split: results do not depend on how it is cut.
  ///   - labels: the right class of each row.
  ///   - candidates: of each row the classes to choose from; nil for all.
  ///   - ids: what messages call the rows; their numbers otherwise.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, or a label that is no class.
  package func predict(
    _ features: Matrix, labels: [Int], candidates: CandidateLists? = nil, ids: [String] = []
  ) throws(EvalError) -> Predictions {
    let dimension = weights.columns
    try check(features, labels: labels)
    if let candidates {
      guard candidates.count == labels.count else {
        throw EvalError(.bug, "expected a list of candidates for each of \(labels.count) rows")
      }
      for row in labels.indices {
        let list = candidates.row(row)
        guard let last = list.last, let first = list.first, first >= 0, last < weights.rows else {
          throw EvalError(
            .malformedData, "sample \(row) has no candidate among the \(weights.rows) classes")
        }
      }
    }
    let everyClass = 0..<weights.rows

    var predictions = Predictions()
    predictions.labels = labels
    var top = TopScores(width: Predictions.width)
    for start in stride(from: 0, to: features.rows, by: Self.blockRows) {
      let block = try unitRows(
        of: features, start..<min(start + Self.blockRows, features.rows), ids: ids)
      let cosines = multiplyTransposed(block, weights).storage
      for row in 0..<block.rows {
        let image = block.storage[(row * dimension)..<((row + 1) * dimension)]
        let own = cosines[(row * weights.rows)..<((row + 1) * weights.rows)]
        if let candidates {
          rank(image, own, among: candidates.row(start + row).lazy.map { Int($0) }, in: &top)
        } else {
          rank(image, own, among: everyClass, in: &top)
        }
        predictions.append(top)
      }
    }
    return predictions
  }

  func check(_ features: Matrix, labels: [Int]) throws(EvalError) {
    try requireSameWidth(features)
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
  }

  func requireSameWidth(_ features: Matrix) throws(EvalError) {
    guard features.columns == weights.columns else {
      throw EvalError(
        .malformedData,
        "expected image features of dimension \(weights.columns), like the text features, found \(features.columns)"
      )
    }
  }

  func unitRows(
    of features: Matrix, _ rows: Range<Int>, ids: [String]
  ) throws(EvalError) -> Matrix {
    let dimension = features.columns
    var block = Matrix(rows: rows.count, columns: dimension)
    for row in rows {
      let from = row * dimension
      guard let inverse = inverseNorm(features.storage[from..<(from + dimension)]) else {
        let name = ids.indices.contains(row) ? ids[row] : "sample \(row)"
        throw EvalError(.malformedData, "the image features of \(name) are zero or not finite")
      }
      let to = (row - rows.lowerBound) * dimension
      for column in 0..<dimension {
        block.storage[to + column] = Float(Double(features.storage[from + column]) * inverse)
      }
    }
    return block
  }

  /// Ranks the classes for one image. BLAS rounds differently with the CPU, the number of threads and a row's
  /// place in the product, so its cosines only choose the candidates; their scores are computed again in
  /// Double, in one order. Results then depend on the features alone.
  ///
  /// No candidate is missed: summed in any order, the dot product of two unit vectors in Float is within
  /// D·2⁻²⁴ of the true one, so a class that belongs among the first five is at most twice that below the
  /// fifth by BLAS.
  private func rank(
    _ image: ArraySlice<Float>, _ cosines: ArraySlice<Float>, among candidates: some Sequence<Int>,
    in top: inout TopScores
  ) {
    let first = cosines.startIndex
    top.reset()
    for candidate in candidates { top.insert(cosines[first + candidate], of: candidate) }
    // A little wider, for norms that are 1 but for rounding and for the rounding of the scores to Float.
    let errorBound = Float(image.count + 8) * 0x1p-24
    let cutoff = top.cutoff.map { $0 - 2.01 * errorBound } ?? -.infinity
    top.reset()
    for candidate in candidates where cosines[first + candidate] >= cutoff {
      let classRow = weights.storage[(candidate * weights.columns)...]
      var sum = 0.0
      for (x, w) in zip(image, classRow) { sum += Double(x) * Double(w) }
      top.insert(Float(Double(scale) * sum), of: candidate)
    }
  }

  /// The probability of every class for one image: softmax of scale × cosine, in Double.
  /// - Throws: `EvalError.malformedData` for a feature that is zero or not finite.
  package func probabilities(_ feature: Matrix, id: String) throws(EvalError) -> [Double] {
    let image = try unitRows(of: feature, 0..<1, ids: [id])
    let logits = logits(of: image)
    let largest = logits.max() ?? 0
    let exponentials = logits.map { exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  /// Scale × cosine for every class, in Double.
  /// - Parameter image: 1 × D, of length 1.
  func logits(of image: Matrix) -> [Double] {
    (0..<weights.rows).map { index in
      Double(scale)
        * zip(image.storage, weights.row(index)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
}
