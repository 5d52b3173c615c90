package import Core
package import LinearAlgebra
import Metrics
import Statistics

/// What is known of a composition task besides its features.
package struct CompositionContext: Sendable {
  package var isPartial: Bool
  /// Without metric: each row fills in its own.
  package var `protocol`: EvaluationProtocol
  /// See `NearTies`.
  package var nearTieThreshold = NearTies.threshold
  package var precisionAgreement: PrecisionAgreement?

  package init(isPartial: Bool, protocol: EvaluationProtocol) {
    self.isPartial = isPartial
    self.protocol = `protocol`
  }
}

/// Whether captions are told apart that almost say the same (SugarCrepe, Winoground), by cosine. Ties are wrong.
///
/// Of one image and two captions, the first must score higher (SugarCrepe: chance 1/2). Of two images and two captions
/// (Winoground): the text score asks that each image prefers its caption, the image score that each caption prefers its
/// image (chance 1/4 each), the group score both (1/6).
package struct CompositionExperiment: Sendable {
  package static let name = "composition"

  /// One question that could be answered.
  package struct Answer: Sendable, Equatable {
    /// Number of the question among all.
    package var item: Int
    /// Scale × cosine, image by image: of each with the first and the second caption.
    package var scores: [Double]

    /// Each image prefers its own caption.
    package var isTextRight: Bool {
      scores.count == 2 ? scores[0] > scores[1] : scores[0] > scores[1] && scores[3] > scores[2]
    }
    /// Each caption prefers its own image; of two images.
    package var isImageRight: Bool {
      scores.count == 4 && scores[0] > scores[2] && scores[3] > scores[1]
    }

    fileprivate func isNearTie(_ name: MetricName, _ threshold: Float) -> Bool {
      let text = scores.count == 2 ? [(0, 1)] : [(0, 1), (3, 2)]
      let image = scores.count == 2 ? [] : [(0, 2), (3, 1)]
      let pairs =
        switch name {
        case .imageScore: image
        case .groupScore: text + image
        default: text
        }
      return pairs.contains { abs(scores[$0.0] - scores[$0.1]) < Double(threshold) }
    }
  }

  package let answers: [Answer]
  private let items: CompositionItems

  /// - Parameters:
  ///   - images: N × D, any length of row.
  ///   - rowOfSample: the row of each sample; nil where it has no feature. Questions about such a sample have failed.
  ///   - captions: a row for each of the items' captions.
  ///   - scale: what cosines are multiplied with.
  ///   - imageIDs: what messages call the rows of `images`.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, or widths that differ.
  package init(
    _ items: CompositionItems, images: Matrix, rowOfSample: [Int?], captions: Matrix, scale: Float,
    imageIDs: [String]
  ) throws {
    guard images.columns == captions.columns else {
      throw EvalError(
        .malformedData,
        "expected image features of dimension \(captions.columns), like the captions', found \(images.columns)"
      )
    }
    guard captions.rows == items.captions.count, imageIDs.count == images.rows,
      items.items.allSatisfy({ item in
        item.captions.count == 2 && (1...2).contains(item.images.count)
          && item.captions.allSatisfy((0..<captions.rows).contains)
          && item.images.allSatisfy(rowOfSample.indices.contains)
      })
    else { throw EvalError(.bug, "questions, images and captions do not match") }
    guard scale.isFinite, scale > 0 else {
      throw EvalError(.malformedData, "expected a finite, positive logit scale, found \(scale)")
    }
    let imageNorms = try Self.inverseNorms(images) { "the image features of \(imageIDs[$0])" }
    let captionNorms = try Self.inverseNorms(captions) { "the text features of caption \($0)" }
    var answers: [Answer] = []
    for (number, item) in items.items.enumerated() {
      let rows = item.images.compactMap { rowOfSample[$0] }
      guard rows.count == item.images.count else { continue }
      let scores = rows.flatMap { row in
        item.captions.map { caption in
          var sum = 0.0
          for (x, y) in zip(images.row(row), captions.row(caption)) { sum += Double(x) * Double(y) }
          return Double(scale) * sum * imageNorms[row] * captionNorms[caption]
        }
      }
      answers.append(Answer(item: number, scores: scores))
    }
    self.answers = answers
    self.items = items
  }

  private static func inverseNorms(
    _ matrix: Matrix, name: (Int) -> String
  ) throws(EvalError) -> [Double] {
    var norms: [Double] = []
    for row in 0..<matrix.rows {
      guard let inverse = inverseNorm(matrix.row(row)) else {
        throw EvalError(.malformedData, "\(name(row)) are zero or not finite")
      }
      norms.append(inverse)
    }
    return norms
  }
}

extension CompositionExperiment {
  /// Of two images: group, text and image score. Of one: the mean over kinds, the share of all, and that of each kind.
  /// - Throws: `EvalError.taskFailed` when there is no question to score.
  package func rows(in context: CompositionContext) throws -> [ResultRow] {
    guard !answers.isEmpty else {
      throw EvalError(
        .taskFailed, "none of the \(items.items.count) questions could be answered",
        subject: context.protocol.dataset)
    }
    return try answers.contains { $0.scores.count == 4 }
      ? pairRows(context) : kindRows(context)
  }

