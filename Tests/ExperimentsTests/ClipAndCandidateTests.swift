import Core
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import TestSupport
import Testing

private func fixture<Value: Decodable>(_ name: String) throws -> Value {
  try JSONDecoder().decode(
    Value.self, from: Data(contentsOf: TestPaths.fixtures.appending(path: "Pairs/\(name)")))
}

private func matrix(_ rows: [[Float]]) -> Matrix {
  Matrix(rows: rows.count, columns: rows[0].count, storage: rows.flatMap { $0 })
}

private func unitRows(_ rows: [[Float]]) throws -> Matrix {
  try ClassWeights.matrix(
    of: matrix(rows), promptCounts: [Int](repeating: 1, count: rows.count))
}

/// Expected values are numpy's (Tools/make-pair-fixtures.py).
@Suite struct ClipTests {
  private struct Case: Decodable {
    var features: [[Float]]
    var weights: [[Float]]
    var scale: Float
    var clips: [String]
    var labels: [Int]
    var firstRows: [Int]
    var top5: [[Int]]
    var scores: [[Float]]
  }

  @Test("a clip's scores are the mean probabilities of its frames, wherever they stand")
  func meanOfProbabilities() throws {
    let data: Case = try fixture("clips.json")
    let classifier = try ZeroShotClassifier(
      weights: unitRows(data.weights), scale: data.scale)
    let clips = SampleGroups(unit: "clips", keys: data.clips)
    let (found, firsts) = try classifier.predict(
      matrix(data.features), labels: data.labels, clips: clips)
    #expect(firsts == data.firstRows)
    #expect(found.labels == data.firstRows.map { data.labels[$0] })
    #expect(found.top5 == data.top5.flatMap { $0 })
    #expect(found.prediction == data.top5.map { $0[0] })
    for (score, expected) in zip(found.scores, data.scores.flatMap { $0 }) {
      #expect(abs(score - expected) < 1e-5)
    }
  }

  @Test("one frame a clip ranks and leads as the frame does")
  func singleFrames() throws {
    let data: Case = try fixture("clips.json")
    let classifier = try ZeroShotClassifier(weights: unitRows(data.weights), scale: data.scale)
    let features = matrix(data.features)
    let alone = try classifier.predict(features, labels: data.labels)
    let (clips, firsts) = try classifier.predict(
      features, labels: data.labels,
      clips: SampleGroups(unit: "clips", keys: (0..<12).map { "\($0)" }))
    #expect(clips.top5 == alone.top5 && firsts == Array(0..<12))
    for (a, b) in zip(clips.margin, alone.margin) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func faults() throws {
    let data: Case = try fixture("clips.json")
    let classifier = try ZeroShotClassifier(weights: unitRows(data.weights), scale: data.scale)
    let clips = SampleGroups(unit: "clips", keys: data.clips)
    var labels = data.labels
    labels[1] = (labels[1] + 1) % 7
    #expect(throws: EvalError.self) {
      try classifier.predict(matrix(data.features), labels: labels, clips: clips)
    }
    #expect(throws: EvalError.self) {
      try classifier.predict(
        matrix(data.features), labels: data.labels,
        clips: SampleGroups(unit: "clips", keys: ["a"]))
    }
    var zero = data.features
    zero[3] = zero[3].map { _ in 0 }
    #expect(throws: EvalError.self) {
      try classifier.predict(matrix(zero), labels: data.labels, clips: clips)
    }
  }
}

@Suite struct CandidateTests {
  private struct Case: Decodable {
    var features: [[Float]]
    var weights: [[Float]]
    var lists: [[Int]]
    var labels: [Int]
    var ranked: [[Int]]
    var accuracy: Double
    var accuracyAt5: Double
    var chance: Double
    var chanceAt5: Double
  }

