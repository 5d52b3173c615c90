import Core
import Experiments
import Foundation
import LinearAlgebra
import Metrics
import Probes
import Statistics
import Suites
import TensorFiles

/// What a classifier's scores of the test samples are worth.
struct ProbeTestScore {
  let metric: MetricName
  let value: Double?
  let interval95: Interval?
  let intervalMethod: String?
  let chance: Double?
  /// Nil where samples show several classes.
  let accuracy: Double?
  let count: Int
  private let predictions: Predictions
  private let multiLabel: MultiLabelPredictions?

  /// - Parameter scores: N × K.
  /// - Throws: `EvalError.malformedData` for a score that is not a number.
  init(_ scores: Matrix, of test: ProbeInput, metric: MetricName) throws {
    let context = EvaluationContext(
      classCount: scores.columns, mainMetric: metric, expectedCount: nil, failedCount: 0,
      isPartial: false, protocol: EvaluationProtocol(dataset: test.path, model: "features"))
    let rows: [ResultRow]
    switch test.data.labels {
    case .single(let labels):
      predictions = try ProbeExperiment.predictions(of: scores, labels: labels, ids: test.ids)
      multiLabel = nil
      rows = try ZeroShotExperiment.rows(for: predictions, in: context)
    case .multiple(let labels):
      let several = try ProbeExperiment.predictions(of: scores, labels: labels, ids: test.ids)
      predictions = several.ranked
      multiLabel = several
      rows = try ZeroShotExperiment.rows(for: several, in: context)
    }
    func row(_ name: MetricName) -> ResultRow? { rows.first { $0.metric == name.rawValue } }
    let own = row(metric)
    self.metric = metric
    value = own?.value
    interval95 = own?.interval95
    intervalMethod = own?.intervalMethod
    chance = own?.chance
    accuracy = row(.accuracy)?.value
    count = predictions.count
  }

  /// The tensors of a run's predictions, and `ids` where the file has some.
  func write(to url: URL, ids: [String]?) throws {
    var tensors = predictions.tensors(rows: Array(0..<count)) + (multiLabel?.tensors ?? [])
    if let ids {
      let text = Data(ids.map { $0.replacing(/\R/, with: " ") }.joined(separator: "\n").utf8)
      tensors.append(TensorPayload(name: "ids", type: .uint8, shape: [text.count], bytes: text))
    }
    try SafetensorsFile.write(tensors, to: url)
  }
}