  private func pairRows(_ context: CompositionContext) throws -> [ResultRow] {
    try [(MetricName.groupScore, 1.0 / 6), (.textScore, 0.25), (.imageScore, 0.25)].map {
      name, chance in
      let right = answers.count { answer in
        switch name {
        case .textScore: answer.isTextRight
        case .imageScore: answer.isImageRight
        default: answer.isTextRight && answer.isImageRight
        }
      }
      func interval(_ confidence: Double) -> Interval? {
        ClopperPearson.interval(successes: right, trials: answers.count, confidence: confidence)
      }
      let metric = MetricValue(
        name: name, value: Double(right) / Double(answers.count), interval95: interval(0.95),
        interval99_5: interval(0.995), intervalMethod: ClopperPearson.methodName,
        count: answers.count, chance: chance)
      return try row(
        metric, name: name.rawValue, among: answers, expected: items.expectedCount,
        all: items.items.count, context)
    }
  }

  private func kindRows(_ context: CompositionContext) throws -> [ResultRow] {
    let kinds = items.kinds
    let kindOf = answers.map { kinds.firstIndex(of: items.items[$0.item].kind) ?? 0 }
    let images = answers.map { items.items[$0.item].images[0] }
    let imageNumbers = Dictionary(
      uniqueKeysWithValues: Set(images).sorted().enumerated().map { ($1, $0) })
    let owner = images.map { imageNumbers[$0] ?? 0 }
    let isRight = answers.map(\.isTextRight)

    /// Mean over kinds, share of all, share of each kind; by how often each image was drawn.
    func statistics(_ weights: [Int32]) -> [Double?] {
      var right = [Int](repeating: 0, count: kinds.count)
      var asked = right
      for number in kindOf.indices {
        let weight = Int(weights[owner[number]])
        asked[kindOf[number]] += weight
        if isRight[number] { right[kindOf[number]] += weight }
      }
      let shares = zip(right, asked).map { $1 > 0 ? Double($0) / Double($1) : nil }
      let present = shares.compactMap(\.self)
      let all = asked.reduce(0, +)
      return [
        present.isEmpty ? nil : present.reduce(0, +) / Double(present.count),
        all > 0 ? Double(right.reduce(0, +)) / Double(all) : nil,
      ] + shares
    }
    let values = statistics([Int32](repeating: 1, count: imageNumbers.count))
    // An image is asked about several times: its questions are no independent draws.
    let intervals = ImageBootstrap.intervals(
      count: imageNumbers.count, confidences: [0.95, 0.995], statistics)
    let names: [(metric: MetricName, text: String)] =
      [
        (.macroAccuracy, MetricName.macroAccuracy.rawValue),
        (.accuracy, MetricName.accuracy.rawValue),
      ]
      + kinds.map { (.accuracy, "\(MetricName.accuracy.rawValue)/\($0)") }
    return try names.enumerated().map { number, name in
      let own = number < 2 ? answers : zip(answers, kindOf).filter { $1 == number - 2 }.map(\.0)
      // Where all are right, or all wrong, resamples show no spread, whatever there is.
      let found = intervals.flatMap { all in
        all[number].contains { $0.lower < $0.upper } ? all[number] : nil
      }
      let metric = MetricValue(
        name: name.metric, value: values[number], interval95: found?[0], interval99_5: found?[1],
        intervalMethod: found == nil ? nil : ImageBootstrap.methodName(), count: own.count,
        chance: 0.5)
      let asked =
        number < 2
        ? items.items.count : items.items.count { $0.kind == kinds[number - 2] }
      return try row(
        metric, name: name.text, among: own, expected: number < 2 ? items.expectedCount : asked,
        all: asked, context)
    }
  }

  /// - Parameters:
  ///   - expected: questions of the complete split.
  ///   - all: questions asked, with those that failed.
  private func row(
    _ metric: MetricValue, name: String, among answers: [Answer], expected: Int?, all: Int,
    _ context: CompositionContext
  ) throws -> ResultRow {
    var record = context.protocol
    record.metric = "\(name) ties=wrong"
    let nearTies = answers.count { $0.isNearTie(metric.name, context.nearTieThreshold) }
    return try ResultRow(
      experiment: Self.name, dataset: record.dataset, model: record.model, metric: name,
      value: metric.value, interval95: metric.interval95, interval99_5: metric.interval99_5,
      intervalMethod: metric.intervalMethod, n: metric.count, nExpected: expected,
      nFailed: all - metric.count,
      partial: context.isPartial || (expected.map { $0 != all } ?? false), chance: metric.chance,
      reference: nil, verdict: .noReference, nearTies: nearTies, emptyClasses: nil,
      precisionAgreement: context.precisionAgreement, protocol: record)
  }
}
