import Probes
import Testing

/// Against SciPy 1.17's L-BFGS-B (`minimize(rosen, x0, jac=rosen_der, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 0})`), which takes the same steps.
struct LBFGSTests {
  @Test(
    arguments: zip(
      [
        [-1.2, 1.0], [1.3, 0.7, 0.8, 1.9, 1.2], [-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1],
      ], [(38, 46), (28, 30), (78, 96)]))
  func itGoesTheWayOfSciPy(start: [Double], counts: (iterations: Int, evaluations: Int)) throws {
    var settings = LBFGS.Settings(gradientTolerance: 1e-8, maxIterations: 1000)
    settings.startsWithUnitStep = true
    let (optimizer, stop) = try minimize(start, settings)
    #expect(stop == .gradient)
    #expect(optimizer.point.allSatisfy { abs($0 - 1) < 1e-7 })
    // Inner products are summed in another order: a step or two either way.
    #expect(abs(optimizer.iterations - counts.iterations) <= 2, "\(optimizer.iterations)")
    #expect(abs(optimizer.evaluations - counts.evaluations) <= 3, "\(optimizer.evaluations)")
  }

  @Test func itStopsAtTheLimitOfIterations() throws {
    var settings = LBFGS.Settings(gradientTolerance: 1e-8, maxIterations: 5)
    settings.startsWithUnitStep = true
    let (optimizer, stop) = try minimize([-1.2, 1], settings)
    #expect(stop == .iterations && optimizer.iterations == 5)
    #expect(optimizer.value == Self.rosenbrock(optimizer.point).value)
  }

  @Test func itStopsWhereTheDecreaseIsSmall() throws {
    var settings = LBFGS.Settings(gradientTolerance: 0, maxIterations: 1000)
    settings.startsWithUnitStep = true
    settings.decreaseTolerance = 2.2e-9
    let (optimizer, stop) = try minimize([-1.2, 1], settings)
    #expect(stop == .decrease && optimizer.value < 1e-8)
  }

  /// With no tolerance at all it ends where no step lowers the value.
  @Test func itStopsWhereRoundingDecides() throws {
    var settings = LBFGS.Settings(gradientTolerance: -1, maxIterations: 10_000)
    settings.startsWithUnitStep = true
    let (optimizer, _) = try minimize([-1.2, 1], settings)
    #expect(optimizer.iterations < 1000 && optimizer.value < 1e-25)
  }

  /// The gradient is accepted only where the next step promises little too.
  @Test func aSmallGradientOfAFlatFunctionIsNotTheEnd() throws {
    // 5e-9 · x²: the gradient is below the tolerance from 10 on, where 5e-7 is still to be gained.
    var settings = LBFGS.Settings(gradientTolerance: 1e-7, maxIterations: 100)
    settings.excessTolerance = 1e-3
    let optimizer = LBFGS(start: [100], settings: settings, threads: 1)
    var request = LBFGS.Request.evaluate
    while request == .evaluate {
      let x = optimizer.point[0]
      request = try optimizer.next(
        value: 5e-9 * x * x + 1e-9, gradient: [1e-8 * x], gradientNorm: abs(1e-8 * x))
    }
    #expect(request == .done(.gradient))
    #expect(abs(optimizer.point[0]) < 0.1)
  }

  /// Long enough for several threads to share the work on vectors.
  @Test func threadsDoNotChangeABit() throws {
    let count = 1 << 18
    let start = (0..<count).map { Double($0 % 7) - 3 }
    let scales = (0..<count).map { 1 + Double($0 % 11) }
    let points = try [1, 3].map { threads in
      let optimizer = LBFGS(
        start: start, settings: .init(gradientTolerance: 1e-6, maxIterations: 8), threads: threads)
      var request = LBFGS.Request.evaluate
      while request == .evaluate {
        var value = 0.0
        let gradient = zip(optimizer.point, scales).map { $0 * $1 }
        for (x, g) in zip(optimizer.point, gradient) { value += x * g / 2 }
        request = try optimizer.next(
          value: value, gradient: gradient, gradientNorm: gradient.map(\.magnitude).max() ?? 0)
      }
      return optimizer.point
    }
    #expect(points[0] == points[1])
  }

  private func minimize(
    _ start: [Double], _ settings: LBFGS.Settings
  ) throws -> (optimizer: LBFGS, stop: LBFGS.Stop) {
    let optimizer = LBFGS(start: start, settings: settings, threads: 1)
    while true {
      let (value, gradient) = Self.rosenbrock(optimizer.point)
      let norm = gradient.map(\.magnitude).max() ?? 0
      if case .done(let stop) = try optimizer.next(
        value: value, gradient: gradient, gradientNorm: norm)
      {
        return (optimizer, stop)
      }
    }
  }

  private static func rosenbrock(_ x: [Double]) -> (value: Double, gradient: [Double]) {
    var value = 0.0
    var gradient = [Double](repeating: 0, count: x.count)
    for i in 0..<x.count - 1 {
      let rise = x[i + 1] - x[i] * x[i]
      value += 100 * rise * rise + (1 - x[i]) * (1 - x[i])
      gradient[i] += -400 * x[i] * rise - 2 * (1 - x[i])
      gradient[i + 1] += 200 * rise
    }
    return (value, gradient)
  }
}
