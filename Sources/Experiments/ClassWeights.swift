package import Core
package import LinearAlgebra

/// Builds a zero-shot classifier's weights by ensembling prompts in embedding space, as the CLIP notebook
/// does: each prompt's features are L2-normalised, averaged over the class, and normalised again.
///
/// All of a class's prompts weigh the same: names × templates. Sums are kept in Double, so the order in which
/// prompts come does not show in single precision.
package struct ClassWeights: Sendable {
  private let classCount: Int
  private let dimension: Int
  private var sums: [Double]
  private var promptCounts: [Int]
  /// For messages; empty where nobody knows them.
  private var classNames: [String] = []

  package init(classCount: Int, dimension: Int) {
    self.classCount = classCount
    self.dimension = dimension
    sums = [Double](repeating: 0, count: classCount * dimension)
    promptCounts = [Int](repeating: 0, count: classCount)
  }

  /// - Parameters:
  ///   - promptFeatures: P × D, any length of row.
  ///   - classOfPrompt: the class each row belongs to.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite.
  package mutating func add(_ promptFeatures: Matrix, classOfPrompt: [Int]) throws(EvalError) {
    guard promptFeatures.rows == classOfPrompt.count, promptFeatures.columns == dimension else {
      throw EvalError(
        .bug,
        "expected \(classOfPrompt.count)×\(dimension) prompt features, found \(promptFeatures.rows)×\(promptFeatures.columns)"
      )
    }
    for (row, owner) in classOfPrompt.enumerated() {
      guard promptCounts.indices.contains(owner) else {
        throw EvalError(.bug, "prompt \(row) belongs to class \(owner) of \(classCount)")
      }
      let range = (row * dimension)..<((row + 1) * dimension)
      guard let scale = inverseNorm(promptFeatures.storage[range]) else {
        throw EvalError(
          .malformedData,
          "the text features of prompt \(promptCounts[owner]) of \(name(owner)) are zero or not finite"
        )
      }
      for column in 0..<dimension {
        sums[owner * dimension + column] +=
          Double(promptFeatures.storage[row * dimension + column]) * scale
      }
      promptCounts[owner] += 1
    }
  }

  /// The classifier of prompts that lie class after class: C × D, every row of length 1.
  /// - Parameters:
  ///   - promptFeatures: all prompts of the first class, then all of the second, …
  ///   - promptCounts: prompts of each class, C.
  ///   - classNames: what messages call the classes; their numbers otherwise.
  /// - Throws: as `add` and `matrix`.
  package static func matrix(
    of promptFeatures: Matrix, promptCounts: [Int], classNames: [String] = []
  ) throws(EvalError) -> Matrix {
    var weights = ClassWeights(
      classCount: promptCounts.count, dimension: promptFeatures.columns)
    weights.classNames = classNames
    let owners = promptCounts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    try weights.add(promptFeatures, classOfPrompt: owners)
    return try weights.matrix()
  }

  private func name(_ index: Int) -> String {
    "class \(index)" + (classNames.indices.contains(index) ? " (\(classNames[index]))" : "")
  }

  /// C × D, every row of length 1.
  /// - Throws: `EvalError.malformedData` for a class without prompts, or whose prompts cancel out.
  package func matrix() throws(EvalError) -> Matrix {
    var weights = Matrix(rows: classCount, columns: dimension)
    for index in 0..<classCount {
      guard promptCounts[index] > 0 else {
        throw EvalError(.malformedData, "\(name(index)) of \(classCount) has no prompt")
      }
      let sum = sums[(index * dimension)..<((index + 1) * dimension)]
      let length = sum.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
      // Unit vectors that cancel leave rounding noise near 1e-16 a term, not exactly zero.
      guard length > 1e-12 * Double(promptCounts[index]) else {
        throw EvalError(
          .malformedData, "the text features of the prompts of \(name(index)) cancel out")
      }
      for (column, value) in sum.enumerated() {
        weights.storage[index * dimension + column] = Float(value / length)
      }
    }
    return weights
  }
}

/// 1 / ‖row‖₂, or nil when the row is zero or not finite. The sum is kept in Double: squares of large features
/// overflow Float.
func inverseNorm(_ row: ArraySlice<Float>) -> Double? {
  var sum = 0.0
  for value in row { sum += Double(value) * Double(value) }
  return sum.isFinite && sum > 0 ? 1 / sum.squareRoot() : nil
}
