import Core
import Foundation
import LinearAlgebra
import Probes
import Synchronization
import Testing

struct CSearchTests {
  private static let options = SolverOptions(threads: 1)

  /// Two overlapping clouds of samples along a line.
  private static func training() throws -> ProbeData {
    let samples = (0..<40).map { i -> (x: Float, y: Float, label: Int) in
      let noise = Float((i * 7919) % 97) / 97 - 0.5
      return (Float(i % 2) * 2 - 1 + 2 * noise, noise * noise, i % 13 == 0 ? 1 - i % 2 : i % 2)
    }
    return try ProbeData(
      features: FeatureRows(
        Matrix(rows: 40, columns: 2, storage: samples.flatMap { [$0.x, $0.y] })),
      labels: .single(samples.map(\.label)), classCount: 2, subject: "made up")
  }

  /// Two samples whose logits differ by the first weight, which rises with C: for small C it is C times a constant.
  private static func validation() throws -> ProbeData {
    try ProbeData(
      features: FeatureRows(Matrix(rows: 2, columns: 2, storage: [1, 0, 0, 0])),
      labels: .single([1, 0]), classCount: 2, subject: "made up")
  }

  private static func logarithm(_ logits: Matrix) -> Double {
    log10(Double(logits.storage[1] - logits.storage[3]))
  }

  private static func number(_ C: Double) -> Int { Int(((log10(C) + 6) * 8).rounded()) }

  @Test func thePapersSearchHalvesAroundThePeak() throws {
    let data = try Self.training()
    let peak = try LogisticRegression.fit(data, C: pow(10, -6 + 13.0 / 8), options: Self.options)
    let target = try Self.logarithm(peak.model.logits(Self.validation().features, threads: 1))
    var tried: [Int] = []
    let result = try CSearch.run(
      training: data, validation: Self.validation(), grid: .paper, options: Self.options,
      // Too large a C costs three times as much, so that no two points are equally good.
      score: { logits in
        let excess = Self.logarithm(logits) - target
        return excess > 0 ? -3 * excess : excess
      }, onFit: { tried.append(Self.number($0.C)) })
    // 13 steps of 1/8 decade above 1e-6: 16 is nearer than 0, then 8 (5 below) beats 16 (3 above), 12 and at last 13.
    #expect(tried == [0, 16, 32, 48, 64, 80, 96, 8, 24, 4, 12, 10, 14, 11, 13])
    #expect(Self.number(result.best.C) == 13 && !result.isAtEdge)
    #expect(result.curve.map(\.C) == result.curve.map(\.C).sorted() && result.curve.count == 15)
    #expect(abs(result.best.C / 4.216965034285822e-05 - 1) < 1e-12)
  }

  /// Drafts are enough to choose C by; what is chosen is as good as a fit by itself.
  @Test func theBestFitIsFinished() throws {
    let data = try Self.training()
    let alone = try LogisticRegression.fit(data, C: 10, options: Self.options)
    for finishes in [true, false] {
      let result = try CSearch.run(
        training: data, validation: Self.validation(), grid: .points([0.01, 10]),
        options: Self.options, finishesBest: finishes, score: { Self.logarithm($0) })
      let excess = result.best.fit.objective - alone.summary.objective
      #expect(result.best.C == 10 && abs(excess) <= (finishes ? 2e-7 : 2e-5) * 22)
      #expect(result.best.fit.gradientNorm <= (finishes ? 1e-6 : 1e-5))
    }
  }

  @Test func aPeakAtTheEdgeIsTold() throws {
    var tried: [Int] = []
    let result = try CSearch.run(
      training: Self.training(), validation: Self.validation(), grid: .paper,
      options: Self.options, score: { -Self.logarithm($0) },
      onFit: { tried.append(Self.number($0.C)) })
    #expect(tried == [0, 16, 32, 48, 64, 80, 96, 8, 4, 2, 1])
    #expect(result.best.C == 1e-6 && result.isAtEdge)
  }

  @Test func ofEqualScoresTheStrongestRegularisationIsTaken() throws {
    let result = try CSearch.run(
      training: Self.training(), validation: Self.validation(), grid: .points([1, 0.01, 100, 1]),
      options: Self.options, score: { _ in 0.5 })
    #expect(result.curve.map(\.C) == [0.01, 1, 100] && result.best.C == 0.01)
  }

