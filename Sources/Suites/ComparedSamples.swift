import Core
import Datasets
import Experiments
import LinearAlgebra
import Metrics
import Probes

/// The samples of a split whose classes a base and its shift share, with groups of classes in place of classes.
struct ComparedSamples {
  let features: FeatureRows
  let labels: ProbeLabels
  /// Positions in the split.
  let rows: [Int]
  let ids: [String]
  let structure: SampleStructure
  let frameSets: FrameSets?
  /// Samples of no shared class that are not among these.
  let leftOut: Int
  /// Samples of no shared class that are.
  let neverRight: Int
  /// Of the split's rows with features.
  private let kept: [Int]

  /// The base's images of the classes that may be chosen.
  /// - Throws: `EvalError.badSuite` where images show several classes.
  init(base split: ProbeSplit, _ groups: ClassGroups) throws(EvalError) {
    guard case .single(let labels) = split.labels else {
      throw EvalError(
        .badSuite, "the images of a base show one class each, and these several",
        subject: split.record.dataset)
    }
    let kept = labels.indices.filter { groups.groupOfBase[labels[$0]] != nil }
    self.init(
      split, kept, .single(kept.compactMap { groups.groupOfBase[labels[$0]] }), neverRight: 0)
  }

  /// The images of a shift.
  /// - Parameter answers: of each group the number of the shift's class, rising.
  /// - Throws: `EvalError.badSuite` where images show several classes and are no frames in sets.
  init(shift split: ProbeSplit, answers: [Int], dataset: String) throws(EvalError) {
    let group = Dictionary(uniqueKeysWithValues: answers.enumerated().map { ($1, $0) })
    switch split.labels {
    case .single(let labels):
      let kept = labels.indices.filter { group[labels[$0]] != nil }
      self.init(split, kept, .single(kept.compactMap { group[labels[$0]] }), neverRight: 0)
    case .multiple(let matrix):
      guard split.frameSets != nil else {
        throw EvalError(
          .badSuite,
          "each of its images shows several classes: which of them a classifier should choose is not said",
          subject: dataset)
      }
      var restricted = LabelMatrix(classCount: answers.count)
      var neverRight = 0
      for sample in 0..<matrix.count {
        let row = matrix.row(sample)
        let own = answers.map { row[row.startIndex + $0] }
        if !own.contains(.positive) { neverRight += 1 }
        restricted.append(own)
      }
      self.init(split, Array(0..<matrix.count), .multiple(restricted), neverRight: neverRight)
    }
  }

  private init(_ split: ProbeSplit, _ kept: [Int], _ labels: ProbeLabels, neverRight: Int) {
    features = kept.count == split.count ? split.features : split.features.selecting(kept)
    self.labels = labels
    rows = kept.map { split.rows[$0] }
    ids = kept.map { split.ids[$0] }
    structure = split.structure.rows(kept)
    frameSets = split.frameSets?.rows(kept)
    leftOut = split.count - kept.count
    self.neverRight = neverRight
    self.kept = kept
  }

  /// Over the ordered lines `id \0 class id` of the samples.
  func hash(of split: ProbeSplit) -> SHA256Digest {
    guard case .single(let labels) = split.labels else { return SHA256.hash("") }
    return SHA256.hash(
      kept.map { "\(split.ids[$0])\0\(split.classes[labels[$0]].id)\n" }.joined())
  }

  /// What a classifier said.
  enum Answers {
    case single(Predictions)
    case multiple(MultiLabelPredictions)

    func rows(in context: EvaluationContext) throws -> [ResultRow] {
      switch self {
      case .single(let predictions):
        try ZeroShotExperiment.rows(for: predictions, in: context)
      case .multiple(let predictions):
        try ZeroShotExperiment.rows(for: predictions, in: context)
      }
    }
  }

  /// - Parameter groups: of the classifier's classes; the labels are their numbers.
  func answers(
    of scoring: BaseClassifier.Scoring, _ groups: ClassGroups, threads: Int
  ) throws -> Answers {
    switch (scoring, labels) {
    case (.words(let classifier), .single(let labels)):
      return .single(
        try classifier.predict(features.matrix, labels: labels, groups: groups, ids: ids))
    case (.words(let classifier), .multiple(let labels)):
      return .multiple(
        try classifier.predict(features.matrix, labels: labels, groups: groups, ids: ids))
    case (.linear(let model), .single(let labels)):
      let scores = groups.pooled(try model.logits(features, threads: threads))
      return .single(try ProbeExperiment.predictions(of: scores, labels: labels, ids: ids))
    case (.linear(let model), .multiple(let labels)):
      let scores = groups.pooled(try model.logits(features, threads: threads))
      return .multiple(try ProbeExperiment.predictions(of: scores, labels: labels, ids: ids))
    }
  }
}

extension FeatureRows {
  /// All rows in one piece.
  var matrix: Matrix {
    var storage: [Float] = []
    storage.reserveCapacity(count * columns)
    withRows(0..<count) { pointer, rows in
      storage.append(contentsOf: UnsafeBufferPointer(start: pointer, count: rows.count * columns))
    }
    return Matrix(rows: count, columns: columns, storage: storage)
  }
}
