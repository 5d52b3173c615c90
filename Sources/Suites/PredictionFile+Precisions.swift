import Core
import Experiments
import Metrics
import Reporting

extension PredictionFile {
  /// What a report tells of images that show several classes: the average precision of each class by the task's main metric.
  /// - Parameter rows: the task's.
  /// - Returns: nil where that metric is none, as of frames in sets.
  func precisions(of rows: [ResultRow]) throws -> DatasetDetail? {
    guard let metric = rows.first.flatMap({ MetricName(rawValue: $0.metric) }),
      [.elevenPointMAP, .areaMAP].contains(metric)
    else { return nil }
    let samples = try samples()
    guard let labels = samples.labels, let scores = samples.classScores else { return nil }
    let values = try MeanAveragePrecision.resampled(
      scores: scores, labels: labels, interpolated: metric == .elevenPointMAP
    )([Int32](repeating: 1, count: labels.count))
    var classes = try classes()?.map { DatasetDetail.ClassName(id: $0.id, name: $0.name) } ?? []
    for number in classes.count..<max(classes.count, labels.classCount) {
      classes.append(.init(id: "\(number)", name: "class \(number)"))
    }
    return DatasetDetail(
      rows: rows, classes: classes,
      counts: try PerClassCounts(labels: [], predictions: [], classCount: 0),
      precisions: zip(labels.counts(of: .positive), values).map {
        .init(positives: $0, value: $1)
      })
  }
}
