import Experiments
import Foundation
import LinearAlgebra
import Testing

@Suite("Agreement of precisions") struct PrecisionAgreementTests {
  private static func classifier(_ rows: [[Float]]) throws -> ZeroShotClassifier {
    try ZeroShotClassifier(
      weights: Matrix(rows: rows.count, columns: 2, storage: rows.flatMap { $0 }), scale: 100)
  }

  /// By hand: the second sample turned by acos(0.6) and crossed from the first class to the second.
  @Test func cosinesAndClasses() throws {
    let classes = try Self.classifier([[1, 0], [0, 1]])
    let exact = Matrix(rows: 2, columns: 2, storage: [0, 2, 1, 0])
    let found = Matrix(rows: 2, columns: 2, storage: [0, 5, 0.6, 0.8])
    let agreement = try #require(
      try PrecisionAgreement.measure(found, classes, against: exact, classes))
    #expect(agreement.n == 2 && agreement.sameTop1 == 0.5)
    #expect(abs(agreement.meanCosine - 0.8) < 1e-7 && abs(agreement.minimumCosine - 0.6) < 1e-7)
  }

  @Test func eachSideHasItsOwnClasses() throws {
    let features = Matrix(rows: 1, columns: 2, storage: [0.6, 0.8])
    let agreement = try #require(
      try PrecisionAgreement.measure(
        features, Self.classifier([[1, 0], [0, 1]]), against: features,
        Self.classifier([[0, 1], [1, 0]])))
    #expect(agreement.sameTop1 == 0 && abs(agreement.meanCosine - 1) < 1e-12)
  }

  @Test func nothingToCompare() throws {
    let none = Matrix(rows: 0, columns: 2)
    let classes = try Self.classifier([[1, 0]])
    #expect(try PrecisionAgreement.measure(none, classes, against: none, classes) == nil)
  }
}
