import Core

/// The images of a multi-label split ranked for one class, best first, and what precision and recall come of it.
///
/// Images whose label is difficult have no place in the ranking (VOC2007's development kit). Images of equal score are one step: what
/// lies between has no meaning, and nothing then depends on their order.
struct ClassRanking: Sendable {
  /// A sample's number, with two flags in its low bits.
  private var entries: [UInt32] = []
  private(set) var positiveCount = 0
  private(set) var negativeCount = 0

  private static let isPositive: UInt32 = 1
  private static let endsStep: UInt32 = 2

  /// - Parameters:
  ///   - scores: of each sample for the class; not NaN.
  ///   - labels: of each sample for the class; fewer than 2³⁰.
  init(scores: [Float], labels: [LabelMatrix.Label]) {
    precondition(scores.count == labels.count && scores.count < 1 << 30)
    let ranked = labels.indices.filter { labels[$0] != .difficult }
      .sorted { scores[$0] > scores[$1] }
    entries.reserveCapacity(ranked.count)
    for (rank, sample) in ranked.enumerated() {
      var entry = UInt32(sample) << 2
      if labels[sample] == .positive {
        entry |= Self.isPositive
        positiveCount += 1
      } else {
        negativeCount += 1
      }
      if rank + 1 == ranked.count || scores[ranked[rank + 1]] != scores[sample] {
        entry |= Self.endsStep
      }
      entries.append(entry)
    }
  }

  /// Share of positive samples; nil without a sample.
  var positiveRate: Double? {
    let count = positiveCount + negativeCount
    return count > 0 ? Double(positiveCount) / Double(count) : nil
  }

  struct AveragePrecision: Equatable {
    /// Mean over the recalls 0, 0.1, …, 1 of the highest precision at that recall or more.
    var elevenPoint: Double
    /// Σ (Rₙ − Rₙ₋₁) Pₙ over the steps: the area under the precision-recall curve, not interpolated.
    var area: Double
  }

  /// - Parameter weights: how often each sample counts; nil for once.
  /// - Returns: nil when no positive sample counts: there is no recall.
  func averagePrecision(weights: [Int32]? = nil) -> AveragePrecision? {
    let positives =
      weights.map { weights in
        entries.reduce(0) { sum, entry in
          entry & Self.isPositive != 0 ? sum + Int(weights[Int(entry >> 2)]) : sum
        }
      } ?? positiveCount
    guard positives > 0 else { return nil }
    // Entry k: the highest precision where the recall is in k/10 ..< (k + 1)/10, compared in whole numbers.
    var best = (0...10).map { _ in 0.0 }
    var area = 0.0
    var (hits, misses, hitsBefore) = (0, 0, 0)
    for entry in entries {
      let weight = weights.map { Int($0[Int(entry >> 2)]) } ?? 1
      if entry & Self.isPositive != 0 { hits += weight } else { misses += weight }
      // Where a step adds no hit, recall stays and precision falls.
      guard entry & Self.endsStep != 0, hits > hitsBefore else { continue }
      let precision = Double(hits) / Double(hits + misses)
      area += Double(hits - hitsBefore) * precision
      let level = 10 * hits / positives
      best[level] = max(best[level], precision)
      hitsBefore = hits
    }
    var highest = 0.0
    var sum = 0.0
    for level in stride(from: 10, through: 0, by: -1) {
      highest = max(highest, best[level])
      sum += highest
    }
    return AveragePrecision(elevenPoint: sum / 11, area: area / Double(positives))
  }
}
