import Robustness
import Statistics
import Testing

struct AccuracyScaleTests {
  @Test("scales and their inverses", arguments: AccuracyScale.allCases)
  func inverse(scale: AccuracyScale) throws {
    for fraction in [1e-9, 0.001, 0.25, 0.5, 0.762, 0.999, 1 - 1e-9] {
      let value = try #require(scale.transformed(fraction))
      #expect(abs(scale.fraction(value) - fraction) < 1e-12)
    }
    #expect(scale.transformed(-0.1) == nil && scale.transformed(1.1) == nil)
    #expect(scale.transformed(.nan) == nil)
  }

  @Test("values of scipy.special.logit and ndtri")
  func values() throws {
    #expect(
      abs(try #require(AccuracyScale.logit.transformed(0.762)) - 1.163_675_882_015_171_6) < 1e-12)
    #expect(
      abs(try #require(AccuracyScale.probit.transformed(0.762)) - 0.712_750_760_220_042_9) < 1e-12)
    #expect(AccuracyScale.linear.transformed(0.762) == 0.762)
  }
}
