import Core
import Metrics

/// What each sample is worth to a metric that is a mean: over samples, or over the means of their owners (classes, kinds of questions).
struct SampleCredits {
  /// Of each sample, of `full` at most; nil for those that have no part.
  var credits: [Int?]
  var full = 1
  /// Nil where all samples count alike.
  var owners: [String]?

  /// - Parameter metric: as rows name it.
  /// - Returns: nil for a metric that is no such mean.
  /// - Throws: `EvalError.malformedData` where the predictions lack what it is computed from.
  init?(_ samples: RecordedSamples, metric: String) throws(EvalError) {
    let rows = samples.ids.indices
    func hits(_ isHit: (Int) -> Bool?) -> [Int?] { rows.map { isHit($0).map { $0 ? 1 : 0 } } }
    func isAmongFive(_ row: Int) -> Bool {
      let width = Predictions.width
      return samples.predictions.top5[row * width..<(row + 1) * width]
        .contains(samples.predictions.labels[row])
    }
    func kind(_ row: Int) -> String {
      samples.ids[row].split(separator: "#", maxSplits: 1).first.map(String.init) ?? ""
    }
    let parts = metric.split(separator: "/", maxSplits: 1).map(String.init)
    switch MetricName(rawValue: parts.first ?? metric) {
    case .accuracy where parts.count == 2:
      credits = rows.map { row in
        kind(row) == parts[1] ? samples.correctness(row).map { $0 ? 1 : 0 } : nil
      }
    case .accuracy: credits = hits(samples.correctness)
    case .accuracyAt5: credits = hits { isAmongFive($0) }
    case .meanTop1Top5:
      credits = rows.map { row in
        samples.correctness(row).map { ($0 ? 1 : 0) + (isAmongFive(row) ? 1 : 0) }
      }
      full = 2
    case .meanPerClass:
      credits = hits(samples.correctness)
      owners = samples.predictions.labels.map(samples.className)
    case .macroAccuracy:
      credits = hits(samples.correctness)
      owners = rows.map(kind)
    case .textScore: credits = hits { samples.answers?.answer($0).isTextRight }
    case .imageScore: credits = hits { samples.answers?.answer($0).isImageRight }
    case .groupScore:
      credits = hits { samples.answers?.answer($0).isGroupRight }
    case .imageToTextRecallAt1, .textToImageRecallAt1: credits = Self.within(1, samples)
    case .imageToTextRecallAt5, .textToImageRecallAt5: credits = Self.within(5, samples)
    case .imageToTextRecallAt10, .textToImageRecallAt10: credits = Self.within(10, samples)
    case .pm0: credits = Self.frameSets(samples, wholeSets: false)
    case .pm10: credits = Self.frameSets(samples, wholeSets: true)
    case .rocAUC, .elevenPointMAP, .areaMAP, nil: return nil
    }
    guard credits.contains(where: { $0 != nil }) else {
      throw EvalError(
        .malformedData, "the predictions do not hold what \(metric) is computed from",
        remedy: "Run it again with this version: what is embedded is not embedded again.")
    }
  }

  private static func within(_ cutoff: Int, _ samples: RecordedSamples) -> [Int?] {
    samples.ids.indices.map { row in samples.ranks.map { $0[row] <= cutoff ? 1 : 0 } }
  }

  /// Of each anchor of a set of which no frame is missing.
  private static func frameSets(_ samples: RecordedSamples, wholeSets: Bool) -> [Int?] {
    var credits = [Int?](repeating: nil, count: samples.count)
    guard let sets = samples.frameSets else { return credits }
    for frames in Dictionary(grouping: samples.ids.indices, by: { sets.numbers[$0] }).values {
      guard let first = frames.first, frames.count == sets.sizes[sets.numbers[first]],
        let anchor = frames.first(where: { sets.isAnchor[$0] })
      else { continue }
      let right = frames.filter { samples.correctness($0) == true }
      credits[anchor] =
        (wholeSets ? right.count == frames.count : right.contains(anchor)) ? 1 : 0
    }
    return credits
  }
}

extension RecordedSamples.Answers {
  fileprivate func answer(_ sample: Int) -> CompositionExperiment.Answer {
    .init(item: sample, scores: scores[sample])
  }
}

extension CompositionExperiment.Answer {
  fileprivate var isGroupRight: Bool { isTextRight && isImageRight }
}
