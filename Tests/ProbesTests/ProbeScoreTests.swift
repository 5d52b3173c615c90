import Core
import LinearAlgebra
import Metrics
import Probes
import Statistics
import Testing

/// The metrics themselves are held against references in MetricsTests; a score has to equal them.
struct ProbeScoreTests {
  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> (Matrix, [Int]) {
    var generator = Xoshiro256StarStar(seed: seed)
    // Few values, so that scores are equal now and then.
    let storage = (0..<rows * columns).map { _ in Float(generator.next(below: 9)) / 4 }
    let labels = (0..<rows).map { _ in Int(generator.next(below: UInt64(columns))) }
    return (Matrix(rows: rows, columns: columns, storage: storage), labels)
  }

  private func ranked(_ logits: Matrix) -> [TopScores] {
    (0..<logits.rows).map { row in
      var top = TopScores(width: 5)
      for k in 0..<logits.columns { top.insert(logits.storage[row * logits.columns + k], of: k) }
      return top
    }
  }

  @Test("equals each metric's value, ties included", arguments: [3, 7, 30])
  func equalsMetrics(classCount: Int) throws {
    let (logits, labels) = random(200, classCount, seed: UInt64(classCount))
    let top = ranked(logits)
    let predictions = top.map { $0.classes[0] }
    let ranks = top.flatMap(\.classes)
    func score(_ metric: MetricName) throws -> Double {
      try ProbeScore.value(logits: logits, labels: .single(labels), metric: metric)
    }
    #expect(
      try score(.accuracy)
        == Accuracy.topOne(labels: labels, predictions: predictions, classCount: classCount).value)
    #expect(
      try score(.accuracyAt5)
        == Accuracy.topFive(labels: labels, ranked: ranks, width: 5, classCount: classCount).value)
    #expect(
      try score(.meanTop1Top5)
        == Accuracy.meanOfTopOneAndFive(
          labels: labels, predictions: predictions, ranked: ranks, width: 5,
          classCount: classCount, resamples: 2
        ).value)
    let counts = try PerClassCounts(
      labels: labels, predictions: predictions, classCount: classCount)
    #expect(try score(.meanPerClass) == MeanPerClass.value(counts).value)
  }

  @Test("ROC-AUC is of the difference of two logits, also against a class of logit −∞")
  func areaUnderROC() throws {
    let (logits, labels) = random(100, 2, seed: 9)
    let expected = try AreaUnderROC.value(
      isPositive: labels.map { $0 == 1 },
      scores: (0..<100).map { Double(logits.storage[2 * $0 + 1]) - Double(logits.storage[2 * $0]) },
      resamples: 2)
    #expect(
      try ProbeScore.value(logits: logits, labels: .single(labels), metric: .rocAUC)
        == expected.value)
    // By hand: of the pairs (3 − 0, 0 − 1) and (3 − 0, 5 − 2) one is won and one is equal.
    let small = Matrix(rows: 3, columns: 2, storage: [0, 3, 1, 0, 2, 5])
    #expect(
      try ProbeScore.value(logits: small, labels: .single([1, 0, 0]), metric: .rocAUC) == 0.75)
    let never = Matrix(rows: 2, columns: 2, storage: [-.infinity, 1, -.infinity, 2])
    #expect(try ProbeScore.value(logits: never, labels: .single([0, 1]), metric: .rocAUC) == 0.5)
    #expect(try ProbeScore.value(logits: never, labels: .single([0, 1]), metric: .accuracy) == 0.5)
  }

  @Test("several labels a sample: both average precisions")
  func multipleLabels() throws {
    let (logits, _) = random(60, 4, seed: 2)
    var labels = LabelMatrix(classCount: 4)
    var generator = Xoshiro256StarStar(seed: 3)
    for _ in 0..<60 {
      labels.append(
        (0..<4).map { _ in LabelMatrix.Label.allCases[Int(generator.next(below: 3))] })
    }
    let expected = try MeanAveragePrecision.evaluate(
      scores: logits.storage, labels: labels, resamples: 2)
    #expect(
      try ProbeScore.value(logits: logits, labels: .multiple(labels), metric: .elevenPointMAP)
        == expected.elevenPoint.value)
    #expect(
      try ProbeScore.value(logits: logits, labels: .multiple(labels), metric: .areaMAP)
        == expected.area.value)
    #expect(throws: EvalError.self) {
      try ProbeScore.value(logits: logits, labels: .multiple(labels), metric: .accuracy)
    }
  }

  @Test("a mean per class leaves out classes without a sample")
  func absentClass() throws {
    let logits = Matrix(rows: 3, columns: 3, storage: [1, 0, 0, 0, 1, 0, 0, 1, 0])
    #expect(
      try ProbeScore.value(logits: logits, labels: .single([0, 0, 1]), metric: .meanPerClass)
        == 0.75)
  }

  @Test("hostile logits and labels")
  func hostile() {
    let logits = Matrix(rows: 2, columns: 2, storage: [0, 1, 1, 0])
    let broken = Matrix(rows: 2, columns: 2, storage: [0, 1, .nan, 0])
    for (logits, labels, metric) in [
      (logits, [0], .accuracy), (logits, [0, 2], .accuracy), (logits, [0, -1], .meanPerClass),
      (broken, [0, 1], .accuracy), (logits, [1, 1], .rocAUC), (logits, [0, 1], .elevenPointMAP),
      (Matrix(rows: 0, columns: 2), [], .accuracy),
      (Matrix(rows: 0, columns: 2), [], .meanPerClass),
      (Matrix(rows: 1, columns: 3), [0], .rocAUC),
    ] as [(Matrix, [Int], MetricName)] {
      #expect(throws: EvalError.self) {
        try ProbeScore.value(logits: logits, labels: .single(labels), metric: metric)
      }
    }
  }
}
