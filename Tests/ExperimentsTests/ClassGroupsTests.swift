import Core
import Experiments
import LinearAlgebra
import Probes
import Testing

/// Groups of classes that one of their members answers for, and weights between two classifiers.
@Suite struct ClassGroupsTests {
  @Test func aClassIsInOneGroupAtMost() {
    #expect(throws: EvalError.self) { try ClassGroups([[0, 1], [1]], baseCount: 3) }
    #expect(throws: EvalError.self) { try ClassGroups([[0], []], baseCount: 3) }
    #expect(throws: EvalError.self) { try ClassGroups([[3]], baseCount: 3) }
  }

  @Test func pooledScoresAreTheHighestOfEachGroup() throws {
    let groups = try ClassGroups([[3, 0], [2]], baseCount: 4)
    let scores = Matrix(rows: 2, columns: 4, storage: [1, 9, 2, 3, -1, 9, -3, -2])
    #expect(groups.pooled(scores).storage == [3, 2, -1, -3])
    for broken: [Float] in [[1, 0, 0, .nan], [.nan, 0, 0, 1]] {
      let scores = Matrix(rows: 1, columns: 4, storage: broken)
      #expect(groups.pooled(scores).storage[0].isNaN)
    }
  }

  /// Numbers of no pattern, the same every time.
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int64(bitPattern: state) >> 40) / Float(1 << 22)
    }
  }

  private func unit(_ values: ArraySlice<Float>) -> [Double] {
    let length = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return values.map { Double($0) / length }
  }

  @Test func theBestGroupIsThatOfTheBestClass() throws {
    let (width, classCount, count) = (7, 40, 300)
    let rows = numbers(classCount * width, seed: 1)
    let weights = Matrix(
      rows: classCount, columns: width,
      storage: (0..<classCount).flatMap { index in
        unit(rows[index * width..<(index + 1) * width]).map { Float($0) }
      })
    let features = Matrix(rows: count, columns: width, storage: numbers(count * width, seed: 2))
    let groups = try ClassGroups(
      [[30, 2, 9], [5], [11, 12], [0, 39], [7], [20, 21, 22, 23]], baseCount: classCount)
    let classifier = try ZeroShotClassifier(weights: weights, scale: 50)
    let found = try classifier.predict(
      features, labels: [Int](repeating: 0, count: count), groups: groups)
    for row in 0..<count {
      let image = unit(features.row(row))
      let logits = (0..<classCount).map { index in
        50 * zip(image, weights.row(index)).reduce(0.0) { $0 + $1.0 * Double($1.1) }
      }
      let best = try #require(groups.choices.max { logits[$0] < logits[$1] })
      #expect(found.prediction[row] == groups.groupOfBase[best], "row \(row)")
      #expect(abs(Double(found.scores[row * 5]) - logits[best]) < 1e-4)
      // Five of six groups are ranked, each by its best class.
      let pooled = groups.members.map { $0.map { logits[$0] }.max() ?? 0 }.sorted(by: >)
      #expect(abs(Double(found.scores[row * 5 + 4]) - pooled[4]) < 1e-4)
    }
  }

  @Test func weightsBetweenZeroShotAndAProbe() throws {
    let zeroShot = try ZeroShotClassifier(
      weights: Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 1]), scale: 10)
    let probe = LinearModel(
      classCount: 2, columns: 2, weights: [1, 2, 3, 4], intercepts: [0.5, -0.5])
    func mix(_ alpha: Double) throws -> LinearModel {
      try WeightEnsemble.mix(probe: probe, zeroShot: zeroShot, alpha: alpha, subject: "a test")
    }
    #expect(
      try mix(0)
        == LinearModel(classCount: 2, columns: 2, weights: [10, 0, 0, 10], intercepts: [0, 0]))
    #expect(try mix(1) == probe)
    #expect(
      try mix(0.25)
        == LinearModel(
          classCount: 2, columns: 2, weights: [7.75, 0.5, 0.75, 8.5], intercepts: [0.125, -0.125]))
    var empty = probe
    empty.intercepts[1] = -.infinity
    #expect(throws: EvalError.self) {
      try WeightEnsemble.mix(probe: empty, zeroShot: zeroShot, alpha: 0.5, subject: "a test")
    }
    #expect(throws: EvalError.self) {
      try WeightEnsemble.mix(
        probe: LinearModel(classCount: 3, columns: 2), zeroShot: zeroShot, alpha: 0.5,
        subject: "a test")
    }
  }
}
