import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Imaging
import LinearAlgebra
import Probes
import Prompts

/// A split as probes see it: features beside labels, wherever they come from.
struct ProbeSplit {
  let name: String
  let classes: [DatasetClass]
  /// Of the samples that have one, in the split's order.
  var features: FeatureRows
  var labels: ProbeLabels
  let ids: [String]
  /// Whether ids tell samples of one split from those of another: numbers of rows do not.
  let hasIDs: Bool
  /// Positions of those samples in the split.
  let rows: [Int]
  let structure: SampleStructure
  /// Of frames of videos in sets, which no probe is tested on.
  var frameSets: FrameSets? = nil
  /// Of a sample by its place in the split; nil where the images are not at hand, and of splits that are not tested on.
  var image: ((Int) -> ImageSource)? = nil
  let expectedCount: Int?
  let isPartial: Bool
  let failures: [EmbeddedDataset.Failure]
  /// Over ids and labels.
  let splitHash: SHA256Digest?
  /// Over the images' contents, or of the feature file.
  let fingerprint: SHA256Digest?
  let computedCount: Int
  /// What is known of model, features and dataset.
  let record: EvaluationProtocol

  var count: Int { features.count }

  /// As a probe takes it.
  /// - Throws: `NoSampleLeft`; `EvalError.malformedData` from `ProbeData`.
  func data(of dataset: String) throws -> ProbeData {
    guard count > 0 else { throw NoSampleLeft(failures, dataset: "\(dataset) \(name)") }
    return try ProbeData(
      features: features, labels: labels, classCount: classes.count,
      subject: "\(dataset) \(name)")
  }

  /// With classes in the order of another split's: folders number their classes each on their own.
  /// - Throws: `EvalError.malformedData` for a class that the others lack.
  func labelled(as others: [DatasetClass], of split: String, dataset: String) throws -> ProbeSplit {
    if classes.map(\.id) == others.map(\.id) { return self }
    let position = Dictionary(
      others.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let places = classes.map { position[$0.id] }
    if let missing = places.firstIndex(of: nil) {
      throw EvalError(
        .malformedData,
        "the split \(name) has the class \(classes[missing].id), which the split \(split) lacks",
        subject: dataset)
    }
    let found = places.compactMap(\.self)
    var result = self
    switch labels {
    case .single(let numbers):
      result.labels = .single(numbers.map { found[$0] })
    case .multiple(let matrix):
      var translated = LabelMatrix(classCount: others.count)
      for sample in 0..<matrix.count {
        var row = [LabelMatrix.Label](repeating: .negative, count: others.count)
        for (place, label) in zip(found, matrix.row(sample)) { row[place] = label }
        translated.append(row)
      }
      result.labels = .multiple(translated)
    }
    return ProbeSplit(result, classes: others)
  }

  private init(_ other: ProbeSplit, classes: [DatasetClass]) {
    let (frameSets, image) = (other.frameSets, other.image)
    self = ProbeSplit(
      name: other.name, classes: classes, features: other.features, labels: other.labels,
      ids: other.ids, hasIDs: other.hasIDs, rows: other.rows, structure: other.structure,
      expectedCount: other.expectedCount, isPartial: other.isPartial, failures: other.failures,
      splitHash: other.splitHash, fingerprint: other.fingerprint,
      computedCount: other.computedCount, record: other.record)
    self.frameSets = frameSets
    self.image = image
  }

  init(
    name: String, classes: [DatasetClass], features: FeatureRows, labels: ProbeLabels,
    ids: [String], hasIDs: Bool, rows: [Int], structure: SampleStructure, expectedCount: Int?,
    isPartial: Bool,
    failures: [EmbeddedDataset.Failure], splitHash: SHA256Digest?, fingerprint: SHA256Digest?,
    computedCount: Int, record: EvaluationProtocol
  ) {
    self.name = name
    self.classes = classes
    self.features = features
    self.labels = labels
    self.ids = ids
    self.hasIDs = hasIDs
    self.rows = rows
    self.structure = structure
    self.expectedCount = expectedCount
    self.isPartial = isPartial
    self.failures = failures
    self.splitHash = splitHash
    self.fingerprint = fingerprint
    self.computedCount = computedCount
    self.record = record
  }
}

extension Matrix {
  /// Every row at length 1; rows of zeros stay as they are.
  func normalisedRows() -> Matrix {
    var result = self
    for row in 0..<rows {
      var sum = 0.0
      for value in self.row(row) { sum += Double(value) * Double(value) }
      guard sum > 0, sum.isFinite else { continue }
      let inverse = 1 / sum.squareRoot()
      for index in row * columns..<(row + 1) * columns {
        result.storage[index] = Float(Double(storage[index]) * inverse)
      }
    }
    return result
  }
}

/// What a split is read for.
struct SplitUse {
  var feature: ProbeSettings.Feature
  /// Every feature at length 1.
  var normalise: Bool
  /// Of robustness: frames of videos that are right or wrong in sets are taken too, and classes have ids that other datasets know:
  /// numbers of a feature file's labels are none.
  var isCompared = false
  /// What a feature file that names no classes numbers: its labels are places in this set, as they are for zero-shot.
  var classNames: PromptSet? = nil

  init(_ probe: ProbeTask, isCompared: Bool = false) {
    (feature, normalise) = (probe.feature, probe.normalise)
    self.isCompared = isCompared
  }

  init(comparing feature: ProbeSettings.Feature, normalise: Bool) {
    self.feature = feature
    self.normalise = normalise
    isCompared = true
  }
}

/// Where the features of a probe's splits come from.
protocol ProbeSource {
  /// As results name the model.
  var name: String { get }
  var options: RunOptions { get }

  /// That a split is there: nothing of it is looked at.
  /// - Throws: what reading it would throw where it is missing or empty.
  func requireSplit(_ name: String, of task: PlannedTask) throws

  /// A split of the task's dataset, read and embedded now.
  func probeSplit(
    _ name: String, of task: PlannedTask, _ use: SplitUse, progress: any ProgressSink
  ) throws -> ProbeSplit
}
