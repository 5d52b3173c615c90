import Core
import Experiments
import Metrics
import Statistics
import Testing

struct ZeroShotExperimentTests {
  /// Ten samples of three classes among `classCount`; seven are right, one of them by a hair.
  static func predictions() -> Predictions {
    var value = Predictions()
    value.labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    value.prediction = [0, 0, 0, 1, 1, 1, 1, 1, 0, 1]
    for (label, prediction) in zip(value.labels, value.prediction) {
      let second = label == prediction ? 3 : label
      value.top5 += [prediction, second, 4, 5, 6]
      value.scores += [5, 4, 3, 2, 1]
      value.margin.append(1)
    }
    value.margin[0] = 5e-4
    return value
  }

  static func context(
    _ main: MetricName, classCount: Int = 7, expected: Int? = 12, failed: Int = 2
  ) -> EvaluationContext {
    EvaluationContext(
      classCount: classCount, mainMetric: main, expectedCount: expected, failedCount: failed,
      isPartial: false, protocol: EvaluationProtocol(dataset: "Flowers102", model: "M"))
  }

  @Test("the main metric comes first, then accuracy and accuracy@5")
  func metrics() throws {
    let rows = try ZeroShotExperiment.rows(
      for: Self.predictions(), in: Self.context(.meanPerClass))
    #expect(rows.map(\.metric) == ["mean-per-class", "accuracy", "accuracy@5"])
    let values = rows.map { $0.value ?? .nan }
    // Classes 0, 1, 2: 3/4, 4/4, 0/2. All right classes are among the first five.
    #expect(abs(values[0] - 1.75 / 3) < 1e-15)
    #expect(values[1] == 0.7)
    #expect(values[2] == 1)
    let chances: [Double?] = [1.0 / 7, 1.0 / 7, 5.0 / 7]
    #expect(rows.map(\.chance) == chances)
    for row in rows {
      #expect(row.n == 10)
      #expect(row.nExpected == 12)
      #expect(row.nFailed == 2)
      #expect(row.nearTies == 1)
      #expect(row.verdict == .noReference)
    }
    #expect(rows.map(\.protocol.metric) == ["mean-per-class", "accuracy", "accuracy@5"])
    #expect(Set(rows.map(\.protocolHash)).count == 3)
  }

  @Test("five classes or fewer have no accuracy@5")
  func fewClasses() throws {
    let rows = try ZeroShotExperiment.rows(
      for: Self.predictions(), in: Self.context(.accuracy, classCount: 5))
    #expect(rows.map(\.metric) == ["accuracy"])
  }

  @Test("missing samples or classes make a row partial, and are counted")
  func partial() throws {
    // All samples of the split are there, and four classes have none: that cannot be the split.
    let lacking = try ZeroShotExperiment.rows(
      for: Self.predictions(), in: Self.context(.accuracy))
    #expect(lacking.allSatisfy { $0.partial && $0.emptyClasses == 4 })
    let short = try ZeroShotExperiment.rows(
      for: Self.predictions(), in: Self.context(.accuracy, expected: 13))
    #expect(short.map(\.partial) == [true, true])
    let unknown = try ZeroShotExperiment.rows(
      for: Self.predictions(), in: Self.context(.accuracy, expected: nil))
    #expect(unknown.allSatisfy { !$0.partial && $0.nExpected == nil && $0.emptyClasses == nil })
    let perClass = try ZeroShotExperiment.rows(
      for: Self.predictions(), in: Self.context(.meanPerClass))
    #expect(perClass.map(\.emptyClasses) == [4, 4, 4])
    #expect(perClass.map(\.partial) == [true, true, true])
  }

  @Test("without a prediction there is no result but an error")
  func empty() {
    let error = #expect(throws: EvalError.self) {
      try ZeroShotExperiment.rows(for: Predictions(), in: Self.context(.accuracy))
    }
    #expect(error?.kind == .taskFailed)
    #expect(error?.subject == "Flowers102")
  }
}

struct VerdictTests {
  func published(_ value: Double, same: Bool, count: Int? = nil) -> PublishedFigure {
    PublishedFigure(
      reference: .init(source: "s", model: "m", value: value), usesSameImages: same,
      sampleCount: count)
  }

  @Test(
    "on the same images only rounding and near-ties are allowed for",
    arguments: [
      (0.5594, 0, Verdict.agrees), (0.5599, 0, .agrees), (0.5589, 0, .agrees),
      (0.55991, 0, .differsUnexplained), (0.5604, 9, .differsUnexplained), (0.5604, 10, .agrees),
    ])
  func sameImages(value: Double, nearTies: Int, expected: Verdict) {
    let verdict = Verdict.compare(
      value, interval95: Interval(lower: 0, upper: 1), count: 20_000, nearTies: nearTies,
      with: published(0.5594, same: true))
    #expect(verdict == expected)
  }

  @Test("on other images the interval of the difference decides; its width is Newcombe's")
  func otherImages() throws {
    // 60 of 100 against 140 of 200, limits from SciPy's beta quantiles.
    let own = try #require(ClopperPearson.interval(successes: 60, trials: 100, confidence: 0.95))
    let theirs = published(0.7, same: false, count: 200)
    let difference = Verdict.differenceInterval(0.6, own, theirs)
    #expect(abs(difference.lower - -0.22035786399690455) < 1e-12)
    #expect(abs(difference.upper - 0.018594718098093932) < 1e-12)
    #expect(
      Verdict.compare(0.6, interval95: own, count: 100, nearTies: 0, with: theirs) == .agrees)
    // On an unknown number of images the published figure counts as exact: 0.7 is outside 0.497…0.6967.
    #expect(
      Verdict.compare(
        0.6, interval95: own, count: 100, nearTies: 0, with: published(0.7, same: false))
        == .differsUnexplained)
    #expect(
      Verdict.compare(0.6, interval95: nil, count: 100, nearTies: 0, with: theirs)
        == .differsUnexplained)
  }

  @Test("without a published figure there is nothing to compare, and the words are fixed")
  func words() {
    #expect(
      Verdict.compare(0.5, interval95: nil, count: 1, nearTies: 0, with: nil) == .noReference)
    #expect(
      Verdict.allCases.map(\.rawValue) == [
        "agrees", "differs: protocol", "differs: unexplained", "no reference",
      ])
  }
}
