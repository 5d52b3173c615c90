package import Core
import Metrics

/// What the samples of one evaluation are worth to one metric, without what else is known of them: many are held at once.
package struct ScoredVariant: Sendable {
  enum Scores: Sendable {
    /// Of a metric that is a mean, over samples or over the means of their owners; nil of samples that have no part.
    case credits([Int32?], full: Int)
    case area(isPositive: [Bool], scores: [Double])
    case precision(LabelMatrix, scores: [Float], interpolated: Bool)
  }

  /// Of the samples: ids, made unique. Shared by variants of the same samples.
  private(set) var keys: [String]
  let scores: Scores
  /// Of which the metric is a mean of means; nil where all samples count alike.
  let owners: [String]?
  /// By which samples are drawn where any variant has owners.
  let classes: [String]?
  /// Of all classes to choose from, with and without samples; nil where a run does not tell.
  package let classCount: Int?
  let groups: [Int]?
  let folds: [Int]?

  /// - Parameter metric: as rows name it.
  /// - Throws: `EvalError.malformedData` where the predictions lack what it is computed from.
  package init(_ samples: RecordedSamples, metric: String) throws(EvalError) {
    var seen: [String: Int] = [:]
    keys = samples.ids.indices.map { row in
      let key = samples.key(row)
      let copy = seen[key, default: 0]
      seen[key] = copy + 1
      return copy == 0 ? key : "\(key)\0\(copy)"
    }
    groups = samples.groups
    folds = samples.folds
    let labels = samples.predictions.labels
    classes =
      labels.count == samples.count && labels.allSatisfy { $0 >= 0 }
      ? labels.map(samples.className) : nil
    classCount = samples.classes?.count
    switch MetricName(rawValue: metric) {
    case .rocAUC:
      owners = nil
      scores = .area(
        isPositive: labels.map { $0 == 1 },
        scores: samples.ids.indices.map { row in
          let place = Predictions.width * row
          let lead =
            Double(samples.predictions.scores[place])
            - Double(samples.predictions.scores[place + 1])
          return samples.predictions.prediction[row] == 1 ? lead : -lead
        })
    case .elevenPointMAP, .areaMAP:
      guard let labels = samples.labels, let classScores = samples.classScores else {
        throw EvalError(
          .malformedData, "the predictions do not hold what \(metric) is computed from")
      }
      owners = nil
      scores = .precision(
        labels, scores: classScores, interpolated: metric == MetricName.elevenPointMAP.rawValue)
    default:
      guard let credits = try SampleCredits(samples, metric: metric) else {
        throw EvalError(.malformedData, "\(metric) is a metric that cannot be compared by sample")
      }
      owners = credits.owners
      scores = .credits(credits.credits.map { $0.map(Int32.init) }, full: credits.full)
    }
  }

  /// Classes with a sample; nil where images have several.
  package var presentClassCount: Int? { classes.map { Set($0).count } }

  /// Whether both are of the same samples, in whatever order.
  package func hasSamples(of other: ScoredVariant) -> Bool {
    keys == other.keys || keys.count == other.keys.count && Set(keys) == Set(other.keys)
  }

  /// Lets go of a list of samples that another one has too.
  package mutating func shareKeys(with others: some Sequence<ScoredVariant>) {
    for other in others where other.keys == keys {
      keys = other.keys
      return
    }
  }
}
