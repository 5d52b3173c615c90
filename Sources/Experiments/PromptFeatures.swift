package import Core
package import LinearAlgebra

/// The text features of a set's prompts: names × templates of each class, from which classifiers of any of its templates are made.
/// C classes, T templates, D features.
package struct PromptFeatures: Sendable {
  /// All prompts of the first class, then all of the second: of each class all templates with its first name, then with its second, as
  /// `PromptRendering` has them. Any length of row.
  let features: Matrix
  /// Names of each class, C.
  let nameCounts: [Int]
  package let templateCount: Int
  /// For messages.
  private let classNames: [String]
  /// 1 / length of each prompt's features.
  private let inverses: [Double]
  /// Of the first prompt of each class.
  private let starts: [Int]

  package var classCount: Int { nameCounts.count }
  package var dimension: Int { features.columns }

  /// - Parameters:
  ///   - features: P × D.
  ///   - nameCounts: of each class at least 1.
  ///   - classNames: what messages call the classes; their numbers otherwise.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite.
  package init(
    _ features: Matrix, nameCounts: [Int], templateCount: Int, classNames: [String] = []
  ) throws(EvalError) {
    guard templateCount > 0, !nameCounts.isEmpty, nameCounts.allSatisfy({ $0 > 0 }),
      nameCounts.reduce(0, +) * templateCount == features.rows
    else {
      throw EvalError(
        .bug,
        "expected names × \(templateCount) templates of each of \(nameCounts.count) classes, found \(features.rows) prompts"
      )
    }
    var starts: [Int] = []
    var inverses: [Double] = []
    inverses.reserveCapacity(features.rows)
    for (owner, names) in nameCounts.enumerated() {
      starts.append(inverses.count)
      for prompt in 0..<names * templateCount {
        guard let inverse = inverseNorm(features.row(inverses.count)) else {
          let name = classNames.indices.contains(owner) ? " (\(classNames[owner]))" : ""
          throw EvalError(
            .malformedData,
            "the text features of prompt \(prompt) of class \(owner)\(name) are zero or not finite")
        }
        inverses.append(inverse)
      }
    }
    self.features = features
    self.nameCounts = nameCounts
    self.templateCount = templateCount
    self.classNames = classNames
    self.inverses = inverses
    self.starts = starts
  }

  /// Adds to C × D sums, or takes away from them, the features at length 1 of a template's prompts.
  func add(_ template: Int, to sums: inout [Double], sign: Double = 1) {
    let dimension = dimension
    features.storage.withUnsafeBufferPointer { source in
      sums.withUnsafeMutableBufferPointer { sums in
        for (owner, names) in nameCounts.enumerated() {
          for name in 0..<names {
            let prompt = starts[owner] + name * templateCount + template
            let inverse = sign * inverses[prompt]
            for column in 0..<dimension {
              sums[owner * dimension + column] +=
                Double(source[prompt * dimension + column]) * inverse
            }
          }
        }
      }
    }
  }

  /// The sums of a class alone.
  func add(_ template: Int, of owner: Int, to sums: inout [Double], sign: Double = 1) {
    let dimension = dimension
    for name in 0..<nameCounts[owner] {
      let prompt = starts[owner] + name * templateCount + template
      let inverse = sign * inverses[prompt]
      for column in 0..<dimension {
        sums[column] += Double(features.storage[prompt * dimension + column]) * inverse
      }
    }
  }

  /// The classifier of some templates, ensembled in embedding space: as `ClassWeights` of their prompts.
  /// - Parameter templates: numbers from 0.
  /// - Throws: `EvalError.malformedData` for a class whose prompts cancel out.
  package func classWeights(of templates: [Int]) throws(EvalError) -> Matrix {
    var sums = [Double](repeating: 0, count: classCount * dimension)
    for template in templates { add(template, to: &sums) }
    return try weights(of: sums, templates: templates.count)
  }

  /// C × D sums at length 1.
  func weights(of sums: [Double], templates: Int) throws(EvalError) -> Matrix {
    var weights = Matrix(rows: classCount, columns: dimension)
    for owner in 0..<classCount {
      let own = sums[owner * dimension..<(owner + 1) * dimension]
      let length = own.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
      // As in `ClassWeights`.
      guard length > 1e-12 * Double(templates * nameCounts[owner]) else {
        throw EvalError(
          .malformedData,
          "the text features of the prompts of class \(owner)\(classNames.indices.contains(owner) ? " (\(classNames[owner]))" : "") cancel out"
        )
      }
      for (column, value) in own.enumerated() {
        weights.storage[owner * dimension + column] = Float(value / length)
      }
    }
    return weights
  }
}
