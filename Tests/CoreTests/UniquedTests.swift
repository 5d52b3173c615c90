import Core
import Testing

struct UniquedTests {
  @Test("each element once, where it first stood")
  func elements() {
    #expect([3, 1, 3, 2, 1].uniqued() == [3, 1, 2])
    #expect([String]().uniqued().isEmpty)
  }

  @Test("of each key the first element")
  func keys() {
    #expect(["pear", "fig", "plum", "kiwi", "nut"].uniqued(by: \.count) == ["pear", "fig"])
  }
}
