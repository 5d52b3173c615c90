package import Core
import Statistics

/// One sample of an evaluation, as the analysis of overlap sees it.
package struct OverlapSample: Sendable, Equatable, Codable {
  package var id: String
  package var isRight: Bool
  /// The highest score of the sample against any of the reference set; nil where the search found nothing down to its lowest score.
  package var similarity: Double?

  package init(id: String, isRight: Bool, similarity: Double?) {
    self.id = id
    self.isRight = isRight
    self.similarity = similarity
  }
}

/// What an overlap with a reference set does to the accuracy of one evaluation (section 5 and Figure 17 of the paper): the samples that are also in the
/// reference set (Overlap), those that are not (Clean), and the whole set (All), at each of several thresholds.
///
/// It is of top-1 accuracy, as the paper's: a share of samples that are each right or wrong. Of a dataset that is otherwise scored by mean per class or
/// another metric, it says what overlap does to its accuracy.
package struct OverlapAnalysis: Sendable, Equatable, Codable {
  package var dataset: String
  /// In the order of the thresholds asked for.
  package var rows: [OverlapRow]

  /// - Parameters:
  ///   - thresholds: a sample overlaps whose similarity is at least this.
  ///   - lowestScore: below which the search reported nothing; nil where it scored every sample.
  ///   - resamples: of the bootstrap, which all thresholds share.
  /// - Throws: `EvalError.usage` without thresholds, for one that is not finite, stands twice, or is below `lowestScore`; `.malformedData` without
  ///   samples, for an id that stands twice, for a similarity that is NaN, and for one that is missing though all were scored.
  package static func run(
    dataset: String, samples: [OverlapSample], thresholds: [Double], lowestScore: Double? = nil,
    resamples: Int = Bootstrap.resampleCount
  ) throws(EvalError) -> OverlapAnalysis {
    try check(dataset, samples, thresholds, lowestScore)
    // Bands of similarity, from below: every threshold begins one.
    let bounds = thresholds.sorted()
    var counts = [Int](repeating: 0, count: 2 * (bounds.count + 1))
    for sample in samples {
      let band = sample.similarity.map { similarity in bounds.count { $0 <= similarity } } ?? 0
      counts[2 * band + (sample.isRight ? 1 : 0)] += 1
    }
    func parts(_ counts: [Int], from band: Int) -> OverlapParts {
      var parts = OverlapParts()
      for (place, count) in counts.enumerated() {
        let isRight = place % 2 == 1
        if place / 2 >= band {
          parts.overlap.add(count, isRight: isRight)
        } else {
          parts.clean.add(count, isRight: isRight)
        }
      }
      return parts
    }
    let intervals = CountBootstrap.intervals(counts: counts, resamples: resamples) { counts in
      (1...bounds.count).map { parts(counts, from: $0).change }
    }
    let rows = thresholds.map { threshold in
      let band = bounds.count { $0 <= threshold }
      return OverlapRow(
        threshold: threshold, parts: parts(counts, from: band),
        change: intervals[band - 1]?.percentile, resamples: resamples)
    }
    return OverlapAnalysis(dataset: dataset, rows: rows)
  }

  private static func check(
    _ dataset: String, _ samples: [OverlapSample], _ thresholds: [Double], _ lowestScore: Double?
  ) throws(EvalError) {
    guard !thresholds.isEmpty, thresholds.allSatisfy(\.isFinite),
      Set(thresholds).count == thresholds.count
    else {
      throw EvalError(
        .usage,
        "expected thresholds, each a different number, found \(thresholds.map(\.description).joined(separator: ", "))"
      )
    }
    if let lowestScore, let below = thresholds.first(where: { $0 < lowestScore }) {
      throw EvalError(
        .usage,
        "the threshold \(below) is below \(lowestScore), the lowest score that was searched for",
        subject: dataset, remedy: "Search again down to \(below), or name a higher threshold.")
    }
    guard !samples.isEmpty else {
      throw EvalError(.malformedData, "expected samples, found none", subject: dataset)
    }
    var seen: Set<String> = []
    for sample in samples {
      guard seen.insert(sample.id).inserted else {
        throw EvalError(
          .malformedData, "the sample \(sample.id) stands twice among the samples", subject: dataset
        )
      }
      guard let similarity = sample.similarity else {
        if lowestScore != nil { continue }
        throw EvalError(
          .malformedData, "the sample \(sample.id) has no similarity", subject: dataset,
          remedy: "Say the lowest score that was searched for, below which none is reported.")
      }
      guard !similarity.isNaN else {
        throw EvalError(
          .malformedData, "the similarity of the sample \(sample.id) is not a number",
          subject: dataset)
      }
    }
  }
}

/// Samples, and how many of them are right.
package struct OverlapPart: Sendable, Equatable, Codable {
  package var count: Int
  package var right: Int

  package init(count: Int = 0, right: Int = 0) {
    self.count = count
    self.right = right
  }

  /// 0…1; nil without samples.
  package var accuracy: Double? { count > 0 ? Double(right) / Double(count) : nil }

  mutating func add(_ samples: Int, isRight: Bool) {
    count += samples
    if isRight { right += samples }
  }
}

/// The two parts of a set.
struct OverlapParts {
  var overlap = OverlapPart()
  var clean = OverlapPart()

  var all: OverlapPart {
    OverlapPart(count: overlap.count + clean.count, right: overlap.right + clean.right)
  }

  /// All − Clean.
  var change: Double? { OverlapRow.difference(all, clean) }
}