  @Test("each sample chooses from its own classes; chance is the mean of one over their number")
  func ownLists() throws {
    let data: Case = try fixture("candidates.json")
    var candidates = CandidateLists()
    // Order and repetition within a list mean nothing.
    for list in data.lists { candidates.append(list.reversed() + list) }
    let classifier = try ZeroShotClassifier(weights: unitRows(data.weights), scale: 100)
    let found = try classifier.predict(
      matrix(data.features), labels: data.labels, candidates: candidates)
    for (row, ranked) in data.ranked.enumerated() {
      let padded = ranked + [Int](repeating: -1, count: 5 - ranked.count)
      #expect(Array(found.top5[(5 * row)..<(5 * row + 5)]) == padded)
    }
    // A single candidate leads nothing.
    #expect(found.margin[0].isNaN)

    var context = EvaluationContext(
      classCount: 9, mainMetric: .accuracy, expectedCount: 6, failedCount: 0, isPartial: false,
      protocol: EvaluationProtocol(dataset: "Words", model: "m"))
    context.candidates = candidates
    context.scoring = "candidates=own-list"
    let rows = try ZeroShotExperiment.rows(for: found, in: context)
    #expect(rows.map(\.metric) == ["accuracy", "accuracy@5"])
    #expect(rows.map(\.value) == [data.accuracy, data.accuracyAt5])
    for (chance, expected) in zip(rows.map(\.chance), [data.chance, data.chanceAt5]) {
      #expect(abs((chance ?? 0) - expected) < 1e-12)
    }
    #expect(rows[0].protocol.metric == "accuracy candidates=own-list")
    #expect(rows[0].nearTies == 0)
  }

  @Test func lists() {
    var lists = CandidateLists()
    lists.append([3, 1, 3])
    lists.append([0])
    lists.append([])
    #expect(lists.count == 3 && Array(lists.row(0)) == [1, 3] && Array(lists.row(1)) == [0])
    #expect(lists.row(2).isEmpty && Array(lists.rows([1, 0]).row(1)) == [1, 3])
    #expect(lists.rows([0, 1]).chance(choices: 1) == 0.75)
    #expect(lists.rows([0, 1]).chance(choices: 5) == 1)
    #expect(CandidateLists().chance(choices: 1) == nil)
  }

  @Test("a list that is empty, or names no class, is malformed")
  func faults() throws {
    let data: Case = try fixture("candidates.json")
    let classifier = try ZeroShotClassifier(weights: unitRows(data.weights), scale: 100)
    for wrong in [[], [9], [-1]] {
      var candidates = CandidateLists()
      for list in data.lists.dropLast() { candidates.append(list) }
      candidates.append(wrong)
      let error = #expect(throws: EvalError.self) {
        try classifier.predict(matrix(data.features), labels: data.labels, candidates: candidates)
      }
      #expect(error?.kind == .malformedData)
    }
  }
}

@Suite struct CompositionTests {
  private struct Case: Decodable {
    struct Pair: Decodable {
      var images: [Int]
      var captions: [Int]
    }
    struct Single: Decodable {
      var kind: String
      var image: Int
      var captions: [Int]
    }
    var images: [[Float]]
    var captions: [[Float]]
    var scale: Float
    var pairs: [Pair]
    var text: Double
    var image: Double
    var group: Double
    var singles: [Single]
    var overall: Double
    var macro: Double
    var kinds: [String: Double]
  }

  private func experiment(
    _ items: [CompositionItem], _ data: Case, without failed: Set<Int> = []
  ) throws -> CompositionExperiment {
    let rows = data.images.indices.filter { !failed.contains($0) }
    var items = CompositionItems(items, captions: data.captions.indices.map { "caption \($0)" })
    items.expectedCount = items.items.count
    return try CompositionExperiment(
      items, images: matrix(rows.map { data.images[$0] }),
      rowOfSample: data.images.indices.map { rows.firstIndex(of: $0) },
      captions: matrix(data.captions), scale: data.scale, imageIDs: rows.map { "image \($0)" })
  }

  private let context = CompositionContext(
    isPartial: false, protocol: EvaluationProtocol(dataset: "Pairs", model: "m"))

  private func pairs(_ data: Case) -> [CompositionItem] {
    data.pairs.enumerated().map {
      CompositionItem(id: "\($0)", kind: "all", images: $1.images, captions: $1.captions)
    }
  }

  private func singles(_ data: Case) -> [CompositionItem] {
    data.singles.enumerated().map {
      CompositionItem(id: "\($0)", kind: $1.kind, images: [$1.image], captions: $1.captions)
    }
  }

