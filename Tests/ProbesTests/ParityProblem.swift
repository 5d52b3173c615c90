import Core
import Foundation
import LinearAlgebra
import Probes
import TensorFiles
import TestSupport
import Testing

/// A problem of Tests/Fixtures/probes with what scikit-learn makes of it (Tools/make-probe-fixtures.py).
struct ParityProblem: Decodable, Sendable {
  struct Truth: Decodable, Sendable {
    let objective: Double
    /// Of the test rows; with several labels a sample, 0 or 1 for each row and class.
    let labels: [Int]
    /// Where the margin is 1e-3 or less.
    let close: Set<Int>
  }

  struct Reference: Decodable, Sendable {
    let by: String
    let objective: Double
    let gradientNorm: Double
    /// Of the regression that took the most, with several labels a sample.
    let iterations: Int
    /// Of newton-cg not known.
    let evaluations: Int?
    let reachedLimit: Bool
    /// Least and most iterations, and objectives, of the same fit on rows in other orders and features changed in the last digit.
    let spread: [Int]?
    let objectiveSpread: [Double]?
    /// Test rows that it labels otherwise than the truth does, and how.
    let otherwise: [[Int]]
    let close: Set<Int>
  }

  struct Fit: Decodable, Sendable {
    let C: Double
    let truth: Truth
    let references: [Reference]

    func reference(_ by: String) throws -> Reference {
      try #require(references.first { $0.by == by }, "\(by)")
    }
  }

  let name: String
  let file: String
  let sha256: String
  let rows: Int
  let columns: Int
  let classes: Int
  let severalLabels: Bool
  let fits: [Fit]

  private struct Document: Decodable {
    let problems: [ParityProblem]
  }

  static let names = [
    "two-classes", "ten-classes", "column-scales", "clip-like", "correlated", "fewer-rows",
    "one-shot", "degenerate-columns", "thousand-classes", "multi-label",
  ]

  static func all() throws -> [ParityProblem] {
    let url = TestPaths.fixtures.appending(path: "probes/references.json")
    return try JSONDecoder().decode(Document.self, from: Data(contentsOf: url)).problems
  }

  init(named name: String) throws {
    self = try #require(Self.all().first { $0.name == name })
  }

  /// What an objective's difference is measured by.
  func scale(_ objective: Double) -> Double { max(objective, 1e-3 * Double(rows)) }

  /// The training samples and the features of the test samples.
  func data() throws -> (training: ProbeData, test: Matrix) {
    let tensors = try SafetensorsFile(TestPaths.fixtures.appending(path: "probes/\(file)"))
    let features = try Self.matrix(tensors.tensor("features"))
    let stored = try tensors.tensor("labels")
    let numbers = (0..<stored.count).map {
      Int(stored.bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
    }
    var labels = ProbeLabels.single(numbers)
    if severalLabels {
      var matrix = LabelMatrix(classCount: classes)
      for row in 0..<rows {
        matrix.append(
          numbers[row * classes..<(row + 1) * classes].map { $0 == 1 ? .positive : .negative })
      }
      labels = .multiple(matrix)
    }
    let training = try ProbeData(
      features: FeatureRows(features), labels: labels, classCount: classes, subject: name)
    return (training, try Self.matrix(tensors.tensor("test_features")))
  }

  /// Of the training samples, without its sign.
  func largestFeature() throws -> Double {
    let tensors = try SafetensorsFile(TestPaths.fixtures.appending(path: "probes/\(file)"))
    return Double(try tensors.tensor("features").floats().map(\.magnitude).max() ?? 0)
  }

  private static func matrix(_ tensor: TensorView) throws -> Matrix {
    Matrix(rows: tensor.shape[0], columns: tensor.shape[1], storage: try tensor.floats())
  }
}
