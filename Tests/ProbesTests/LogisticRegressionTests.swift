import Core
import LinearAlgebra
import Probes
import Statistics
import Testing

/// What the parity problems are too small for, and input that no fit can be made of.
struct LogisticRegressionTests {
  /// Enough samples for several chunks and lanes; classes of different sizes.
  private static func samples(
    _ count: Int, columns: Int, classes: Int, seed: UInt64 = 1
  ) -> (storage: [Float], labels: [Int]) {
    var generator = Xoshiro256StarStar(seed: seed)
    func uniform() -> Float { Float(generator.next(below: 1 << 20)) / Float(1 << 20) }
    var storage: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let label = Int(Float(classes) * uniform() * uniform())
      labels.append(label)
      for column in 0..<columns {
        let mean: Float = column == label % columns ? 0.6 : 0
        storage.append(3 + mean + uniform() - uniform())
      }
    }
    return (storage, labels)
  }

  private static func data(
    _ rows: FeatureRows, _ labels: [Int], classes: Int
  ) throws -> ProbeData {
    try ProbeData(features: rows, labels: .single(labels), classCount: classes, subject: "made up")
  }

  @Test(arguments: [SolverPreset.converged, .paper])
  func threadsAndPiecesDoNotChangeABit(preset: SolverPreset) throws {
    let (storage, labels) = Self.samples(70_000, columns: 6, classes: 5)
    let whole = Matrix(rows: 70_000, columns: 6, storage: storage)
    let alone = try LogisticRegression.fit(
      Self.data(FeatureRows(whole), labels, classes: 5), C: 0.1,
      options: SolverOptions(preset: preset, threads: 1))
    #expect(alone.summary.converged)
    let several = try LogisticRegression.fit(
      Self.data(FeatureRows(whole), labels, classes: 5), C: 0.1,
      options: SolverOptions(preset: preset, threads: 3))
    #expect(several.model == alone.model)

    let plain = PlainObjective(
      alone.model, try Self.data(FeatureRows(whole), labels, classes: 5), C: 0.1)
    #expect(abs(plain.value - alone.summary.objective) < 1e-8 * plain.value)

    // In two pieces, of which the second begins within a block; their blocks are other ones, so only nearly the same.
    let cut = 33_333
    let joined = try FeatureRows(
      joining: [whole.rowRange(0..<cut), whole.rowRange(cut..<70_000)].map { FeatureRows($0) })
    let pieces = try LogisticRegression.fit(
      Self.data(joined, labels, classes: 5), C: 0.1,
      options: SolverOptions(preset: preset, threads: 2))
    let tolerance = preset == .converged ? 1e-7 : 1e-5
    #expect(abs(pieces.summary.objective - alone.summary.objective) < tolerance * plain.value)
  }

  @Test func logitsAreTheProductsAndIntercepts() throws {
    let (storage, _) = Self.samples(3000, columns: 4, classes: 3)
    let rows = FeatureRows(Matrix(rows: 3000, columns: 4, storage: storage))
    let model = LinearModel(
      classCount: 2, columns: 4, weights: [1, -2, 0.5, 0, 0, 0, 0, 3],
      intercepts: [0.25, -.infinity])
    let logits = try model.logits(rows, threads: 2)
    for row in [0, 1023, 1024, 2999] {
      let x = storage[row * 4..<row * 4 + 4].map { Double($0) }
      let wanted = x[0] - 2 * x[1] + 0.5 * x[2] + 0.25
      #expect(abs(Double(logits.storage[row * 2]) - wanted) < 1e-5)
      #expect(logits.storage[row * 2 + 1] == -.infinity)
    }
  }

  @Test func selectedAndJoinedRowsAreTheRows() throws {
    let first = FeatureRows(Matrix(rows: 2, columns: 2, storage: [1, 2, 3, 4]))
    let second = FeatureRows(Matrix(rows: 1, columns: 2, storage: [5, 6]))
    let joined = try FeatureRows(joining: [first, second])
    var seen: [Float] = []
    joined.selecting([2, 0, 1]).withRows(0..<3) { base, rows in
      seen += UnsafeBufferPointer(start: base, count: rows.count * 2)
    }
    #expect(seen == [5, 6, 1, 2, 3, 4])
    #expect(throws: EvalError.self) {
      try FeatureRows(
        joining: [first, FeatureRows(Matrix(rows: 1, columns: 3, storage: [1, 2, 3]))])
    }
  }

  // MARK: Input that no fit can be made of

  private static func failure(_ body: () throws -> Void) -> EvalError? {
    do {
      try body()
      return nil
    } catch {
      return error as? EvalError
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func featuresThatAreNotFiniteAreNamed(value: Float) throws {
    let error = Self.failure {
      _ = try Self.data(
        FeatureRows(Matrix(rows: 3, columns: 2, storage: [1, 2, 3, value, 5, 6])), [0, 1, 0],
        classes: 2)
    }
    #expect(error?.kind == .malformedData && error?.subject == "made up, row 1")
    #expect(error?.message == "the feature is not finite (\(value) in column 1)")
  }

  @Test(arguments: [-1, 2]) func labelsOutOfRangeAreNamed(label: Int) throws {
    let error = Self.failure {
      _ = try Self.data(
        FeatureRows(Matrix(rows: 2, columns: 1, storage: [1, 2])), [0, label], classes: 2)
    }
    #expect(error?.message == "expected a class number from 0 to 1, found \(label)")
    #expect(error?.subject == "made up, row 1")
  }

  @Test func featuresOfZerosAloneAreRefused() throws {
    let error = Self.failure {
      _ = try Self.data(
        FeatureRows(Matrix(rows: 2, columns: 2, storage: [0, 0, 0, 0])), [0, 1], classes: 2)
    }
    #expect(error?.message == "every feature is zero: there is nothing to learn from")
  }

  @Test func oneClassIsRefused() throws {
    let data = try Self.data(
      FeatureRows(Matrix(rows: 2, columns: 1, storage: [1, 2])), [1, 1], classes: 3)
    let error = Self.failure {
      _ = try LogisticRegression.fit(data, C: 1, options: SolverOptions(threads: 1))
    }
    #expect(
      error?.message == "expected samples of at least two classes, all 2 are of class 1"
        && error?.kind == .malformedData)
  }

  @Test(arguments: [0, -1, .infinity, .nan]) func aCThatIsNoneIsRefused(C: Double) throws {
    let data = try Self.data(
      FeatureRows(Matrix(rows: 2, columns: 1, storage: [1, 2])), [0, 1], classes: 2)
    let error = Self.failure {
      _ = try LogisticRegression.fit(data, C: C, options: SolverOptions(threads: 1))
    }
    #expect(error?.kind == .usage)
  }

  /// All samples alike: only the intercepts are left, and they give the classes' shares.
  @Test(arguments: SolverPreset.allCases)
  func samplesThatAreAllTheSameGiveTheShares(preset: SolverPreset) throws {
    let data = try Self.data(
      FeatureRows(Matrix(rows: 6, columns: 2, storage: [Float](repeating: 0.5, count: 12))),
      [0, 0, 0, 1, 1, 2], classes: 3)
    let fit = try LogisticRegression.fit(
      data, C: 1, options: SolverOptions(preset: preset, tolerance: 1e-8, threads: 1))
    // Weights move the logits as intercepts do, but cost: they stay at zero, and f is the entropy 6·H(1/2, 1/3, 1/6).
    #expect(abs(fit.summary.objective - 6.068425588244111) < 1e-6)
  }

  /// A class that no sample shows and one that all show need no fit.
  @Test func ofSeveralLabelsTheObviousOnesAreKnown() throws {
    var matrix = LabelMatrix(classCount: 3)
    for row in 0..<8 {
      matrix.append([.negative, row % 2 == 0 ? .positive : .difficult, .positive])
    }
    let data = try ProbeData(
      features: FeatureRows(
        Matrix(rows: 8, columns: 1, storage: (0..<8).map { $0 % 2 == 0 ? 1 : -1 })),
      labels: .multiple(matrix), classCount: 3, subject: "made up")
    let fit = try LogisticRegression.fit(data, C: 1, options: SolverOptions(threads: 1))
    #expect(fit.model.intercepts[0] == -.infinity && fit.model.intercepts[2] == .infinity)
    // f(w) = 8 log(1 + exp(−w)) + w²/2: at the optimum w (1 + exp(w)) = 8.
    let w = fit.model.weights[1]
    #expect(abs(w * 2.718281828459045.power(w) + w - 8) < 1e-4)
  }
}

extension Double {
  fileprivate func power(_ exponent: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for i in 1..<60 {
      term *= exponent / Double(i)
      sum += term
    }
    return sum
  }
}
