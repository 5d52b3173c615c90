package import Core
package import LinearAlgebra
package import Metrics

/// A dataset's metric of a probe's logits, without intervals: what C is selected by, many times over.
package enum ProbeScore {
  /// - Parameters:
  ///   - logits: N × K; higher where the class looks more likely. −∞ for a class without training samples.
  ///   - metric: accuracy, mean-per-class, mean-top1-top5 and ROC-AUC (of the difference of two classes' logits, class 1 being positive)
  ///     of one label a sample; 11-point-mAP or area-mAP of several.
  /// - Returns: a fraction, 0…1; the same as the metric's value in a result, for samples that are independent and in one fold.
  /// - Throws: `EvalError.malformedData` for logits that are not numbers, another number of labels, labels out of range, and where the samples
  ///   define no value; `.usage` for a metric of another kind.
  package static func value(
    logits: Matrix, labels: ProbeLabels, metric: MetricName
  ) throws(EvalError) -> Double {
    guard labels.count == logits.rows else {
      throw EvalError(
        .malformedData, "expected \(logits.rows) labels, one a row of logits, found \(labels.count)"
      )
    }
    if let index = logits.storage.firstIndex(where: \.isNaN) {
      throw EvalError(
        .malformedData,
        "the logit of sample \(index / logits.columns) for class \(index % logits.columns) is not a number"
      )
    }
    let value: Double? =
      switch labels {
      case .single(let numbers): try single(logits, numbers, metric)
      case .multiple(let matrix): try multiple(logits, matrix, metric)
      }
    guard let value else {
      throw EvalError(
        .malformedData, "\(metric.rawValue) has no value on these \(logits.rows) samples",
        remedy: "Select on samples of every class, or fix C.")
    }
    return value
  }

  private static func single(
    _ logits: Matrix, _ labels: [Int], _ metric: MetricName
  ) throws(EvalError) -> Double? {
    let classCount = logits.columns
    if let row = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
      throw EvalError(
        .malformedData,
        "sample \(row) has label \(labels[row]), expected one of the \(classCount) classes")
    }
    func share(_ credit: (_ row: Int) -> Int, full: Int = 1) -> Double? {
      guard !labels.isEmpty else { return nil }
      return Double(labels.indices.reduce(0) { $0 + credit($1) }) / Double(full * labels.count)
    }
    switch metric {
    case .accuracy: return share { rank(of: labels[$0], in: logits, $0) == 0 ? 1 : 0 }
    case .accuracyAt5: return share { rank(of: labels[$0], in: logits, $0) < 5 ? 1 : 0 }
    case .meanTop1Top5:
      return share(
        {
          let rank = rank(of: labels[$0], in: logits, $0)
          return rank == 0 ? 2 : rank < 5 ? 1 : 0
        }, full: 2)
    case .meanPerClass:
      // Which class a wrong prediction names does not matter.
      let predictions = labels.indices.map {
        rank(of: labels[$0], in: logits, $0) == 0 ? labels[$0] : -1
      }
      return try PerClassCounts(labels: labels, predictions: predictions, classCount: classCount)
        .meanRate
    case .rocAUC:
      guard classCount == 2 else {
        throw EvalError(
          .usage, "the metric \(metric.rawValue) is of two classes, found \(classCount)")
      }
      return try AreaUnderROC.area(
        isPositive: labels.map { $0 == 1 },
        scores: labels.indices.map {
          Double(logits.storage[2 * $0 + 1]) - Double(logits.storage[2 * $0])
        })
    default:
      throw EvalError(.usage, "a probe of one label a sample is not measured by \(metric.rawValue)")
    }
  }

  /// Classes that are ranked before this one: those with higher scores, and those of lower number with the same.
  private static func rank(of label: Int, in logits: Matrix, _ row: Int) -> Int {
    let columns = logits.columns
    return logits.storage.withUnsafeBufferPointer { values in
      let start = row * columns
      let own = values[start + label]
      var before = 0
      for k in 0..<label where values[start + k] >= own { before += 1 }
      for k in label..<columns where values[start + k] > own { before += 1 }
      return before
    }
  }

  private static func multiple(
    _ logits: Matrix, _ labels: LabelMatrix, _ metric: MetricName
  ) throws(EvalError) -> Double? {
    guard labels.classCount == logits.columns else {
      throw EvalError(
        .malformedData,
        "expected labels of \(logits.columns) classes, found \(labels.classCount)")
    }
    let means = try MeanAveragePrecision.means(scores: logits.storage, labels: labels)
    switch metric {
    case .elevenPointMAP: return means.elevenPoint
    case .areaMAP: return means.area
    default:
      throw EvalError(
        .usage, "a probe of several labels a sample is not measured by \(metric.rawValue)")
    }
  }
}
