import Core
import Metrics

extension ZeroShotExperiment {
  /// Frames of videos in sets: an image is right when its best class is one of those it may be called.
  static func frameSetRows(
    _ predictions: MultiLabelPredictions, _ context: EvaluationContext
  ) throws -> [ResultRow] {
    guard let sets = context.frameSets else {
      throw EvalError(
        .badSuite, "the metric \(context.mainMetric.rawValue) is of frames of videos in sets",
        subject: context.protocol.dataset, remedy: "These images are in none.")
    }
    let prediction = predictions.ranked.prediction
    let isRight = try Accuracy.isRight(predictions.labels, predictions: prediction)
    let chances = Accuracy.chances(predictions.labels)
    let result = try FrameSetAccuracy.evaluate(
      isRight: isRight, chances: chances, sets: sets, groups: context.structure.groups)
    // These two count sets where others count images.
    var ofSets = context
    ofSets.expectedCount = sets.expectedCount
    ofSets.failedCount = sets.sizes.count - result.wholeSets.count
    // How many frames there should be is not known of every dataset; how many sets is.
    var ofFrames = context
    ofFrames.isPartial = context.isPartial || sets.sizes.count != sets.expectedCount
    let isNearTie = predictions.ranked.margin.map { $0 < context.nearTieThreshold }
    let counted = Set(result.counted)
    let close = isNearTie.indices.filter { isNearTie[$0] && counted.contains(sets.numbers[$0]) }
    let accuracy = try Accuracy.anyOf(
      predictions.labels, predictions: prediction, structure: context.structure)
    var rows = [
      try row(
        result.anchors, variant: "\(MetricName.pm0.rawValue) \(allowing)",
        nearTies: close.count { sets.isAnchor[$0] }, emptyClasses: nil, ofSets),
      try row(
        result.wholeSets, variant: "\(MetricName.pm10.rawValue) \(allowing)",
        nearTies: Set(close.map { sets.numbers[$0] }).count,
        emptyClasses: nil, ofSets),
    ]
    if context.mainMetric == .pm10 { rows.reverse() }
    return rows + [
      try row(
        accuracy, variant: "\(MetricName.accuracy.rawValue) \(allowing)",
        nearTies: isNearTie.count { $0 }, emptyClasses: nil, ofFrames)
    ]
  }

  /// How frames with several labels are scored, as protocols record it beside the metric.
  private static let allowing = "right=any-label"
}
