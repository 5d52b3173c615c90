package import Core
import Statistics

/// Which side of image–text retrieval asks. The paper's Table 13 calls the first text retrieval, the second image retrieval.
package enum RetrievalDirection: String, Sendable, CaseIterable {
  /// An image is the query, all captions are candidates, and each of its captions is right.
  case imageToText = "image-to-text"
  /// A caption is the query, all images are candidates, and its own is right.
  case textToImage = "text-to-image"

  /// The metrics of Table 13, the main one first.
  package var metrics: [(cutoff: Int, name: MetricName)] {
    switch self {
    case .imageToText:
      [(1, .imageToTextRecallAt1), (5, .imageToTextRecallAt5), (10, .imageToTextRecallAt10)]
    case .textToImage:
      [(1, .textToImageRecallAt1), (5, .textToImageRecallAt5), (10, .textToImageRecallAt10)]
    }
  }
}

/// Recall@k: the share of queries that find a right candidate among the first k.
///
/// Ties are pessimistic. A query's rank is 1 plus the number of wrong candidates that score at least as high as its
/// best right one; identical captions of two images therefore count against both.
package enum RecallAtK {
  /// The largest k that is reported.
  package static let largestCutoff = 10

  /// - Parameters:
  ///   - ranks: of each query, from 1; any beyond `cutoff` is a miss.
  ///   - rightCounts: candidates that are right for each query, at least 1.
  ///   - candidateCount: candidates to choose from.
  ///   - clusters: for queries that are not independent, the cluster of each (`0..<clusterCount`): the interval is then a
  ///     cluster bootstrap, else Clopper–Pearson.
  package static func value(
    _ name: MetricName, cutoff: Int, ranks: [Int], rightCounts: [Int], candidateCount: Int,
    clusters: [Int]? = nil, clusterCount: Int = 0
  ) throws(EvalError) -> MetricValue {
    try requireSameCount(ranks.count, rightCounts.count)
    let hits = ranks.map { $0 <= cutoff }
    let found = hits.count { $0 }
    var intervals: [Interval?] = [nil, nil]
    var method: String?
    let confidences = [0.95, 0.995]
    if let clusters {
      try requireSameCount(ranks.count, clusters.count)
      var successes = [Int](repeating: 0, count: clusterCount)
      var trials = successes
      for (hit, cluster) in zip(hits, clusters) {
        guard trials.indices.contains(cluster) else {
          throw EvalError(.bug, "a query belongs to cluster \(cluster) of \(clusterCount)")
        }
        trials[cluster] += 1
        if hit { successes[cluster] += 1 }
      }
      if let found = ClusterBootstrap.intervals(
        successes: successes, trials: trials, confidences: confidences)
      {
        intervals = found
        method = ClusterBootstrap.methodName()
      }
    } else if !ranks.isEmpty {
      intervals = confidences.map {
        ClopperPearson.interval(successes: found, trials: ranks.count, confidence: $0)
      }
      method = ClopperPearson.methodName
    }
    return MetricValue(
      name: name, value: ranks.isEmpty ? nil : Double(found) / Double(ranks.count),
      interval95: intervals[0], interval99_5: intervals[1], intervalMethod: method,
      count: ranks.count,
      chance: chance(cutoff: cutoff, rightCounts: rightCounts, candidateCount: candidateCount))
  }

  /// What a random order of the candidates is expected to give: the mean over queries of
  /// 1 − C(n − r, k) / C(n, k) for r right ones of n.
  package static func chance(cutoff: Int, rightCounts: [Int], candidateCount: Int) -> Double? {
    guard !rightCounts.isEmpty, candidateCount > 0 else { return nil }
    // By number of right ones: a sum of thousands of equal terms would gather rounding errors.
    let queries = Dictionary(grouping: rightCounts) { $0 }.sorted { $0.key < $1.key }
    let sum = queries.reduce(0.0) {
      $0 + Double($1.value.count) * chance(of: $1.key, among: candidateCount, drawing: cutoff)
    }
    return sum / Double(rightCounts.count)
  }

  private static func chance(of right: Int, among count: Int, drawing cutoff: Int) -> Double {
    let drawn = min(cutoff, count)
    // Exact where it is a plain fraction; 1 minus the product below is not, by a rounding.
    if right == 1 || drawn == 1 { return Double(right * drawn) / Double(count) }
    var miss = 1.0
    for draw in 0..<drawn { miss *= Double(max(0, count - right - draw)) / Double(count - draw) }
    return 1 - miss
  }
}
