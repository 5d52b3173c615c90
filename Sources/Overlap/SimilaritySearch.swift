import CKernels
package import Core
import Foundation
import LinearAlgebra

/// One of the rows that are most like another row.
package struct Match: Sendable, Equatable {
  package var query: Int
  package var reference: Int
  package var score: Double

  package init(query: Int, reference: Int, score: Double) {
    (self.query, self.reference, self.score) = (query, reference, score)
  }

  /// Higher scores first; of equal ones the lowest number.
  static func precedes(_ a: Match, _ b: Match) -> Bool {
    a.score == b.score ? a.reference < b.reference : a.score > b.score
  }
}

/// All pairs of rows of two sets by cosine similarity, exact: blocked float32 products find what may be among the best, and what they
/// cannot tell apart is decided in float64.
///
/// A float32 product of unit vectors is off by less than (D + 8) · 2⁻²⁴; rows that close to the k-th best stay until their similarity has been
/// computed in float64, in one order. So the result is that of exact arithmetic up to float64's rounding, the same whatever the number of
/// threads, the size of the blocks and the processor.
///
/// Memory besides the features, which are read where they lie, reference rows once from first to last: 16 bytes a query and 12 a reference, 16 · (4k + 64)
/// bytes a query at most, and 4 · (`queryBlock` · D + `queryBlock` · `referenceBlock`) bytes a thread.
package struct SimilaritySearch: Sendable {
  /// The best of each query; nil for all at or above the threshold.
  package var topK: Int?
  /// Cosines below it are no matches; nil for none.
  package var threshold: Double?
  package var threads: Int
  package var queryBlock = 1024
  package var referenceBlock = 512
  /// More pairs than this end a search without `topK`.
  package var pairLimit = 20_000_000

  package init(topK: Int?, threshold: Double?, threads: Int) {
    (self.topK, self.threshold, self.threads) = (topK, threshold, threads)
  }

  /// Bytes of references that all queries meet before the next.
  private static let chunkBytes = 64 << 20

  /// Matches in the order of queries, best first.
  /// - Throws: `EvalError.malformedData` for different widths and for rows that are zero or not finite, `.usage` for a search without bound or
  ///   with too many matches, `.interrupted`.
  package func find(
    _ queries: FeatureMatrix, in references: FeatureMatrix,
    progress: any ProgressSink = SilentProgress()
  ) throws -> [Match] {
    guard queries.columns == references.columns else {
      throw EvalError(
        .malformedData,
        "expected features of one width, found \(queries.columns) in the queries and \(references.columns) in the references"
      )
    }
    guard topK.map({ $0 > 0 }) ?? (threshold != nil) else {
      throw EvalError(.usage, "expected a number of neighbours of at least 1, or a threshold")
    }
    guard references.count <= Int(Int32.max) else {
      throw EvalError(.usage, "more than \(Int32.max) references")
    }
    let queryNorms = try Self.norms(queries, threads: threads)
    let referenceNorms = try Self.norms(references, threads: threads)
    let scales = FloatBuffer(count: references.count)
    for row in 0..<references.count { scales.pointer[row] = Float(1 / referenceNorms[row]) }

    let columns = queries.columns
    let slack = Float((Double(columns) + 8) * 0x1p-24)
    let states = States(count: queries.count, floor: threshold.map { Float($0) - slack })
    let kept = Tally()
    let chunkRows = max(
      referenceBlock, Self.chunkBytes / 4 / max(1, columns) / referenceBlock * referenceBlock)
    let blocks = (queries.count + queryBlock - 1) / queryBlock
    progress.begin("similarities", total: queries.count * references.count)
    defer { progress.end() }
    for start in stride(from: 0, to: references.count, by: chunkRows) {
      let chunk = start..<min(start + chunkRows, references.count)
      let queue = WorkQueue(count: blocks)
      try Workers.run(count: min(threads, blocks)) { [self] _, isCancelled in
        BLAS.useThisThreadOnly()
        let scratch = Scratch(queryBlock, referenceBlock, columns)
        while !isCancelled(), let block = queue.next() {
          try Interruption.check()
          let rows = block * queryBlock..<min(queries.count, (block + 1) * queryBlock)
          try search(
            rows, chunk, queries, references, queryNorms, referenceNorms, scales, states, kept,
            slack, scratch)
          progress.advance(rows.count * chunk.count, cached: false)
        }
      }
    }
    var matches: [Match] = []
    for query in 0..<queries.count {
      matches += exact(query, states, queries, references, queryNorms, referenceNorms)
      states.pointer[query].candidates = []
    }
    return matches
  }

  private func search(
    _ rows: Range<Int>, _ chunk: Range<Int>, _ queries: FeatureMatrix,
    _ references: FeatureMatrix, _ queryNorms: [Double], _ referenceNorms: [Double],
    _ scales: FloatBuffer, _ states: States, _ kept: Tally, _ slack: Float, _ scratch: Scratch
  ) throws {
    let columns = queries.columns
    queries.withRows(rows) { source, run in
      for row in run {
        let from = source + (row - run.lowerBound) * columns
        let to = scratch.unit.pointer + (row - rows.lowerBound) * columns
        let scale = Float(1 / queryNorms[row])
        for column in 0..<columns { to[column] = from[column] * scale }
      }
    }
    let capacity = topK.map { 4 * $0 + 64 } ?? .max
    for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: referenceBlock) {
      let block = start..<min(start + referenceBlock, chunk.upperBound)
      try references.withRows(block) { source, run in
        Float.multiply(
          scratch.unit.pointer, transposed: false, lda: columns, source, transposed: true,
          ldb: columns, into: scratch.products.pointer, ldc: run.count, beta: 0, m: rows.count,
          n: run.count, k: columns)
        for query in rows {
          let products = scratch.products.pointer + (query - rows.lowerBound) * run.count
          let state = states.pointer + query
          let found = ck_scaled_above(
            products, scales.pointer + run.lowerBound, run.count, state.pointee.cutoff,
            scratch.rows)
          guard found > 0 else { continue }
          for i in 0..<found {
            let offset = Int(scratch.rows[i])
            state.pointee.candidates.append(
              Candidate(
                score: products[offset] * scales.pointer[run.lowerBound + offset],
                reference: Int32(run.lowerBound + offset)))
            if state.pointee.candidates.count >= capacity {
              prune(query, states, queries, references, queryNorms, referenceNorms, slack)
            }
          }
          if topK == nil {
            kept.add(found)
            guard kept.count <= pairLimit else {
              throw EvalError(
                .usage, "more than \(pairLimit) pairs reach the threshold",
                remedy: "Raise --threshold, or set --top-k.")
            }
          }
        }
      }
    }
  }

  /// Leaves out what cannot be among the k best; what float32 cannot tell, float64 decides.
  private func prune(
    _ query: Int, _ states: States, _ queries: FeatureMatrix, _ references: FeatureMatrix,
    _ queryNorms: [Double], _ referenceNorms: [Double], _ slack: Float
  ) {
    guard let topK else { return }
    let state = states.pointer + query
    let kth = state.pointee.candidates.map(\.score).sorted(by: >)[topK - 1]
    // k rows are truly at or above kth − slack, so another one that is among the best looks at or above kth − 2 slack.
    state.pointee.cutoff = max(state.pointee.cutoff, kth - 2 * slack)
    let cutoff = state.pointee.cutoff
    state.pointee.candidates.removeAll { $0.score < cutoff }
    guard state.pointee.candidates.count > 2 * topK + 32 else { return }
    let best = exact(query, states, queries, references, queryNorms, referenceNorms)
    let known = Set(best.map { Int32($0.reference) })
    state.pointee.candidates.removeAll { !known.contains($0.reference) }
    if best.count == topK, let last = best.last {
      state.pointee.cutoff = max(cutoff, Float(last.score) - slack)
    }
  }

  /// A query's candidates by their similarity in float64: those at or above the threshold, the best k.
  private func exact(
    _ query: Int, _ states: States, _ queries: FeatureMatrix, _ references: FeatureMatrix,
    _ queryNorms: [Double], _ referenceNorms: [Double]
  ) -> [Match] {
    let row = queries.pointer(ofRow: query)
    var matches: [Match] = []
    for candidate in states.pointer[query].candidates {
      let reference = Int(candidate.reference)
      let product = ck_dot_ordered(row, references.pointer(ofRow: reference), queries.columns)
      let score = min(1, max(-1, product / queryNorms[query] / referenceNorms[reference]))
      if let threshold, score < threshold { continue }
      matches.append(Match(query: query, reference: reference, score: score))
    }
    matches.sort(by: Match.precedes)
    return topK.map { Array(matches.prefix($0)) } ?? matches
  }

  /// Of rows, so that no product or scale in float32 overflows or loses digits.
  private static let lengths = 1e-30...1e30

  /// The length of each row.
  private static func norms(_ features: FeatureMatrix, threads: Int) throws -> [Double] {
    let block = 4096
    let columns = features.columns
    return try [Double](unsafeUninitializedCapacity: features.count) { buffer, filled in
      guard let base = buffer.baseAddress, features.count > 0 else { return }
      let target = Writable(pointer: base)
      let queue = WorkQueue(count: (features.count + block - 1) / block)
      try Workers.run(count: min(threads, (features.count + block - 1) / block)) { _, isCancelled in
        while !isCancelled(), let index = queue.next() {
          let rows = index * block..<min(features.count, (index + 1) * block)
          try features.withRows(rows) { source, run throws in
            for row in run {
              let values = source + (row - run.lowerBound) * columns
              let length = ck_dot_ordered(values, values, columns).squareRoot()
              guard lengths.contains(length) else {
                throw EvalError(
                  .malformedData,
                  length == 0
                    ? "the feature is zero"
                    : length.isFinite
                      ? "expected a feature of a length from \(lengths.lowerBound) to \(lengths.upperBound), found \(length)"
                      : "the feature is not finite",
                  subject: features.name(row),
                  remedy: "Leave out images that have no feature, and compute the others again.")
              }
              target.pointer[row] = length
            }
          }
        }
      }
      filled = features.count
    }
  }

  private struct Writable: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Double>
  }

  private struct Candidate {
    var score: Float
    var reference: Int32
  }

  private struct QueryState {
    var cutoff: Float
    var candidates: [Candidate] = []
  }

  /// What is known of each query. A query belongs to one worker at a time.
  private final class States: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<QueryState>
    private let count: Int

    init(count: Int, floor: Float?) {
      self.count = count
      pointer = .allocate(capacity: max(1, count))
      pointer.initialize(
        repeating: QueryState(cutoff: floor ?? -.infinity), count: count)
    }

    deinit {
      pointer.deinitialize(count: count)
      pointer.deallocate()
    }
  }

  /// A worker's own memory.
  private final class Scratch {
    let unit: FloatBuffer
    let products: FloatBuffer
    let rows: UnsafeMutablePointer<UInt32>
    private let rowBytes: ScratchBuffer

    init(_ queries: Int, _ references: Int, _ columns: Int) {
      unit = FloatBuffer(count: queries * columns)
      products = FloatBuffer(count: queries * references)
      rowBytes = ScratchBuffer(byteCount: references * MemoryLayout<UInt32>.stride)
      rows = rowBytes.pointer.assumingMemoryBound(to: UInt32.self)
    }
  }
}
