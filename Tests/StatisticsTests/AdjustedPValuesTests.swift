import Statistics
import Testing

struct AdjustedPValuesTests {
  struct Family: Decodable {
    var values: [Double]
    var tests: Int
    var bonferroni: [Double]
    var holm: [Double]
    var benjaminiHochberg: [Double]
  }

  @Test("adjusted p-values agree with the procedures' definitions in fractions")
  func agreesWithFractions() throws {
    let cases: [Family] = try References.read("adjusted-p-values")
    #expect(cases.count >= 18)
    for expected in cases {
      for (method, reference) in [
        (AdjustedPValues.Method.bonferroni, expected.bonferroni), (.holm, expected.holm),
        (.benjaminiHochberg, expected.benjaminiHochberg),
      ] {
        let found = try #require(
          AdjustedPValues.adjust(expected.values, by: method, tests: expected.tests))
        #expect(found.count == reference.count)
        for (found, reference) in zip(found, reference) {
          agrees(found, reference, within: 1e-14, "\(method) of \(expected.values)")
        }
        if expected.tests == expected.values.count {
          #expect(AdjustedPValues.adjust(expected.values, by: method) == found)
        }
      }
    }
  }

  @Test("no probabilities, no adjustment")
  func undefined() {
    for method in AdjustedPValues.Method.allCases {
      #expect(AdjustedPValues.adjust([], by: method) == [])
      #expect(AdjustedPValues.adjust([0.5, 1.5], by: method) == nil)
      #expect(AdjustedPValues.adjust([0.5, -0.1], by: method) == nil)
      #expect(AdjustedPValues.adjust([.nan], by: method) == nil)
      #expect(AdjustedPValues.adjust([0.1, 0.2], by: method, tests: 1) == nil)
    }
  }
}
