import Experiments
import Foundation
import LinearAlgebra
import TestSupport

/// Features of prompts and images that numpy made, in a file with what it says of them.
protocol PromptFixture: Decodable {
  var nameCounts: [Int] { get }
  var templateCount: Int { get }
  var dimension: Int { get }
  var textFeatures: [Float] { get }
  var imageFeatures: [Float] { get }
  var labels: [Int] { get }
}

extension PromptFixture {
  static func read(_ path: String) throws -> Self {
    try JSONDecoder().decode(
      Self.self, from: Data(contentsOf: TestPaths.fixtures.appending(path: path)))
  }

  func prompts() throws -> PromptFeatures {
    try PromptFeatures(
      Matrix(
        rows: nameCounts.reduce(0, +) * templateCount, columns: dimension, storage: textFeatures),
      nameCounts: nameCounts, templateCount: templateCount)
  }

  var images: Matrix {
    Matrix(rows: labels.count, columns: dimension, storage: imageFeatures)
  }
}
