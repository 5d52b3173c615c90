package import Core
import Foundation
package import LinearAlgebra
import Metrics

/// Scores images by the mean over templates of the class probabilities that each template alone gives: softmax of scale × cosine.
///
/// Embedding ensembles (`ClassWeights`) average prompts before they are compared with an image, and are one classifier; these average what as many
/// classifiers say as there are templates. The paper compared the two and kept the former, which costs no more than one template (§3.1.4).
///
/// One template's classifier is `ClassWeights` of its prompts, so that of a class with several names the names are averaged as features: a
/// softmax is over classes, and classes have different numbers of names. With one template both ensembles are the same classifier.
///
/// A class's score is the logarithm of its mean probability: of one template it ranks, and scores differ, as logits do.
///
/// All logits are computed in Double by BLAS and scores rounded to 22 bits, far above what the order of summation changes: results do not
/// depend on how a split is cut. Memory is bounded by a block of images and one template's weights for each thread.
package struct ProbabilityEnsemble: Sendable {
  private let prompts: PromptFeatures
  /// What cosines are multiplied with.
  package let scale: Float

  /// Of one matrix product.
  private static let blockRows = 256

  /// - Throws: `EvalError.malformedData` for a scale that is not finite and positive.
  package init(_ prompts: PromptFeatures, scale: Float) throws(EvalError) {
    guard scale.isFinite, scale > 0 else {
      throw EvalError(.malformedData, "expected a finite, positive logit scale, found \(scale)")
    }
    self.prompts = prompts
    self.scale = scale
  }

  /// - Parameters:
  ///   - features: N × D, any length of row.
  ///   - labels: the right class of each row.
  ///   - candidates: of each row the classes to choose from, over which each template's softmax is; nil for all.
  ///   - ids: what messages call the rows; their numbers otherwise.
  /// - Returns: predictions with their confidence, the mean probability of the class predicted.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, or a label that is no class.
  package func predict(
    _ features: Matrix, labels: [Int], candidates: CandidateLists? = nil, ids: [String] = [],
    threads: Int = 1
  ) throws -> Predictions {
    let classifier = try firstClassifier()
    try classifier.check(features, labels: labels)
    if let candidates {
      guard candidates.count == labels.count,
        labels.indices.allSatisfy({ row in
          let list = candidates.row(row)
          return !list.isEmpty && list.allSatisfy { (0..<prompts.classCount).contains(Int($0)) }
        })
      else { throw EvalError(.malformedData, "samples without a candidate among the classes") }
    }
    let blocks = try blocks(of: features, candidates: candidates, ids: ids, threads: threads) {
      _, rows in
      var part = Predictions()
      for (row, scores) in rows { part.append(scores, label: labels[row]) }
      return part
    }
    return blocks.reduce(into: Predictions()) { $0.append(contentsOf: $1) }
  }

  /// The same of images that may show several classes.
  /// - Parameter labels: N × C.
  package func predict(
    _ features: Matrix, labels: LabelMatrix, ids: [String] = [], threads: Int = 1
  ) throws -> MultiLabelPredictions {
    try firstClassifier().requireSameWidth(features)
    guard labels.classCount == prompts.classCount, labels.count == features.rows else {
      throw EvalError(
        .malformedData,
        "expected \(features.rows)×\(prompts.classCount) labels, found \(labels.count)×\(labels.classCount)"
      )
    }
    let blocks = try blocks(of: features, ids: ids, threads: threads) { _, rows in
      var part = (ranked: Predictions(), scores: [Float]())
      for (_, scores) in rows {
        part.ranked.append(scores, label: -1)
        part.scores += scores.map(\.score)
      }
      return part
    }
    var predictions = MultiLabelPredictions(labels: labels)
    for block in blocks {
      predictions.ranked.append(contentsOf: block.ranked)
      predictions.scores += block.scores
    }
    predictions.ranked.confidence = []
    return predictions
  }

  /// The same of clips, by the mean over templates and frames.
  /// - Returns: a prediction a clip, in the order of their first rows, and these; as `ZeroShotClassifier`.
  package func predict(
    _ features: Matrix, labels: [Int], clips: SampleGroups, ids: [String] = []
  ) throws -> (predictions: Predictions, firstRows: [Int]) {
    let classifier = try firstClassifier()
    try classifier.check(features, labels: labels)
    guard clips.numbers.count == labels.count else {
      throw EvalError(.bug, "expected a clip for each of \(labels.count) rows")
    }
    var predictions = Predictions()
    var firstRows: [Int] = []
    for rows in clips.members.sorted(by: { $0[0] < $1[0] }) {
      guard rows.allSatisfy({ labels[$0] == labels[rows[0]] }) else {
        throw EvalError(.bug, "the frames of a clip have different labels")
      }
      let frames = Matrix(
        rows: rows.count, columns: features.columns, storage: rows.flatMap { features.row($0) })
      var sums = Sums(rows: 1, classCount: prompts.classCount)
      try add(
        frames, 0..<rows.count, candidates: nil,
        ids: ids.isEmpty ? [] : rows.map { ids[$0] }, to: &sums, row: { _ in 0 })
      predictions.append(
        sums.scores(0, count: Double(rows.count * prompts.templateCount), among: nil),
        label: labels[rows[0]])
      firstRows.append(rows[0])
    }
    return (predictions, firstRows)
  }

  // MARK: blocks

  private func firstClassifier() throws(EvalError) -> ZeroShotClassifier {
    try ZeroShotClassifier(weights: try prompts.classWeights(of: [0]), scale: scale)
  }

  private func blocks<Part: Sendable>(
    of features: Matrix, candidates: CandidateLists? = nil, ids: [String], threads: Int,
    _ make: @escaping @Sendable (Range<Int>, [(row: Int, scores: [ScoreOfClass])]) throws -> Part
  ) throws -> [Part] {
    let count = (features.rows + Self.blockRows - 1) / Self.blockRows
    guard count > 0 else { return [] }
    return try Workers.map(count: count, threads: max(1, threads)) { block in
      BLAS.useThisThreadOnly()
      try Interruption.check()
      let rows =
        block * Self.blockRows..<min(features.rows, (block + 1) * Self.blockRows)
      var sums = Sums(rows: rows.count, classCount: prompts.classCount)
      try add(features, rows, candidates: candidates, ids: ids, to: &sums) {
        $0 - rows.lowerBound
      }
      let templates = Double(prompts.templateCount)
      return try make(
        rows,
        rows.map { row in
          (
            row,
            sums.scores(
              row - rows.lowerBound, count: templates, among: candidates?.row(row).map { Int($0) })
          )
        })
    }
  }

  /// Adds the probabilities that every template gives to some images.
  /// - Parameter row: of the sums, for each image.
  private func add(
    _ features: Matrix, _ rows: Range<Int>, candidates: CandidateLists?, ids: [String],
    to sums: inout Sums, row: (Int) -> Int
  ) throws {
    let (classCount, dimension) = (prompts.classCount, prompts.dimension)
    var logits = [Double](repeating: 0, count: rows.count * classCount)
    var images: [Double] = []
    for template in 0..<prompts.templateCount {
      let classifier = try ZeroShotClassifier(
        weights: try prompts.classWeights(of: [template]), scale: scale)
      if images.isEmpty {
        images = try classifier.unitRows(of: features, rows, ids: ids).storage.map(Double.init)
      }
      ZeroShotClassifier.multiply(
        images, classifier.weights.storage.map(Double.init), into: &logits, rows.count, classCount,
        dimension)
      for sample in rows {
        let start = (sample - rows.lowerBound) * classCount
        if let candidates {
          sums.add(
            logits[start..<start + classCount], scale: Double(scale), to: row(sample),
            among: candidates.row(sample).map { Int($0) })
        } else {
          sums.add(
            logits[start..<start + classCount], scale: Double(scale), to: row(sample),
            among: 0..<classCount)
        }
      }
    }
  }
}

extension Predictions {
  fileprivate mutating func append(_ scores: [ProbabilityEnsemble.ScoreOfClass], label: Int) {
    var top = TopScores(width: Predictions.width)
    for score in scores { top.insert(score.score, of: score.candidate) }
    labels.append(label)
    append(top)
    confidence.append(
      Self.rounded(scores.first { $0.candidate == top.classes[0] }?.probability ?? 0))
  }
}
