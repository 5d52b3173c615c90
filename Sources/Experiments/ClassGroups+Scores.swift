package import Core
package import LinearAlgebra
import Metrics

extension ClassGroups {
  /// Of each group the highest score of its base classes: N × K scores become N × G.
  ///
  /// The group whose score is highest is that of the best base class among all that may be chosen, so pooling is also restriction to
  /// these, and a choice among lists of classes.
  /// - Precondition: K is the number of the base's classes.
  package func pooled(_ scores: Matrix) -> Matrix {
    precondition(scores.columns == baseCount, "scores of other classes")
    var result = Matrix(rows: scores.rows, columns: count)
    for row in 0..<scores.rows {
      let start = row * scores.columns
      for (group, positions) in members.enumerated() {
        var best = -Float.infinity
        for position in positions {
          let score = scores.storage[start + position]
          // NaN stays: whoever ranks refuses it.
          if score > best || score.isNaN { best = score }
        }
        result.storage[row * count + group] = best
      }
    }
    return result
  }
}

extension ZeroShotClassifier {
  /// Chooses among groups of the classes, each by its best class.
  ///
  /// - Parameters:
  ///   - features: N × D, any length of row.
  ///   - labels: the group of each row.
  ///   - groups: of the classifier's classes.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite.
  package func predict(
    _ features: Matrix, labels: [Int], groups: ClassGroups, ids: [String] = []
  ) throws(EvalError) -> Predictions {
    try check(features, groups: groups)
    guard features.rows == labels.count, labels.allSatisfy({ (0..<groups.count).contains($0) })
    else { throw EvalError(.bug, "expected a group for each of \(features.rows) rows") }
    var predictions = Predictions()
    predictions.labels = labels
    try rank(features, among: groups, ids: ids) { top in predictions.append(top) }
    return predictions
  }

  /// The same of images that may be called several groups.
  /// - Parameter labels: N × G.
  package func predict(
    _ features: Matrix, labels: LabelMatrix, groups: ClassGroups, ids: [String] = []
  ) throws(EvalError) -> MultiLabelPredictions {
    try check(features, groups: groups)
    guard features.rows == labels.count, labels.classCount == groups.count else {
      throw EvalError(.bug, "expected labels of \(groups.count) groups for \(features.rows) rows")
    }
    var predictions = MultiLabelPredictions(labels: labels)
    predictions.ranked.labels = [Int](repeating: -1, count: labels.count)
    try rank(features, among: groups, ids: ids) { top in predictions.ranked.append(top) }
    return predictions
  }

  private func check(_ features: Matrix, groups: ClassGroups) throws(EvalError) {
    try requireSameWidth(features)
    guard groups.baseCount == weights.rows else {
      throw EvalError(.bug, "groups of \(groups.baseCount) classes, found \(weights.rows)")
    }
  }

  /// As `predict` does for classes: cosines by BLAS say which classes may decide, and the scores of these are computed in Double.
  private func rank(
    _ features: Matrix, among groups: ClassGroups, ids: [String], _ append: (TopScores) -> Void
  ) throws(EvalError) {
    let dimension = weights.columns
    let errorBound = 2.01 * Float(dimension + 8) * 0x1p-24
    var top = TopScores(width: Predictions.width)
    for start in stride(from: 0, to: features.rows, by: Self.blockRows) {
      let block = try unitRows(
        of: features, start..<min(start + Self.blockRows, features.rows), ids: ids)
      let cosines = multiplyTransposed(block, weights)
      for row in 0..<block.rows {
        let image = block.row(row)
        let own = cosines.row(row)
        top.reset()
        for (group, positions) in groups.members.enumerated() {
          let best = positions.reduce(-Float.infinity) { max($0, own[own.startIndex + $1]) }
          top.insert(best, of: group)
        }
        let cutoff = top.cutoff.map { $0 - errorBound } ?? -.infinity
        top.reset()
        for (group, positions) in groups.members.enumerated() {
          var best: Float?
          for position in positions where own[own.startIndex + position] >= cutoff {
            var sum = 0.0
            for (x, w) in zip(image, weights.row(position)) { sum += Double(x) * Double(w) }
            best = max(best ?? -.infinity, Float(Double(scale) * sum))
          }
          if let best { top.insert(best, of: group) }
        }
        append(top)
      }
    }
  }
}
