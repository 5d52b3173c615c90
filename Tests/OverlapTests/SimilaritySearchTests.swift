import CKernels
import Core
import LinearAlgebra
import Overlap
import Testing

struct SimilaritySearchTests {
  private static func matrix(_ rows: [[Float]]) -> FeatureMatrix {
    FeatureMatrix(
      Matrix(rows: rows.count, columns: rows.first?.count ?? 0, storage: rows.flatMap(\.self)),
      name: { "row \($0)" })
  }

  @Test(
    "the nearest rows are NumPy's, whatever the threads and blocks",
    arguments: [(1, 512, 1024), (3, 512, 1024), (2, 3, 4), (1, 1, 1)])
  func nearest(threads: Int, queryBlock: Int, referenceBlock: Int) throws {
    let expected = try Expected().search
    var search = SimilaritySearch(topK: 5, threshold: nil, threads: threads)
    search.queryBlock = queryBlock
    search.referenceBlock = referenceBlock
    let found = try search.find(
      Self.matrix(expected.queries), in: Self.matrix(expected.references))
    #expect(found.count == 5 * expected.queries.count)
    for (query, row) in expected.order.enumerated() {
      let own = found.filter { $0.query == query }
      #expect(own.map(\.reference) == row)
      for (match, cosine) in zip(own, expected.cosines[query]) {
        #expect(abs(match.score - cosine) < 1e-12)
      }
    }
  }

  @Test("every pair at or above a threshold, best first")
  func threshold() throws {
    let expected = try Expected().search
    let found = try SimilaritySearch(topK: nil, threshold: 0.9, threads: 2).find(
      Self.matrix(expected.queries), in: Self.matrix(expected.references))
    #expect(!found.isEmpty && found.map { [$0.query, $0.reference] } == expected.atLeast)
    var limited = SimilaritySearch(topK: nil, threshold: -1, threads: 2)
    limited.pairLimit = 100
    let error = #expect(throws: EvalError.self) {
      try limited.find(Self.matrix(expected.queries), in: Self.matrix(expected.references))
    }
    #expect(error?.kind == .usage)
  }

  @Test("of rows that are all alike the first ones, in bounded memory")
  func ties() throws {
    let references = (0..<5000).map { row in row % 2 == 0 ? [1, 2, 3] : [2, 4, 6] as [Float] }
    let found = try SimilaritySearch(topK: 3, threshold: nil, threads: 2).find(
      Self.matrix([[1, 2, 3], [-1, -2, -3]]), in: Self.matrix(references))
    #expect(found.map(\.reference) == [0, 1, 2, 0, 1, 2])
    #expect(found.map(\.score) == [1, 1, 1, -1, -1, -1])
  }

  @Test("what float32 cannot tell apart is told in float64")
  func close() throws {
    // Cosines 1 − ε²/2 with ε of 1e-4 and below: equal in float32.
    let references = (0..<300).map { row in [1, Float(300 - row) * 1e-6] }
    let found = try SimilaritySearch(topK: 2, threshold: nil, threads: 1).find(
      Self.matrix([[1, 0]]), in: Self.matrix(references))
    #expect(found.map(\.reference) == [299, 298])
  }

  @Test(
    "features without a direction are refused by name",
    arguments: [
      ([[1, 0], [.nan, 1]], "not finite"), ([[1, 0], [0, 0]], "zero"),
      ([[1, 0], [.infinity, 1]], "not finite"), ([[1, 0], [3e38, 3e38]], "of a length"),
      ([[1, 0], [1e-36, 0]], "of a length"),
    ] as [([[Float]], String)])
  func faulty(rows: [[Float]], words: String) throws {
    let error = #expect(throws: EvalError.self) {
      try SimilaritySearch(topK: 1, threshold: nil, threads: 2).find(
        Self.matrix([[1, 1]]), in: Self.matrix(rows))
    }
    #expect(error?.kind == .malformedData && error?.subject == "row 1")
    #expect(error?.message.contains(words) == true)
  }

  @Test("features of another width are refused")
  func width() throws {
    let error = #expect(throws: EvalError.self) {
      try SimilaritySearch(topK: 1, threshold: nil, threads: 1).find(
        Self.matrix([[1, 1]]), in: Self.matrix([[1, 1, 1]]))
    }
    #expect(error?.kind == .malformedData && error?.message.contains("2") == true)
  }

  @Test("hashes within a distance, for any number of words", arguments: [1, 2, 4])
  func hamming(words: Int) {
    var state: UInt64 = 1
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
    let hashes = (0..<700 * words).map { _ in next() }
    let query = (0..<words).map { _ in next() }
    var rows = [UInt32](repeating: 0, count: 700)
    var distances = [UInt16](repeating: 0, count: 700)
    let limit = UInt32(29 * words)
    let found = ck_hamming_within(query, hashes, 700, words, limit, &rows, &distances)
    let expected = (0..<700).map { row in
      PerceptualHash.distance(query, Array(hashes[row * words..<(row + 1) * words]))
    }
    let near = (0..<700).filter { expected[$0] <= Int(limit) }
    #expect(!near.isEmpty && near.count < 700)
    #expect(rows.prefix(found).map(Int.init) == near)
    #expect(distances.prefix(found).map(Int.init) == near.map { expected[$0] })
  }
}
