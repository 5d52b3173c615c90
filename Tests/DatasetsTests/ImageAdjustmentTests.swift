import Core
import Datasets
import Imaging
import Testing

@Suite struct ImageAdjustmentTests {
  private let plain = PreprocessRecipe(order: .openai, size: 224)

  @Test func changesTheRecipeAndItsText() {
    let border = ImageAdjustment(croppedBorder: 2)
    #expect(
      border.applied(to: plain, size: 224).description
        == "openai|crop(border=2)|" + plain.description.dropFirst("openai|".count))
    let squash = ImageAdjustment(squashes: true).applied(to: plain, size: 224)
    #expect(squash.resize == .squash(224) && squash.crop == .center(224))
    #expect(squash.description.hasPrefix("openai|resize(squash=224,bicubic,antialias)|"))
    #expect(ImageAdjustment.none.applied(to: plain, size: 224) == plain)
  }

  @Test("a model that squashes already keeps its recipe")
  func squashedAlready() {
    let recipe = PreprocessRecipe(order: .huggingface, resize: .squash(336), crop: .none)
    #expect(ImageAdjustment(squashes: true).applied(to: recipe, size: 224) == recipe)
  }

  @Test func featuresMadeElsewhere() throws {
    let both = ImageAdjustment(croppedBorder: 2, squashes: true)
    func check(_ adjustment: ImageAdjustment, _ text: String?) throws -> String? {
      try adjustment.check(madeWith: text, dataset: "D", place: "f.npy")
    }
    let right = both.applied(to: plain, size: 224).description
    #expect(try check(both, right) == nil)
    #expect(try check(.none, plain.description) == nil)
    for (adjustment, text) in [
      (both, plain.description), (ImageAdjustment(croppedBorder: 1), right), (.none, right),
      (ImageAdjustment(squashes: true), plain.description),
    ] {
      let error = #expect(throws: EvalError.self) { try check(adjustment, text) }
      #expect(error?.kind == .malformedData && error?.subject == "f.npy")
    }
    // Nobody says, or in words of another program.
    #expect(try check(both, nil)?.contains("not known") == true)
    #expect(try check(both, "Resize(224), CenterCrop(224)")?.contains("a border of 2") == true)
    #expect(try check(.none, nil) == nil)
  }

  @Test func nothingLeftWithinTheBorder() throws {
    var recipe = plain
    recipe.croppedBorder = 2
    let image = RasterImage(mode: .l, width: 4, height: 9, pixels: [UInt8](repeating: 0, count: 36))
    let error = #expect(throws: EvalError.self) { try Preprocessor(recipe).pixels(of: image) }
    #expect(error?.kind == .malformedData && error?.message.contains("4×9") == true)
    recipe.croppedBorder = -1
    #expect(throws: EvalError.self) { try Preprocessor(recipe) }
  }
}
