import Core
import LinearAlgebra
import Metrics
import Synchronization

/// How a list of queries ranks a list of candidates by cosine similarity. Q queries, C candidates, D features.
package struct RetrievalRanking: Sendable {
  /// Of each query: 1 + the wrong candidates that score at least as high as its best right one, at most
  /// `RecallAtK.largestCutoff` + 1, which stands for all beyond.
  package fileprivate(set) var ranks: [Int]
  /// The best-scored right candidate of each query; the lowest of equals.
  package fileprivate(set) var bestRight: [Int]
  /// Q × 5, row-major: candidates by falling score, the lowest of equals first; −1 where there are fewer.
  package fileprivate(set) var top5: [Int]
  /// Q × 5: scale × cosine of `top5`; NaN where there are fewer.
  package fileprivate(set) var scores: [Float]
  /// Q × `RecallAtK.largestCutoff`: by how much the best right candidate leads the k-th wrong one; negative where it is
  /// behind, infinite where there are fewer wrong ones.
  fileprivate var leads: [Float]

  package var count: Int { ranks.count }

  /// Queries for which less than `threshold` decides whether they are a hit at `cutoff`.
  package func nearTies(cutoff: Int, threshold: Float) -> Int {
    (0..<count).count { abs(leads[$0 * RecallAtK.largestCutoff + cutoff - 1]) < threshold }
  }
}

extension RetrievalRanking {
  static let width = Predictions.width
  private static let depth = RecallAtK.largestCutoff

  /// Floats in one product of a worker: 32 MB, whatever the number of candidates, down to a row at a time.
  private static let blockFloats = 8 << 20

  /// - Parameters:
  ///   - queries: Q × D, unit rows.
  ///   - candidates: C × D, unit rows.
  ///   - right: the right candidates of each query, rising, at least one.
  ///   - scale: what cosines are multiplied with.
  ///   - threads: the result does not depend on it.
  init(
    queries: Matrix, candidates: Matrix, right: [[Int]], scale: Float, threads: Int
  ) throws {
    guard queries.rows == right.count, queries.columns == candidates.columns,
      right.allSatisfy({ !$0.isEmpty && $0.allSatisfy((0..<candidates.rows).contains) })
    else {
      throw EvalError(.bug, "retrieval needs one non-empty list of right candidates a query")
    }
    let rows = max(1, min(256, Self.blockFloats / max(candidates.rows, 1)))
    let blocks = stride(from: 0, to: queries.rows, by: rows).map {
      $0..<min($0 + rows, queries.rows)
    }
    let queue = WorkQueue(count: blocks.count)
    let finished = Mutex<[Int: RetrievalRanking]>([:])
    try Workers.run(count: min(threads, max(1, blocks.count))) { _, isCancelled in
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let part = Self.rank(
          queries.rowRange(blocks[next]), candidates, right[blocks[next]], scale: scale)
        finished.withLock { $0[next] = part }
      }
    }
    self.init()
    let parts = finished.withLock { $0 }
    for block in blocks.indices {
      guard let part = parts[block] else { throw EvalError(.bug, "a block of queries is missing") }
      append(part)
    }
  }

  private init() {
    ranks = []
    bestRight = []
    top5 = []
    scores = []
    leads = []
  }

  private mutating func append(_ other: RetrievalRanking) {
    ranks += other.ranks
    bestRight += other.bestRight
    top5 += other.top5
    scores += other.scores
    leads += other.leads
  }

  private struct Scored {
    var candidate: Int
    var score: Double

    static func isBefore(_ a: Scored, _ b: Scored) -> Bool {
      a.score == b.score ? a.candidate < b.candidate : a.score > b.score
    }
  }

  private static func rank(
    _ queries: Matrix, _ candidates: Matrix, _ right: ArraySlice<[Int]>, scale: Float
  ) -> RetrievalRanking {
    var result = RetrievalRanking()
    let cosines = multiplyTransposed(queries, candidates)
    var top = TopScores(width: depth)
    for (row, right) in right.enumerated() {
      let query = queries.row(row)
      func exact(_ candidate: Int) -> Scored {
        Scored(candidate: candidate, score: Double(scale) * dot(query, candidates.row(candidate)))
      }
      let wrong = best(wrongOnes: cosines.row(row), but: right, depth: query.count, in: &top)
        .map(exact).sorted(by: Scored.isBefore).prefix(depth)
      let own = right.map(exact).sorted(by: Scored.isBefore)
      result.append(own: own, wrong: Array(wrong))
    }
    return result
  }

  private mutating func append(own: [Scored], wrong: [Scored]) {
    guard let best = own.first else { return }  // checked on entry
    ranks.append(1 + wrong.count { $0.score >= best.score })
    bestRight.append(best.candidate)
    for k in 0..<Self.depth {
      leads.append(k < wrong.count ? Float(best.score - wrong[k].score) : .infinity)
    }
    let merged = (own + wrong).sorted(by: Scored.isBefore)
    for rank in 0..<Self.width {
      top5.append(rank < merged.count ? merged[rank].candidate : -1)
      scores.append(rank < merged.count ? Float(merged[rank].score) : .nan)
    }
  }

  /// The wrong candidates that can be among the ten best. BLAS's cosines choose them, with room for its rounding (see
  /// `ZeroShotClassifier.rank`); scores are computed again in Double, in one order.
  private static func best(
    wrongOnes cosines: ArraySlice<Float>, but right: [Int], depth dimension: Int,
    in top: inout TopScores
  ) -> [Int] {
    // Segments between the right candidates: no look-up for each of the many wrong ones.
    let first = cosines.startIndex
    let bounds = [-1] + right + [cosines.count]
    let segments = zip(bounds, bounds.dropFirst()).map { ($0 + 1)..<max($0 + 1, $1) }
    top.reset()
    for segment in segments {
      for candidate in segment { top.insert(cosines[first + candidate], of: candidate) }
    }
    let errorBound = Float(dimension + 8) * 0x1p-24
    let cutoff = top.cutoff.map { $0 - 2.01 * errorBound } ?? -.infinity
    return segments.flatMap { $0.filter { cosines[first + $0] >= cutoff } }
  }

  private static func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += Double(x) * Double(y) }
    return sum
  }
}
