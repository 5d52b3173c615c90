import Core
import Datasets
import EmbeddingPipeline
import Experiments
import LinearAlgebra
package import Metrics
import Prompts

/// How a task is scored otherwise than usual; what is nil is as usual. Suites do not say it: `explain` tries it.
package struct TaskScoring: Codable, Sendable, Hashable {
  package enum Ensemble: String, Codable, Sendable, CaseIterable {
    case embedding
    case probability
  }

  package enum Classes: String, Codable, Sendable, CaseIterable {
    /// Only those of which the split has a sample.
    case withSamples = "with-samples"
    /// All of the class-name set, also those that the dataset lacks.
    case ofNameSet = "of-name-set"
  }

  package var ensemble: Ensemble?
  package var metric: MetricName?
  package var classes: Classes?

  package init(
    ensemble: Ensemble? = nil, metric: MetricName? = nil, classes: Classes? = nil
  ) {
    self.ensemble = ensemble
    self.metric = metric
    self.classes = classes
  }

  package var isUsual: Bool { self == TaskScoring() }
}

extension PlannedTask {
  var ensemble: TaskScoring.Ensemble { scoring?.ensemble ?? .embedding }

  /// The classes among which a prediction is made: the dataset's, and those of the class-name set where they are asked for.
  func offeredClasses(_ own: [DatasetClass], _ names: PromptSet) throws -> [DatasetClass] {
    guard scoring?.classes == .ofNameSet else { return own }
    let unused = Set(
      try ClassJoin.join(classes: own.map { ($0.id, $0.name) }, with: names, dataset: dataset)
        .unusedIDs)
    return own
      + names.classes.filter { unused.contains($0.id) }.map {
        DatasetClass(id: $0.id, name: $0.names.first ?? $0.id)
      }
  }
}

extension ScoredSplit {
  /// Leaves only the classes that have samples to choose from, where that is asked for.
  /// - Throws: `EvalError.badSuite` for samples that have no class of their own, or a choice of their own.
  mutating func restrict(_ task: PlannedTask, _ embedded: EmbeddedDataset) throws(EvalError) {
    guard task.scoring?.classes == .withSamples else { return }
    guard embedded.multiLabels == nil, candidates == nil, clips == nil else {
      throw EvalError(
        .badSuite, "classes can be left out where every image has one and all have the same choice",
        subject: task.dataset)
    }
    let present = Set(embedded.labels).sorted()
    var lists = CandidateLists()
    for _ in embedded.labels { lists.append(present) }
    candidates = lists
    candidatesText = "candidates=classes-with-samples"
  }
}

/// What scores images with words: prompts averaged as features, or templates as probabilities.
enum PromptClassifier {
  case embedding(ZeroShotClassifier)
  case probability(ProbabilityEnsemble, threads: Int)

  func predict(
    _ features: Matrix, labels: LabelMatrix, ids: [String]
  ) throws -> MultiLabelPredictions {
    switch self {
    case .embedding(let classifier):
      try classifier.predict(features, labels: labels, ids: ids)
    case .probability(let ensemble, let threads):
      try ensemble.predict(features, labels: labels, ids: ids, threads: threads)
    }
  }

  func predict(
    _ features: Matrix, labels: [Int], clips: SampleGroups, ids: [String]
  ) throws -> (predictions: Predictions, firstRows: [Int]) {
    switch self {
    case .embedding(let classifier):
      try classifier.predict(features, labels: labels, clips: clips, ids: ids)
    case .probability(let ensemble, _):
      try ensemble.predict(features, labels: labels, clips: clips, ids: ids)
    }
  }

  func predict(
    _ features: Matrix, labels: [Int], candidates: CandidateLists?, ids: [String]
  ) throws -> Predictions {
    switch self {
    case .embedding(let classifier):
      try classifier.predict(features, labels: labels, candidates: candidates, ids: ids)
    case .probability(let ensemble, let threads):
      try ensemble.predict(
        features, labels: labels, candidates: candidates, ids: ids, threads: threads)
    }
  }

  /// Of predictions of its own.
  func confidence(
    of predictions: Predictions, _ features: Matrix, candidates: CandidateLists?, ids: [String]
  ) throws -> [Float] {
    switch self {
    case .embedding(let classifier):
      try classifier.confidence(of: predictions, features, candidates: candidates, ids: ids)
    case .probability: predictions.confidence
    }
  }
}
