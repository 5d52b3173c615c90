import Core
import Foundation

/// Labels as a loss takes them, and how the rows of its weights relate to classes.
struct TrainingTargets {
  /// Classes that are told apart: those with samples; of several labels, those that some samples show and some do not.
  let classes: [Int]
  let pass: PassTargets
  /// Rows of a weight matrix.
  let rows: Int
  /// The intercepts that fit best when weights are zero: of the classes' shares.
  let priorIntercepts: [Double]

  private let kind: Kind

  private enum Kind {
    /// A row a class.
    case softmax
    /// One row, for the second class.
    case binary
    /// A row a class, each for itself; a class that all samples or none show has an answer without a fit.
    case oneVersusRest(always: Set<Int>)
  }

  /// - Throws: `EvalError.malformedData` when there are no two classes to tell apart.
  init(_ data: ProbeData) throws(EvalError) {
    let n = Double(data.count)
    switch data.labels {
    case .single(let labels):
      var counts = [Int](repeating: 0, count: data.classCount)
      for label in labels { counts[label] += 1 }
      classes = counts.indices.filter { counts[$0] > 0 }
      guard classes.count > 1 else {
        throw EvalError(
          .malformedData,
          "expected samples of at least two classes, all \(data.count) are of class \(labels[0])",
          subject: data.subject)
      }
      if classes.count == 2 {
        let second = classes[1]
        kind = .binary
        rows = 1
        pass = .logistic(labels.map { $0 == second ? 1 : 0 })
        priorIntercepts = [log(Double(counts[second]) / Double(counts[classes[0]]))]
      } else {
        var position = [Int32](repeating: -1, count: data.classCount)
        for (index, owner) in classes.enumerated() { position[owner] = Int32(index) }
        kind = .softmax
        rows = classes.count
        pass = .softmax(labels.map { position[$0] })
        priorIntercepts = classes.map { log(Double(counts[$0]) / n) }
      }
    case .multiple(let matrix):
      let counts = matrix.counts(of: .positive)
      let fitted = counts.indices.filter { counts[$0] > 0 && counts[$0] < data.count }
      guard !fitted.isEmpty else {
        throw EvalError(
          .malformedData, "expected a class that some samples show and some do not, found none",
          subject: data.subject)
      }
      classes = fitted
      kind = .oneVersusRest(always: Set(counts.indices.filter { counts[$0] == data.count }))
      rows = fitted.count
      var bits: [UInt8] = []
      bits.reserveCapacity(fitted.count * data.count)
      for index in 0..<data.count {
        let row = matrix.row(index)
        for owner in fitted { bits.append(row[row.startIndex + owner] == .positive ? 1 : 0) }
      }
      pass = .logistic(bits)
      priorIntercepts = fitted.map { log(Double(counts[$0]) / (n - Double(counts[$0]))) }
    }
  }

  /// Of all classes: those without a fit are never predicted, or always.
  func model(weights: [Double], intercepts: [Double], _ data: ProbeData) -> LinearModel {
    var model = LinearModel(classCount: data.classCount, columns: data.columns)
    let columns = data.columns
    for owner in 0..<data.classCount { model.intercepts[owner] = -.infinity }
    switch kind {
    case .softmax: break
    case .binary:
      model.intercepts[classes[0]] = 0
      model.setRow(classes[1], weights[...], intercept: intercepts[0])
      return model
    case .oneVersusRest(let always):
      for owner in always { model.intercepts[owner] = .infinity }
    }
    for (row, owner) in classes.enumerated() {
      model.setRow(
        owner, weights[row * columns..<(row + 1) * columns], intercept: intercepts[row])
    }
    return model
  }

  /// The rows of a loss from a model; what the model knows nothing of starts at zero.
  func coordinates(of model: LinearModel) -> (weights: [Double], intercepts: [Double]) {
    func row(_ owner: Int) -> ArraySlice<Double> {
      model.weights[owner * model.columns..<(owner + 1) * model.columns]
    }
    func intercept(_ owner: Int) -> Double {
      model.intercepts[owner].isFinite ? model.intercepts[owner] : 0
    }
    if case .binary = kind {
      let weights = zip(row(classes[1]), row(classes[0])).map { $0 - $1 }
      return (weights, [intercept(classes[1]) - intercept(classes[0])])
    }
    return (classes.flatMap { row($0) }, classes.map(intercept))
  }
}

extension LinearModel {
  fileprivate mutating func setRow(
    _ row: Int, _ values: ArraySlice<Double>, intercept: Double
  ) {
    weights.replaceSubrange(row * columns..<(row + 1) * columns, with: values)
    intercepts[row] = intercept
  }
}
