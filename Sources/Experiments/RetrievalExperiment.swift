import Core
package import LinearAlgebra
import Metrics

/// What is known of a retrieval task besides its features.
package struct RetrievalContext: Sendable {
  /// Of the complete split, where known.
  package var expectedImages: Int?
  package var expectedCaptions: Int?
  /// Images without a feature; their captions remain candidates.
  package var failedImages: Int
  package var isPartial: Bool
  /// Without metric: each row fills in its own.
  package var `protocol`: EvaluationProtocol
  /// See `NearTies`.
  package var nearTieThreshold = NearTies.threshold
  package var precisionAgreement: PrecisionAgreement?

  package init(
    expectedImages: Int?, expectedCaptions: Int?, failedImages: Int, isPartial: Bool,
    protocol: EvaluationProtocol
  ) {
    self.expectedImages = expectedImages
    self.expectedCaptions = expectedCaptions
    self.failedImages = failedImages
    self.isPartial = isPartial
    self.protocol = `protocol`
  }
}

/// Zero-shot image–text retrieval (§E.3.1 and Table 13 of the paper): by cosine, images find captions and captions images.
package struct RetrievalExperiment: Sendable {
  package static let name = "retrieval"

  /// Queries are the images that have a feature, candidates all captions.
  package let imageToText: RetrievalRanking
  /// Queries are the captions of those images, candidates the images.
  package let textToImage: RetrievalRanking
  /// Captions that are queries: positions among all.
  package let captionQueries: [Int]
  /// Row of the image of each such caption.
  private let imageOfQuery: [Int]
  /// Captions of each image row.
  private let captionsOfImage: [[Int]]
  private let captionCount: Int

  /// - Parameters:
  ///   - images: N × D, any length of row.
  ///   - captions: M × D, any length of row.
  ///   - rowOfCaption: the image row each caption describes; nil where that image has no feature.
  ///   - scale: what cosines are multiplied with.
  ///   - imageIDs: what messages call the images.
  ///   - threads: results do not depend on it.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, for widths that differ, or an image without a
  ///   caption.
  package init(
    images: Matrix, captions: Matrix, rowOfCaption: [Int?], scale: Float, imageIDs: [String],
    threads: Int
  ) throws {
    guard images.columns == captions.columns else {
      throw EvalError(
        .malformedData,
        "expected image features of dimension \(captions.columns), like the captions', found \(images.columns)"
      )
    }
    guard rowOfCaption.count == captions.rows, imageIDs.count == images.rows else {
      throw EvalError(.bug, "captions, their images and their features do not match")
    }
    guard scale.isFinite, scale > 0 else {
      throw EvalError(.malformedData, "expected a finite, positive logit scale, found \(scale)")
    }
    var captionsOfImage = [[Int]](repeating: [], count: images.rows)
    var (queries, owners): ([Int], [Int]) = ([], [])
    for (caption, row) in rowOfCaption.enumerated() {
      guard let row else { continue }
      guard captionsOfImage.indices.contains(row) else {
        throw EvalError(.bug, "caption \(caption) is of image \(row) of \(images.rows)")
      }
      captionsOfImage[row].append(caption)
      queries.append(caption)
      owners.append(row)
    }
    if let row = captionsOfImage.firstIndex(of: []) {
      throw EvalError(.malformedData, "the image \(imageIDs[row]) has no caption")
    }
    let unitImages = try unitRows(images) { "the image features of \(imageIDs[$0])" }
    let unitCaptions = try unitRows(captions) { "the text features of caption \($0)" }
    imageToText = try RetrievalRanking(
      queries: unitImages, candidates: unitCaptions, right: captionsOfImage, scale: scale,
      threads: threads)
    textToImage = try RetrievalRanking(
      queries: queries.count == captions.rows ? unitCaptions : unitCaptions.rows(queries),
      candidates: unitImages, right: owners.map { [$0] }, scale: scale, threads: threads)
    captionQueries = queries
    imageOfQuery = owners
    self.captionsOfImage = captionsOfImage
    captionCount = captions.rows
  }

  /// Recall@1, @5 and @10 of images finding captions, then of captions finding images.
  package func rows(in context: RetrievalContext) throws -> [ResultRow] {
    try RetrievalDirection.allCases.flatMap { direction in
      try direction.metrics.map { try row(direction, $0.cutoff, $0.name, context) }
    }
  }

  private func row(
    _ direction: RetrievalDirection, _ cutoff: Int, _ name: MetricName, _ context: RetrievalContext
  ) throws -> ResultRow {
    let ranking: RetrievalRanking
    let metric: MetricValue
    let (expected, failed): (Int?, Int)
    switch direction {
    case .imageToText:
      ranking = imageToText
      metric = try RecallAtK.value(
        name, cutoff: cutoff, ranks: ranking.ranks, rightCounts: captionsOfImage.map(\.count),
        candidateCount: captionCount)
      (expected, failed) = (context.expectedImages, context.failedImages)
    case .textToImage:
      ranking = textToImage
      metric = try RecallAtK.value(
        name, cutoff: cutoff, ranks: ranking.ranks,
        rightCounts: [Int](repeating: 1, count: ranking.count), candidateCount: imageToText.count,
        clusters: imageOfQuery, clusterCount: imageToText.count)
      (expected, failed) = (context.expectedCaptions, captionCount - captionQueries.count)
    }
    let nearTies = ranking.nearTies(cutoff: cutoff, threshold: context.nearTieThreshold)
    var record = context.protocol
    record.metric = "\(name.rawValue) ties=pessimistic"
    return try ResultRow(
      experiment: Self.name, dataset: record.dataset, model: record.model, metric: name.rawValue,
      value: metric.value, interval95: metric.interval95, interval99_5: metric.interval99_5,
      intervalMethod: metric.intervalMethod, n: metric.count, nExpected: expected, nFailed: failed,
      partial: context.isPartial || (expected.map { $0 != metric.count + failed } ?? false),
      chance: metric.chance, reference: nil, verdict: .noReference,
      nearTies: nearTies, emptyClasses: nil, precisionAgreement: context.precisionAgreement,
      protocol: record)
  }
}

/// Every row at length 1.
private func unitRows(_ matrix: Matrix, name: (Int) -> String) throws(EvalError) -> Matrix {
  var unit = Matrix(rows: matrix.rows, columns: matrix.columns)
  for row in 0..<matrix.rows {
    let from = row * matrix.columns
    guard let inverse = inverseNorm(matrix.row(row)) else {
      throw EvalError(.malformedData, "\(name(row)) are zero or not finite")
    }
    for column in 0..<matrix.columns {
      unit.storage[from + column] = Float(Double(matrix.storage[from + column]) * inverse)
    }
  }
  return unit
}

extension Matrix {
  fileprivate func rows(_ wanted: [Int]) -> Matrix {
    Matrix(rows: wanted.count, columns: columns, storage: wanted.flatMap { row($0) })
  }
}
