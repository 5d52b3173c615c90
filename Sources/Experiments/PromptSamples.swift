package import Core
package import LinearAlgebra
package import Metrics

/// Images on which templates are compared. N samples, C classes, D features.
package struct PromptSamples: Sendable {
  package enum Labels: Sendable {
    case single([Int])
    /// N × C.
    case multiple(LabelMatrix)
  }

  /// N × D, any length of row.
  package let features: Matrix
  package let labels: Labels
  package let ids: [String]
  package let structure: SampleStructure
  package let classCount: Int
  /// The dataset's own.
  package let metric: MetricName

  package var count: Int { features.rows }

  /// - Throws: `EvalError.badSuite` for a metric that no single sample has a part in by itself, such as those of frames in sets.
  package init(
    features: Matrix, labels: Labels, ids: [String], structure: SampleStructure, classCount: Int,
    metric: MetricName, dataset: String
  ) throws(EvalError) {
    try Self.check(metric, dataset: dataset)
    let fits =
      switch labels {
      case .single: !metric.isMultiLabel
      case .multiple: metric.isMultiLabel
      }
    guard fits else { throw Self.unfit(metric, dataset: dataset) }
    self.features = features
    self.labels = labels
    self.ids = ids
    self.structure = structure
    self.classCount = classCount
    self.metric = metric
  }

  /// - Throws: `EvalError.badSuite` for a metric that templates cannot be compared by.
  package static func check(_ metric: MetricName, dataset: String) throws(EvalError) {
    let known: [MetricName] = [.accuracy, .accuracyAt5, .meanPerClass, .meanTop1Top5, .rocAUC]
    guard metric.isMultiLabel || known.contains(metric) else {
      throw unfit(metric, dataset: dataset)
    }
  }

  private static func unfit(_ metric: MetricName, dataset: String) -> EvalError {
    EvalError(
      .badSuite, "templates cannot be compared by the metric \(metric.rawValue)",
      subject: dataset, remedy: "Leave the dataset out of the experiment prompts.")
  }

  private init(_ other: PromptSamples, rows: [Int]) {
    features = Matrix(
      rows: rows.count, columns: other.features.columns,
      storage: rows.flatMap { other.features.row($0) })
    switch other.labels {
    case .single(let labels): self.labels = .single(rows.map { labels[$0] })
    case .multiple(let matrix): self.labels = .multiple(matrix.rows(rows))
    }
    ids = rows.map { other.ids[$0] }
    structure = other.structure.rows(rows)
    (classCount, metric) = (other.classCount, other.metric)
  }

  /// Some of them, in the given order.
  package func rows(_ rows: [Int]) -> PromptSamples { PromptSamples(self, rows: rows) }

  /// The metric as a mean of what single samples are worth.
  func mean(_ labels: [Int]) -> CreditMean {
    CreditMean(
      owners: metric == .meanPerClass ? labels : nil, folds: structure.folds?.numbers)
  }
}

/// A mean over folds of means over classes of means over samples; over all samples where there are none of the former.
struct CreditMean: Sendable {
  /// Of each sample.
  private let cells: [Int]
  /// Samples of each cell, and the fold it is of.
  private var counts: [Int] = []
  private var folds: [Int] = []

  init(owners: [Int]?, folds: [Int]?) {
    struct Cell: Hashable { var fold, owner: Int }
    var known: [Cell: Int] = [:]
    var cells: [Int] = []
    for sample in 0..<(owners?.count ?? folds?.count ?? 0) {
      let cell = Cell(fold: folds?[sample] ?? 0, owner: owners?[sample] ?? 0)
      let number = known[cell] ?? counts.count
      if number == counts.count {
        known[cell] = number
        counts.append(0)
        self.folds.append(cell.fold)
      }
      counts[number] += 1
      cells.append(number)
    }
    self.cells = cells
  }

  /// - Returns: nil without samples.
  func value(_ credits: [UInt8], full: Int) -> Double? {
    guard !credits.isEmpty else { return nil }
    guard !counts.isEmpty else {
      return Double(credits.reduce(0) { $0 + Int($1) }) / Double(full * credits.count)
    }
    var sums = [Int](repeating: 0, count: counts.count)
    for (cell, credit) in zip(cells, credits) { sums[cell] += Int(credit) }
    var ofFolds: [Int: (sum: Double, count: Int)] = [:]
    for cell in counts.indices {
      ofFolds[folds[cell], default: (0, 0)].sum += Double(sums[cell]) / Double(full * counts[cell])
      ofFolds[folds[cell], default: (0, 0)].count += 1
    }
    let means = ofFolds.sorted { $0.key < $1.key }.map { $0.value.sum / Double($0.value.count) }
    return means.reduce(0, +) / Double(means.count)
  }
}
