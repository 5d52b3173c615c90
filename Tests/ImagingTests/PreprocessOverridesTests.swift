import Imaging
import Testing

@Suite("Preprocessing overrides") struct PreprocessOverridesTests {
  private let own = PreprocessRecipe(order: .huggingface, size: 64)

  @Test func nothingChangesNothing() {
    #expect(PreprocessOverrides().applied(to: own, size: 64) == own)
  }

  @Test func each() {
    let squashed = PreprocessOverrides(resize: .squash, crop: .off)
      .applied(to: own, size: 64)
    #expect(squashed.resize == .squash(64) && squashed.crop == .none)
    #expect(squashed.order == .huggingface && squashed.mean == own.mean)
    let plain = PreprocessRecipe(order: .openai, resize: .none, crop: .none)
    let restored = PreprocessOverrides(resize: .shorter, crop: .center)
      .applied(to: plain, size: 224)
    #expect(restored == PreprocessRecipe(order: .openai, size: 224))
    #expect(PreprocessOverrides(order: .openai).applied(to: own, size: 64).order == .openai)
  }
}
