import Statistics
import Testing

struct QuantileTests {
  private func close(_ found: Double?, _ expected: Double) -> Bool {
    found.map { abs($0 - expected) <= 1e-13 * abs(expected) } ?? false
  }

  @Test("normal quantiles and probabilities of SciPy, far out too")
  func normal() {
    #expect(close(NormalDistribution.quantile(0.975), 1.959963984540054))
    #expect(close(NormalDistribution.quantile(0.3), -0.5244005127080409))
    #expect(close(NormalDistribution.quantile(1e-300), -37.0470962993612))
    #expect(NormalDistribution.quantile(0.5) == 0)
    #expect(close(NormalDistribution.probability(1.959963984540054), 0.975))
    #expect(close(NormalDistribution.probability(-10), 7.619853024160527e-24))
    #expect(NormalDistribution.quantile(0) == nil && NormalDistribution.quantile(1) == nil)
  }

  @Test("beta quantiles of SciPy")
  func beta() {
    #expect(close(BetaDistribution.quantile(0.025, a: 50.5, b: 0.5), 0.9512415405559286))
    #expect(close(BetaDistribution.quantile(0.5, a: 0.5, b: 0.5), 0.5))
    #expect(BetaDistribution.quantile(0.5, a: 0, b: 1) == nil)
    #expect(BetaDistribution.quantile(1.5, a: 1, b: 1) == nil)
  }
}
