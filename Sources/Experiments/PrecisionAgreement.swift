package import Core
package import LinearAlgebra

/// How features computed in a lower precision agree with those in float32, on a sample of a split.
package struct PrecisionAgreement: Sendable, Equatable, Codable {
  /// Samples of a split that are compared, spread evenly over it; all of a smaller one.
  package static let sampleSize = 256

  /// What is compared with.
  package var reference: String
  /// Samples compared.
  package var n: Int
  /// Of the image features.
  package var meanCosine: Double
  package var minimumCosine: Double
  /// Share of the samples for which both give the same class first, each with classes from its own text features.
  package var sameTop1: Double

  package init(
    reference: String, n: Int, meanCosine: Double, minimumCosine: Double, sameTop1: Double
  ) {
    self.reference = reference
    self.n = n
    self.meanCosine = meanCosine
    self.minimumCosine = minimumCosine
    self.sameTop1 = sameTop1
  }

  /// - Parameters:
  ///   - features: [n, D], of any length of row.
  ///   - exact: [n, D] of the same samples in the same order, in float32.
  /// - Returns: nil when there is no sample.
  /// - Throws: `EvalError.malformedData` for a row that is zero or not finite, as the classifiers do.
  package static func measure(
    _ features: Matrix, _ classifier: ZeroShotClassifier, against exact: Matrix,
    _ exactClassifier: ZeroShotClassifier
  ) throws(EvalError) -> PrecisionAgreement? {
    let unknown = [Int](repeating: 0, count: features.rows)
    return measure(
      features, try classifier.predict(features, labels: unknown).prediction, against: exact,
      try exactClassifier.predict(exact, labels: unknown).prediction)
  }

  /// The same of classes that are known already.
  /// - Parameters:
  ///   - predictions: of each of the features the class that comes first, n.
  ///   - exactPredictions: of the same samples in float32.
  package static func measure(
    _ features: Matrix, _ predictions: [Int], against exact: Matrix, _ exactPredictions: [Int]
  ) -> PrecisionAgreement? {
    precondition(features.rows == exact.rows && features.columns == exact.columns)
    precondition(predictions.count == features.rows && exactPredictions.count == exact.rows)
    guard features.rows > 0 else { return nil }
    let cosines = (0..<features.rows).map { cosine(features.row($0), exact.row($0)) }
    return PrecisionAgreement(
      reference: "fp32", n: features.rows,
      meanCosine: cosines.reduce(0, +) / Double(cosines.count),
      minimumCosine: cosines.min() ?? 0,
      sameTop1: Double(zip(predictions, exactPredictions).count { $0 == $1 })
        / Double(predictions.count))
  }

  private static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      first += Double(x) * Double(x)
      second += Double(y) * Double(y)
    }
    return product / (first * second).squareRoot()
  }
}
