package import Core

/// What the samples of a probe show.
package enum ProbeLabels: Sendable, Equatable {
  /// One class each, as its number.
  case single([Int])
  /// Any number of classes each; those that are hard to see count as not shown in training.
  case multiple(LabelMatrix)

  package var count: Int {
    switch self {
    case .single(let labels): labels.count
    case .multiple(let matrix): matrix.count
    }
  }

  package func selecting(_ rows: some Collection<Int>) -> ProbeLabels {
    switch self {
    case .single(let labels): .single(rows.map { labels[$0] })
    case .multiple(let matrix): .multiple(matrix.rows(rows))
    }
  }
}

/// Features and labels of a split, checked: what a probe is fitted on, or selected with.
package struct ProbeData: Sendable {
  /// Far above any dataset's classes: larger numbers are no classes but ids or sizes, and would take memory for each.
  package static let mostClasses = 100_000

  package let features: FeatureRows
  package let labels: ProbeLabels
  package let classCount: Int
  /// What messages call it.
  package let subject: String

  /// N.
  package var count: Int { features.count }
  /// D.
  package var columns: Int { features.columns }

  /// - Throws: `EvalError.malformedData` naming the row for another number of labels than of rows, for labels out of
  ///   `0..<classCount` and for features that are not finite, and when there is no row or no feature other than zero.
  package init(
    features: FeatureRows, labels: ProbeLabels, classCount: Int, subject: String
  ) throws(EvalError) {
    guard labels.count == features.count else {
      throw EvalError(
        .malformedData,
        "expected \(features.count) labels, one a row of the features, found \(labels.count)",
        subject: subject)
    }
    guard features.count > 0, features.columns > 0 else {
      throw EvalError(.malformedData, "expected features, found no row", subject: subject)
    }
    switch labels {
    case .single(let numbers):
      if let row = numbers.firstIndex(where: { !(0..<classCount).contains($0) }) {
        throw EvalError(
          .malformedData,
          "expected a class number from 0 to \(classCount - 1), found \(numbers[row])",
          subject: "\(subject), row \(row)")
      }
    case .multiple(let matrix):
      guard matrix.classCount == classCount else {
        throw EvalError(
          .malformedData,
          "expected labels of \(classCount) classes, found \(matrix.classCount)", subject: subject)
      }
    }
    var hasValue = false
    let columns = features.columns
    try features.withRows(0..<features.count) { base, rows throws(EvalError) in
      for row in rows {
        let values = UnsafeBufferPointer(
          start: base + (row - rows.lowerBound) * columns, count: columns)
        // A sum of magnitudes in float64 is finite exactly when every summand is.
        var sum = 0.0
        for value in values { sum += Double(value.magnitude) }
        guard sum.isFinite else {
          let column = values.firstIndex { !$0.isFinite } ?? 0
          throw EvalError(
            .malformedData, "the feature is not finite (\(values[column]) in column \(column))",
            subject: "\(subject), row \(row)",
            remedy: "Leave out samples that have no feature, and compute the others again.")
        }
        if sum > 0 { hasValue = true }
      }
    }
    guard hasValue else {
      throw EvalError(
        .malformedData, "every feature is zero: there is nothing to learn from", subject: subject)
    }
    self.features = features
    self.labels = labels
    self.classCount = classCount
    self.subject = subject
  }

  private init(
    checked features: FeatureRows, _ labels: ProbeLabels, classCount: Int, subject: String
  ) {
    self.features = features
    self.labels = labels
    self.classCount = classCount
    self.subject = subject
  }

  /// A copy of some rows, in the given order.
  package func selecting(_ rows: [Int]) -> ProbeData {
    ProbeData(
      checked: features.selecting(rows), labels.selecting(rows), classCount: classCount,
      subject: subject)
  }

  /// These rows and then the others', without a copy of the features.
  /// - Throws: `EvalError.malformedData` for features of different widths or labels of different kinds.
  package func joined(with other: ProbeData) throws(EvalError) -> ProbeData {
    guard classCount == other.classCount else {
      throw EvalError(
        .malformedData,
        "expected \(classCount) classes as in \(subject), found \(other.classCount)",
        subject: other.subject)
    }
    let joined: ProbeLabels
    switch (labels, other.labels) {
    case (.single(let first), .single(let second)): joined = .single(first + second)
    case (.multiple(var matrix), .multiple(let second)):
      for row in 0..<second.count { matrix.append(second.row(row)) }
      joined = .multiple(matrix)
    default:
      throw EvalError(
        .malformedData, "expected labels of the same kind as in \(subject)", subject: other.subject)
    }
    return ProbeData(
      checked: try FeatureRows(joining: [features, other.features]), joined,
      classCount: classCount, subject: "\(subject) and \(other.subject)")
  }
}
