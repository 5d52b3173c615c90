import Core
import Foundation
import Imaging
import Testing

@Suite struct PreprocessRecipeTests {
  private func recipe(_ json: String) throws -> PreprocessRecipe {
    try PreprocessRecipe(huggingFaceConfig: Data(json.utf8), name: "preprocessor_config.json")
  }

  @Test func readsTheFormThatOpenAIsModelsHave() throws {
    // openai/clip-vit-base-patch32, as first published.
    let old = try recipe(
      """
      {"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true,
       "feature_extractor_type": "CLIPFeatureExtractor", "resample": 3, "size": 224,
       "image_mean": [0.48145466, 0.4578275, 0.40821073],
       "image_std": [0.26862954, 0.26130258, 0.27577711]}
      """)
    #expect(old == PreprocessRecipe(order: .huggingface, size: 224))
    let new = try recipe(
      """
      {"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336},
       "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_convert_rgb": true}
      """)
    #expect(new == PreprocessRecipe(order: .huggingface, size: 336))
    #expect(try recipe("{}") == PreprocessRecipe(order: .huggingface, size: 224))
  }

  @Test func readsSquashAndSwitches() throws {
    let squash = try recipe(
      #"{"size": {"height": 256, "width": 256}, "do_center_crop": false, "do_normalize": false}"#)
    #expect(squash.resize == .squash(256))
    #expect(squash.crop == .none)
    #expect(squash.mean == [0, 0, 0] && squash.standardDeviation == [1, 1, 1])
    let raw = try recipe(#"{"do_resize": false, "do_rescale": false, "do_normalize": false}"#)
    #expect(raw.resize == .none && !raw.normalizes)
  }

  @Test(arguments: [
    (#"{"resample": 2}"#, "bilinear"), (#"{"rescale_factor": 0.0078125}"#, "rescale_factor"),
    (#"{"do_rescale": false}"#, "do_rescale"), (#"{"do_convert_rgb": false}"#, "do_convert_rgb"),
    (#"{"size": {"height": 224, "width": 200}}"#, "square"),
    (#"{"crop_size": {"height": 224, "width": 200}}"#, "square"),
    (#"{"size": {"longest_edge": 224}}"#, "size"), (#"{"size": 0}"#, "at least 1"),
    (#"{"image_std": [0.5, 0.5]}"#, "deviations"), (#"{"image_std": [0.5, 0, 0.5]}"#, "above 0"),
    (#"{"size": "#, "preprocessor"), ("[]", "preprocessor"),
  ])
  func refuses(json: String, word: String) throws {
    let error = try #require(throws: EvalError.self) { try recipe(json) }
    #expect(error.kind == .malformedData)
    #expect(error.message.contains(word), "\(error)")
    #expect(error.subject == "preprocessor_config.json")
  }

  @Test func describesItself() {
    #expect(
      PreprocessRecipe(order: .openai, size: 224).description
        == "openai|resize(shorter=224,bicubic,antialias)|crop(center=224,half-even)|rgb|scale(1/255)|"
        + "normalize(mean=0.48145467,0.4578275,0.40821072,std=0.26862955,0.2613026,0.2757771)")
    #expect(
      PreprocessRecipe(order: .huggingface, resize: .squash(64), crop: .none, normalizes: false)
        .description == "huggingface|rgb|resize(squash=64,bicubic,antialias)|crop(none)|scale(1)")
  }

  @Test func refusesImpossibleSizes() {
    for size in [0, -3, Int.max] {
      #expect(throws: EvalError.self) {
        try Preprocessor(PreprocessRecipe(order: .openai, size: size))
      }
    }
  }
}
