import Metrics

/// What a classifier said about each sample, in the order of the samples. N samples.
package struct Predictions: Sendable, Equatable {
  /// Ranks kept a sample.
  package static let width = 5

  /// The right class of each sample; −1 where it may show several.
  package var labels: [Int] = []
  /// The highest-scored class; the lowest of equals.
  package var prediction: [Int] = []
  /// N × 5, row-major: the classes by falling score. −1 where there are fewer than five classes.
  package var top5: [Int] = []
  /// N × 5, row-major: the logits of `top5`. NaN where there are fewer than five classes.
  package var scores: [Float] = []
  /// By how much the best logit leads the second; NaN with a single class.
  package var margin: [Float] = []
  /// The probability of the prediction: softmax over all classes that may be chosen. Empty where scores have no scale on which they
  /// are logits, and where nobody asked.
  package var confidence: [Float] = []

  package init() {}

  package var count: Int { labels.count }

  /// Ranks and margin of one more sample; its label is appended beside.
  mutating func append(_ top: TopScores) {
    prediction.append(top.classes[0])
    top5 += top.classes
    scores += top.scores
    margin.append(top.margin)
  }

  package mutating func append(contentsOf other: Predictions) {
    let isKnown = confidence.count == count && other.confidence.count == other.count
    confidence = isKnown ? confidence + other.confidence : []
    labels += other.labels
    prediction += other.prediction
    top5 += other.top5
    scores += other.scores
    margin += other.margin
  }
}
