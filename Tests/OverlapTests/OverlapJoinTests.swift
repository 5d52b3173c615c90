import Core
import Overlap
import Testing

struct OverlapJoinTests {
  private func pair(_ query: String, _ score: Double, _ detector: String = "cells")
    -> DuplicatePair
  {
    DuplicatePair(query: query, reference: "r", score: score, detector: detector)
  }

  private func join(
    _ pairs: [DuplicatePair], ids: [String] = ["test/a/1.jpg", "test/a/2.jpg", "test/b/1.jpg"],
    detector: String? = nil, unread: [String] = []
  ) throws -> OverlapJoin.Joined {
    try OverlapJoin.samples(
      ids: ids, isRight: ids.indices.map { $0 % 2 == 0 }, pairs: pairs, detector: detector,
      unread: unread, subject: "pairs.csv")
  }

  @Test("a sample has the highest score of its pairs, or none")
  func highest() throws {
    let joined = try join([
      pair("test/a/2.jpg", 0.8), pair("test/a/2.jpg", 0.9), pair("test/b/1.jpg", 0.7),
    ])
    #expect(
      joined.samples == [
        OverlapSample(id: "test/a/1.jpg", isRight: true, similarity: nil),
        OverlapSample(id: "test/a/2.jpg", isRight: false, similarity: 0.9),
        OverlapSample(id: "test/b/1.jpg", isRight: true, similarity: 0.7),
      ])
    #expect(joined.leftOut.isEmpty)
    #expect(try join([]).samples.map(\.similarity) == [nil, nil, nil])
  }

  @Test("ids may begin at another folder, the same for all")
  func folders() throws {
    let inside = try join([pair("a/2.jpg", 0.9), pair("b/1.jpg", 0.8)])
    #expect(inside.samples.map(\.similarity) == [nil, 0.9, 0.8])
    let outside = try join([pair("data/PACS/test/a/1.jpg", 0.6)])
    #expect(outside.samples.map(\.similarity) == [0.6, nil, nil])
  }

  @Test("queries that are no samples are an error with the first of them")
  func unknown() {
    for pairs in [
      [pair("test/a/9.jpg", 0.9)], [pair("test/a/1.jpg", 0.9), pair("c/1.jpg", 0.9)],
      [pair("a/1.jpg", 0.9), pair("x/a/2.jpg", 0.9)],
    ] {
      let error = #expect(throws: EvalError.self) { try join(pairs) }
      #expect(error?.kind == .malformedData)
      #expect(error?.subject == "pairs.csv")
      #expect(error?.message.contains("no samples of the predictions") == true)
      #expect(error?.message.contains("such as test/a/1.jpg") == true)
    }
    // 1.jpg lies in two folders.
    let error = #expect(throws: EvalError.self) { try join([pair("1.jpg", 0.9)]) }
    #expect(error?.message.contains("several samples") == true)
    #expect(throws: EvalError.self) { try join([], ids: ["a", "a"]) }
  }

  @Test("what could not be searched for is neither clean nor overlapping")
  func unread() throws {
    let joined = try join([pair("a/2.jpg", 0.9)], unread: ["b/1.jpg"])
    #expect(joined.samples.map(\.id) == ["test/a/1.jpg", "test/a/2.jpg"])
    #expect(joined.leftOut == ["test/b/1.jpg"])
    // The evaluation could not read it either.
    let both = try join([pair("a/2.jpg", 0.9)], unread: ["c/9.jpg", "b/1.jpg"])
    #expect(both.samples.count == 2 && both.leftOut == ["test/b/1.jpg"])
    // Without any pair, the folder is that of what could not be read.
    let alone = try join([], unread: ["c/9.jpg", "b/1.jpg"])
    #expect(alone.samples.count == 2 && alone.leftOut == ["test/b/1.jpg"])
    #expect(try join([], unread: ["other.jpg"]).samples.count == 3)
  }

  @Test("scores of several detectors are not mixed")
  func detectors() throws {
    let pairs = [pair("test/a/1.jpg", 0.9, "cells"), pair("test/a/1.jpg", 0.99, "features")]
    #expect(try join(pairs, detector: "cells").samples[0].similarity == 0.9)
    let error = #expect(throws: EvalError.self) { try join(pairs) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("cells, features") == true)
    #expect(throws: EvalError.self) { try join(pairs, detector: "phash") }
    #expect(try join([], detector: "phash").samples.count == 3)
  }

  @Test(
    "a sample is right where its prediction is its label; without one label there is no accuracy")
  func correctness() throws {
    #expect(
      try OverlapJoin.isRight(labels: [0, 2, 1], predictions: [0, 1, 1], subject: "p")
        == [true, false, true])
    let error = #expect(throws: EvalError.self) {
      try OverlapJoin.isRight(labels: [0, -1], predictions: [0, 1], subject: "p")
    }
    #expect(error?.message.contains("top-1 accuracy") == true)
    #expect(throws: EvalError.self) {
      try OverlapJoin.isRight(labels: [0], predictions: [], subject: "p")
    }
    #expect(throws: EvalError.self) {
      try OverlapJoin.samples(ids: ["a"], isRight: [], pairs: [], subject: "p")
    }
  }
}
