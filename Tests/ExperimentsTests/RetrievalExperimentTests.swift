import Core
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import Statistics
import TestSupport
import Testing

@Suite struct RetrievalExperimentTests {
  struct Side: Decodable {
    var ranks: [Int]
    var top5: [Int]
    var scores: [Double]
    var bestRight: [Int]
    var recall: [String: Double]
    var chance: [String: Double]
    var interval95: [String: [Double]]
    var interval99_5: [String: [Double]]
  }
  struct Fixture: Decodable {
    var images: [Float]
    var captions: [Float]
    var dimension: Int
    var owners: [Int]
    var imageToText: Side
    var textToImage: Side
  }

  let fixture: Fixture
  private var images: Matrix {
    Matrix(
      rows: fixture.images.count / fixture.dimension, columns: fixture.dimension,
      storage: fixture.images)
  }
  private var captions: Matrix {
    Matrix(
      rows: fixture.owners.count, columns: fixture.dimension, storage: fixture.captions)
  }

  init() throws {
    let file = TestPaths.fixtures.appending(path: "Retrieval/expected.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  private func experiment(threads: Int = 1) throws -> RetrievalExperiment {
    try RetrievalExperiment(
      images: images, captions: captions, rowOfCaption: fixture.owners, scale: 1,
      imageIDs: (0..<images.rows).map { "image \($0)" }, threads: threads)
  }

  private func context(expectedImages: Int? = 24) -> RetrievalContext {
    RetrievalContext(
      expectedImages: expectedImages, expectedCaptions: nil, failedImages: 0, isPartial: false,
      protocol: EvaluationProtocol(dataset: "toy", model: "numpy"))
  }

  @Test("ranks, best answers, top five and scores are NumPy's, with ties against the query")
  func rankings() throws {
    let found = try experiment()
    for (ranking, expected) in [
      (found.imageToText, fixture.imageToText), (found.textToImage, fixture.textToImage),
    ] {
      #expect(ranking.ranks == expected.ranks.map { min($0, 11) })
      #expect(ranking.bestRight == expected.bestRight)
      #expect(ranking.top5 == expected.top5)
      for (score, reference) in zip(ranking.scores, expected.scores) {
        #expect(abs(Double(score) - reference) < 1e-6)
      }
    }
    // Image 8 shares its best caption with three others: broken by order, the tie would give rank 2.
    #expect(found.imageToText.ranks[8] == 4)
    #expect(found.imageToText.nearTies(cutoff: 1, threshold: 1e-5) == 1)
    #expect(found.textToImage.nearTies(cutoff: 1, threshold: 1e-5) == 0)
  }

  @Test("recall, chance and intervals are NumPy's")
  func rows() throws {
    let rows = try experiment().rows(in: context())
    #expect(
      rows.map(\.metric) == [
        "image-to-text-recall@1", "image-to-text-recall@5", "image-to-text-recall@10",
        "text-to-image-recall@1", "text-to-image-recall@5", "text-to-image-recall@10",
      ])
    for row in rows {
      let side = row.metric.hasPrefix("image") ? fixture.imageToText : fixture.textToImage
      let k = try #require(row.metric.split(separator: "@").last.map(String.init))
      let (value, recall) = (try #require(row.value), try #require(side.recall[k]))
      #expect(abs(value - recall) < 1e-15, "\(row.metric)")
      let (chance, reference) = (try #require(row.chance), try #require(side.chance[k]))
      #expect(abs(chance - reference) < 1e-14, "\(row.metric)")
      #expect(row.protocol.metric == "\(row.metric) ties=pessimistic")
      #expect(row.experiment == "retrieval")
      if row.metric.hasPrefix("image") {
        let hits = side.ranks.count { $0 <= Int(k) ?? 0 }
        #expect(row.n == 24 && !row.partial)
        #expect(
          row.interval95
            == ClopperPearson.interval(successes: hits, trials: 24, confidence: 0.95))
      } else {
        #expect(row.n == 124 && row.intervalMethod?.contains("clusters=images") == true)
        for (interval, expected) in [
          (row.interval95, side.interval95[k]), (row.interval99_5, side.interval99_5[k]),
        ] {
          let (interval, expected) = (try #require(interval), try #require(expected))
          #expect(abs(interval.lower - expected[0]) < 1e-12, "\(row.metric)")
          #expect(abs(interval.upper - expected[1]) < 1e-12, "\(row.metric)")
        }
      }
    }
  }

  @Test("blocks and threads do not show")
  func independence() throws {
    // 700 copies of the images' features in a row make several blocks.
    let many = Matrix(
      rows: 720, columns: fixture.dimension,
      storage: (0..<30).flatMap { copy in fixture.images.map { $0 * Float(copy + 1) } })
    func run(_ threads: Int) throws -> RetrievalExperiment {
      try RetrievalExperiment(
        images: many, captions: many, rowOfCaption: (0..<720).map { $0 }, scale: 100,
        imageIDs: (0..<720).map { "\($0)" }, threads: threads)
    }
    let (one, three) = (try run(1), try run(3))
    #expect(one.imageToText.ranks == three.imageToText.ranks)
    #expect(one.imageToText.top5 == three.imageToText.top5)
    #expect(one.textToImage.scores == three.textToImage.scores)
    #expect(one.imageToText.count == 720)
  }

  @Test("captions of images without a feature remain candidates, and are no queries")
  func failures() throws {
    // Image 0 is lost; rows move up by one.
    let rest = Matrix(
      rows: 23, columns: fixture.dimension,
      storage: Array(fixture.images.dropFirst(fixture.dimension)))
    let found = try RetrievalExperiment(
      images: rest, captions: captions, rowOfCaption: fixture.owners.map { $0 == 0 ? nil : $0 - 1 },
      scale: 1, imageIDs: (1..<24).map { "image \($0)" }, threads: 1)
    // The same candidates: the same ranks.
    #expect(found.imageToText.ranks == fixture.imageToText.ranks.dropFirst().map { min($0, 11) })
    #expect(found.captionQueries == Array(5..<124))
    var context = context()
    context.failedImages = 1
    context.expectedCaptions = 124
    let rows = try found.rows(in: context)
    #expect(rows[0].n == 23 && rows[0].nFailed == 1 && rows[0].nExpected == 24 && !rows[0].partial)
    #expect(rows[3].n == 119 && rows[3].nFailed == 5 && rows[3].nExpected == 124)
  }

  @Test("features that cannot be compared are named")
  func refusals() throws {
    func error(
      images: Matrix, captions: Matrix, owners: [Int?], scale: Float = 1
    ) -> EvalError? {
      #expect(throws: EvalError.self) {
        try RetrievalExperiment(
          images: images, captions: captions, rowOfCaption: owners, scale: scale,
          imageIDs: ["a.jpg", "b.jpg"], threads: 1)
      }
    }
    let two = Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 1])
    let zero = Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 0])
    let infinite = Matrix(rows: 2, columns: 2, storage: [1, 0, .infinity, 0])
    #expect(
      error(images: zero, captions: two, owners: [0, 1])?.message.contains("features of b.jpg")
        == true)
    #expect(
      error(images: two, captions: infinite, owners: [0, 1])?.message.contains("caption 1") == true)
    #expect(
      error(images: two, captions: two, owners: [0, 0])?.message.contains("b.jpg has no caption")
        == true)
    #expect(
      error(images: two, captions: Matrix(rows: 2, columns: 1, storage: [1, 1]), owners: [0, 1])?
        .kind == .malformedData)
    #expect(error(images: two, captions: two, owners: [0, 1], scale: .nan)?.kind == .malformedData)
  }

  @Test("with fewer candidates than ranks every k is defined")
  func fewCandidates() throws {
    let found = try RetrievalExperiment(
      images: Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 1]),
      captions: Matrix(rows: 3, columns: 2, storage: [1, 0.5, 1, 0.25, 1, 0.75]),
      rowOfCaption: [0, 0, 1], scale: 1, imageIDs: ["a", "b"], threads: 1)
    #expect(found.imageToText.ranks == [1, 1])
    #expect(found.textToImage.ranks == [1, 1, 2])
    #expect(found.imageToText.top5 == [1, 0, 2, -1, -1, 2, 0, 1, -1, -1])
    #expect(found.imageToText.scores[3].isNaN)
    let rows = try found.rows(in: context(expectedImages: nil))
    #expect(rows.map(\.value) == [1, 1, 1, 2 / 3.0, 1, 1])
    #expect(rows.map(\.chance) == [0.5, 1, 1, 0.5, 1, 1])
    // All right: resamples would show no spread, so there is no interval.
    #expect(rows[4].interval95 == nil && rows[4].intervalMethod == nil)
    #expect(rows[3].interval95 != nil)
  }
}
