import Core
import Experiments
import Statistics

/// A row as a run makes it, of everything that a reference depends on.
struct MadeRow {
  var experiment = "zero-shot"
  var dataset: String
  var model = "ViT-L/14@336px"
  var metric = "accuracy"
  var value: Double? = 0.5
  var interval: Interval?
  var n: Int
  var failed = 0
  var partial = false
  var split: String? = "test"
  var options: String?
  var classNames: String? = "openai-2021"
  var templates: String? = "openai-2021"
  var weights: SHA256Digest?
  var featureKind: String?
  var preprocessing: String?
  var precision: String?
  var nearTies: Int? = 0
  var probe: ProbeRecord?
  var classifier: RobustnessExperiment.Classifier?

  func row() throws -> ResultRow {
    var entry = EvaluationProtocol(dataset: dataset, model: model)
    (entry.split, entry.datasetOptions, entry.weightsSHA256) = (split, options, weights)
    (entry.classNameSet, entry.templateSet) = (classNames, templates)
    (entry.featureKind, entry.preprocessing) = (featureKind, preprocessing)
    (entry.precision, entry.metric) = (precision, metric)
    let digest = SHA256Digest(hex: String(repeating: "0", count: 64))
    let robustness = classifier.map {
      RobustnessRecord(
        base: "ImageNet", classifier: $0, baseValue: nil, baseMetric: "accuracy",
        baseInterval95: nil, baseInterval99_5: nil, baseIntervalMethod: nil, baseN: 50_000,
        baseFailed: 0, subsetHash: digest, mapHash: digest, unmatchedSamples: 0, alpha: nil)
    }
    return try ResultRow(
      experiment: experiment, dataset: dataset, model: model, metric: metric, value: value,
      interval95: interval, interval99_5: nil, intervalMethod: nil, n: n, nExpected: n,
      nFailed: failed, partial: partial, chance: nil, reference: nil, verdict: .noReference,
      nearTies: nearTies, emptyClasses: nil, probe: probe, robustness: robustness, protocol: entry)
  }
}