  @Test("text, image and group score of two images and two captions")
  func twoImages() throws {
    let data: Case = try fixture("composition.json")
    let rows = try experiment(pairs(data), data).rows(in: context)
    #expect(rows.map(\.metric) == ["group-score", "text-score", "image-score"])
    #expect(rows.map(\.value) == [data.group, data.text, data.image])
    #expect(rows.map(\.chance) == [1.0 / 6, 0.25, 0.25])
    #expect(rows.allSatisfy { $0.n == 40 && $0.nExpected == 40 && $0.nFailed == 0 && !$0.partial })
    #expect(rows[1].interval95?.contains(data.text) == true)
    #expect(rows[1].intervalMethod == "clopper-pearson")
    #expect(rows[0].protocol.metric == "group-score ties=wrong")
  }

  @Test("one image and two captions: each kind, their mean, and all")
  func oneImage() throws {
    let data: Case = try fixture("composition.json")
    let rows = try experiment(singles(data), data).rows(in: context)
    #expect(
      rows.map(\.metric) == [
        "macro-accuracy", "accuracy", "accuracy/add", "accuracy/swap", "accuracy/replace",
      ])
    let expected =
      [data.macro, data.overall] + ["add", "swap", "replace"].map { data.kinds[$0] ?? -1 }
    for (row, value) in zip(rows, expected) {
      #expect(abs((row.value ?? -1) - value) < 1e-12)
      #expect(row.chance == 0.5 && row.interval95?.contains(value) == true)
      #expect(row.intervalMethod?.hasPrefix("image-bootstrap-percentile") == true)
    }
    #expect(rows.map(\.n) == [90, 90, 50, 20, 20])
    #expect(abs(data.macro - data.overall) > 0.005)
  }

  @Test("questions about an image without a feature have failed")
  func failures() throws {
    let data: Case = try fixture("composition.json")
    let failed = data.pairs[0].images[1]
    let touched = data.pairs.count { $0.images.contains(failed) }
    let rows = try experiment(pairs(data), data, without: [failed]).rows(in: context)
    #expect(rows[0].n == 40 - touched && rows[0].nFailed == touched && rows[0].nExpected == 40)
    #expect(touched > 0)
  }

  @Test("ties are wrong, and near ties are counted")
  func ties() throws {
    let data: Case = try fixture("composition.json")
    let same = CompositionItem(id: "0", kind: "all", images: [0, 1], captions: [4, 4])
    let rows = try experiment([same], data).rows(in: context)
    #expect(rows.map(\.value) == [0, 0, 0] && rows.map(\.nearTies) == [1, 1, 0])
    // The same image twice: text may be right, image cannot.
    let twice = CompositionItem(id: "0", kind: "all", images: [2, 2], captions: [0, 1])
    #expect(try experiment([twice], data).rows(in: context)[2].value == 0)
    let single = CompositionItem(id: "0", kind: "add", images: [0], captions: [4, 4])
    #expect(try experiment([single], data).rows(in: context)[0].value == 0)
  }

  @Test("the hand-made case: which comparison belongs to which score")
  func byHand() throws {
    // Images (1,0) and (0,1). Captions: both prefer image 0, the first more; image 1 prefers the second.
    let items = CompositionItems(
      [CompositionItem(id: "0", kind: "all", images: [0, 1], captions: [0, 1])],
      captions: ["a", "b"])
    let answer = try #require(
      CompositionExperiment(
        items, images: matrix([[1, 0], [0, 1]]), rowOfSample: [0, 1],
        captions: matrix([[0.9, 0.1], [0.8, 0.6]]), scale: 1, imageIDs: ["x", "y"]
      ).answers.first)
    #expect(answer.isTextRight && !answer.isImageRight)
    let expected = [0.9938837, 0.8, 0.1104315, 0.6]
    for (score, value) in zip(answer.scores, expected) { #expect(abs(score - value) < 1e-6) }
  }

  @Test func faults() throws {
    let data: Case = try fixture("composition.json")
    #expect(throws: EvalError.self) { try experiment([], data).rows(in: context) }
    var broken = data
    broken.images[0] = broken.images[0].map { _ in .nan }
    let error = #expect(throws: EvalError.self) { try experiment(pairs(broken), broken) }
    #expect(error?.message.contains("image 0") == true)
    let outside = CompositionItem(id: "0", kind: "all", images: [99], captions: [0, 1])
    #expect(throws: EvalError.self) { try experiment([outside], data) }
  }
}
