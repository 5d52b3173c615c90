import Core
import Experiments
import Metrics
import Testing

/// Rows of splits whose samples hang together: groups, test splits, frames in sets, and metrics that are no proportion.
struct StructuredSplitTests {
  static func predictions(_ labels: [Int], _ scores: [[Float]]) -> Predictions {
    var value = Predictions()
    value.labels = labels
    for row in scores {
      let order = row.indices.sorted { row[$0] > row[$1] }
      value.prediction.append(order[0])
      value.top5 += (order + [Int](repeating: -1, count: 5)).prefix(5)
      value.scores += (order.map { row[$0] } + [Float](repeating: .nan, count: 5)).prefix(5)
      value.margin.append(order.count > 1 ? row[order[0]] - row[order[1]] : .nan)
    }
    return value
  }

  static func context(_ main: MetricName, classCount: Int) -> EvaluationContext {
    EvaluationContext(
      classCount: classCount, mainMetric: main, expectedCount: 4, failedCount: 0, isPartial: false,
      protocol: EvaluationProtocol(dataset: "D", model: "M"))
  }

  @Test("the area ranks images by the lead of the second class's logit")
  func areaUnderROC() throws {
    // Leads of class 1: 1, −2, −2, −3; positive are the first and the third. Pairs: 1 > −2, 1 > −3, −2 = −2, −2 > −3.
    let value = Self.predictions([1, 0, 1, 0], [[20, 21], [22, 20], [12, 10], [23, 20]])
    let rows = try ZeroShotExperiment.rows(for: value, in: Self.context(.rocAUC, classCount: 2))
    #expect(rows.map(\.metric) == ["ROC-AUC", "accuracy"])
    #expect(rows[0].value == 3.5 / 4 && rows[0].chance == 0.5)
    #expect(rows[0].protocol.metric == "ROC-AUC scores=logit-difference ties=half")
    #expect(rows[0].nearTies == nil && rows[1].nearTies == 0)
    #expect(rows[0].emptyClasses == 0 && !rows[0].partial)
    #expect(rows[0].intervalMethod?.hasPrefix("image-bootstrap-percentile") == true)
    #expect(rows[1].value == 0.75)
    let single = try ZeroShotExperiment.rows(
      for: Self.predictions([1, 1], [[1, 2], [2, 1]]), in: Self.context(.rocAUC, classCount: 2))
    #expect(single[0].value == nil && single[0].emptyClasses == 1 && single[0].partial)
    let error = #expect(throws: EvalError.self) {
      try ZeroShotExperiment.rows(
        for: Self.predictions([0], [[1, 2, 3]]), in: Self.context(.rocAUC, classCount: 3))
    }
    #expect(error?.kind == .badSuite)
  }

  @Test func meanOfTopOneAndFive() throws {
    let scores: [[Float]] = [[6, 5, 4, 3, 2, 1], [6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6]]
    let rows = try ZeroShotExperiment.rows(
      for: Self.predictions([0, 4, 0], scores), in: Self.context(.meanTop1Top5, classCount: 6))
    #expect(rows.map(\.metric) == ["mean-top1-top5", "accuracy", "accuracy@5"])
    #expect(rows.map(\.value) == [0.5, 1.0 / 3, 2.0 / 3])
    #expect(rows[0].nearTies == 0)
  }

  @Test("test splits are averaged, and groups drawn")
  func foldsAndGroups() throws {
    var context = Self.context(.accuracy, classCount: 2)
    context.structure = SampleStructure(
      groups: SampleGroups(unit: "source groups", keys: ["a", "a", "b", "c"]),
      folds: SampleGroups(unit: "test splits", keys: ["1", "1", "1", "2"]))
    let value = Self.predictions([0, 0, 0, 1], [[1, 0], [1, 0], [0, 1], [1, 0]])
    let rows = try ZeroShotExperiment.rows(for: value, in: context)
    #expect(rows.map(\.metric) == ["accuracy"])
    #expect(rows[0].value == (2.0 / 3 + 0) / 2 && rows[0].n == 4)
    #expect(rows[0].protocol.metric == "accuracy mean-over=2-test-splits")
    #expect(
      rows[0].intervalMethod
        == "cluster-bootstrap-percentile clusters=source-groups resamples=10000 prng=xoshiro256starstar seed=210300020"
    )
  }

  @Test("frames in sets: rows count sets, and any label of a frame is right")
  func frameSets() throws {
    var labels = LabelMatrix(classCount: 3)
    labels.append([.positive, .positive, .negative])
    labels.append([.negative, .positive, .negative])
    labels.append([.negative, .negative, .positive])
    var predictions = MultiLabelPredictions(labels: labels)
    predictions.ranked = Self.predictions(
      [-1, -1, -1], [[1.9999, 2, 0], [1, 2, 0], [1.9999, 2, 0]])
    var context = Self.context(.pm0, classCount: 3)
    context.expectedCount = 5
    context.failedCount = 2
    context.frameSets = FrameSets(
      numbers: [0, 0, 1, 1, 1], isAnchor: [true, false, true, false, false]
    ).rows([0, 1, 2])
    context.structure.groups = SampleGroups(unit: "anchors", keys: ["0", "0", "1"])
    let rows = try ZeroShotExperiment.rows(for: predictions, in: context)
    #expect(rows.map(\.metric) == ["pm-0", "pm-10", "accuracy"])
    // The second set has lost two frames.
    #expect(rows.map(\.value) == [1, 1, 2.0 / 3])
    #expect(rows.map(\.n) == [1, 1, 3] && rows.map(\.nExpected) == [2, 2, 5])
    #expect(rows.map(\.nFailed) == [1, 1, 2])
    #expect(rows.map(\.nearTies) == [1, 1, 2])
    #expect(
      rows.map(\.protocol.metric) == ["pm-0", "pm-10", "accuracy"].map { "\($0) right=any-label" })
    #expect(rows[2].intervalMethod?.contains("clusters=anchors") == true)
    #expect(rows.map(\.partial) == [false, false, false])
    // A copy that lacks sets, of a dataset whose number of frames nobody says.
    context.expectedCount = nil
    context.frameSets?.expectedCount = 3
    let short = try ZeroShotExperiment.rows(for: predictions, in: context)
    #expect(short.map(\.partial) == [true, true, true])
    context.frameSets = nil
    #expect(throws: EvalError.self) { try ZeroShotExperiment.rows(for: predictions, in: context) }
    #expect(throws: EvalError.self) {
      try ZeroShotExperiment.rows(
        for: Self.predictions([0], [[1, 0, 0]]), in: Self.context(.pm0, classCount: 3))
    }
  }
}