  @Test func theFlatGridHas97Points() throws {
    let result = try CSearch.run(
      training: Self.training(), validation: Self.validation(), grid: .flat,
      options: Self.options, score: { -abs(Self.logarithm($0) + 1) })
    #expect(result.curve.map { Self.number($0.C) } == Array(0...96))
    #expect(result.curve.allSatisfy(\.fit.converged) && !result.isAtEdge)
  }

  private static func search(
    _ kept: KeptFits, _ preset: SolverPreset, _ grid: CSearch.Grid = .paper,
    onFit: (CSearch.Point) throws -> Void = { _ in }
  ) throws -> CSearch.Result {
    try CSearch.run(
      training: training(), validation: validation(), grid: grid,
      options: SolverOptions(preset: preset, threads: 1), checkpoints: kept,
      score: { -abs(logarithm($0) + 1) }, onFit: onFit)
  }

  private static func expectSame(_ a: CSearch.Result, _ b: CSearch.Result) {
    #expect(a.bestModel == b.bestModel)
    #expect(a.curve.map(\.score) == b.curve.map(\.score))
    #expect(a.curve.map(\.fit.objective) == b.curve.map(\.fit.objective))
  }

  /// A search that was interrupted after any number of fits gives the same bits as one that was not.
  @Test(arguments: SolverPreset.allCases)
  func aSearchGoesOnFromItsCheckpoints(preset: SolverPreset) throws {
    let whole = KeptFits([:])
    let result = try Self.search(whole, preset)
    // The curve's fits, and the best one finished.
    let fits = result.curve.count + (preset == .converged ? 1 : 0)
    #expect(whole.keys.count == fits && whole.loaded == 0)
    for count in [0, 3, 9, fits] {
      let kept = KeptFits(whole.fits.filter { whole.keys.prefix(count).contains($0.key) })
      let resumed = try Self.search(kept, preset)
      #expect(kept.loaded == count && kept.keys.count == fits - count)
      Self.expectSame(resumed, result)
    }
  }

  /// Fits that share their passes are kept one by one, as they end.
  @Test(arguments: SolverPreset.allCases)
  func anInterruptionCostsTheFitsUnderWay(preset: SolverPreset) throws {
    struct Stopped: Error {}
    let kept = KeptFits([:])
    var count = 0
    #expect(throws: Stopped.self) {
      try Self.search(kept, preset) { _ in
        count += 1
        if count == 3 { throw Stopped() }
      }
    }
    #expect(kept.keys.count == 3)
    try Self.expectSame(Self.search(kept, preset), Self.search(KeptFits([:]), preset))
  }

  /// Where a fit began is a part of what it is: fits of another search with the same C are not its own.
  @Test func searchesOfOtherGridsKeepTheirOwn() throws {
    let kept = KeptFits([:])
    _ = try Self.search(kept, .converged, .paper)
    let clean = try Self.search(KeptFits([:]), .converged, .flat)
    try Self.expectSame(Self.search(kept, .converged, .flat), clean)
  }

  /// What float32 cannot bring further, float64 does, in a draft too.
  @Test func aDraftGoesOnInFloat64() throws {
    let result = try CSearch.run(
      training: Self.training(), validation: Self.validation(), grid: .points([1e4]),
      options: Self.options, finishesBest: false, score: { Self.logarithm($0) })
    let whole = try LogisticRegression.fit(Self.training(), C: 1e4, options: Self.options)
    #expect(result.best.fit.converged)
    #expect(result.best.fit.objective - whole.summary.objective <= 1e-5 * whole.summary.objective)
  }

  @Test func aStrengthWithoutAnInverseIsRefused() throws {
    #expect(throws: EvalError.self) {
      try LogisticRegression.fit(Self.training(), C: .leastNonzeroMagnitude, options: Self.options)
    }
  }
}

private final class KeptFits: FitCheckpoints {
  private struct State {
    var fits: [String: Fit]
    var keys: [String] = []
    var loaded = 0
  }
  private let state: Mutex<State>

  init(_ fits: [String: Fit]) { state = Mutex(State(fits: fits)) }

  var fits: [String: Fit] { state.withLock { $0.fits } }
  /// Saved here, in their order.
  var keys: [String] { state.withLock { $0.keys } }
  var loaded: Int { state.withLock { $0.loaded } }

  func load(_ key: String) -> Fit? {
    state.withLock {
      if $0.fits[key] != nil { $0.loaded += 1 }
      return $0.fits[key]
    }
  }

  func save(_ fit: Fit, key: String) {
    state.withLock {
      $0.fits[key] = fit
      $0.keys.append(key)
    }
  }
}
