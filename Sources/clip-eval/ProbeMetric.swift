import ArgumentParser
import Core
import Metrics

/// The metrics a probe is measured and chosen by, under the names results have them.
enum ProbeMetric: String, ExpressibleByArgument, CaseIterable {
  case accuracy
  case meanPerClass = "mean-per-class"
  case meanTop1Top5 = "mean-top1-top5"
  case rocAUC = "ROC-AUC"
  case elevenPointMAP = "11-point-mAP"
  case areaMAP = "area-mAP"

  private var name: MetricName {
    switch self {
    case .accuracy: .accuracy
    case .meanPerClass: .meanPerClass
    case .meanTop1Top5: .meanTop1Top5
    case .rocAUC: .rocAUC
    case .elevenPointMAP: .elevenPointMAP
    case .areaMAP: .areaMAP
    }
  }

  /// - Throws: `EvalError.usage` for a metric that the labels, or the number of classes, do not allow.
  static func name(_ metric: ProbeMetric?, for inputs: ProbeInputs) throws(EvalError) -> MetricName
  {
    let isMultiLabel = inputs.isMultiLabel
    guard let name = metric?.name else { return isMultiLabel ? .elevenPointMAP : .accuracy }
    guard name.isMultiLabel == isMultiLabel else {
      throw EvalError(
        .usage,
        isMultiLabel
          ? "--metric \(name.rawValue) is of samples of one class each, and these have several"
          : "--metric \(name.rawValue) is of samples of several classes each (labels N×C), and these have one",
        subject: inputs.test.path)
    }
    guard name != .rocAUC || inputs.classes.count == 2 else {
      throw EvalError(
        .usage, "--metric ROC-AUC is of two classes, found \(inputs.classes.count)",
        subject: inputs.test.path)
    }
    return name
  }
}
