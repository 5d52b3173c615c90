import CLIPModels
import Foundation
import Testing

@Suite struct ForwardCostTests {
  /// The paper's ResNets as it prints them in Figures 4 and 9.
  @Test(
    "ResNets cost what the paper prints, within 2 %",
    arguments: [
      (224, 64, [3, 4, 6, 3], 1024, 6.1), (224, 64, [3, 4, 23, 3], 512, 9.9),
      (288, 80, [4, 6, 10, 6], 640, 21.5), (384, 96, [6, 8, 18, 8], 768, 75.3),
      (448, 128, [3, 15, 36, 10], 1024, 265.9),
    ])
  func resNets(pixels: Int, width: Int, stages: [Int], embedding: Int, printed: Double) {
    let vision = VisionConfiguration.resNet(
      ResNetConfiguration(
        imageSize: pixels, width: width, stages: stages, heads: width / 2,
        embeddingWidth: embedding))
    #expect(abs(vision.forwardGFLOPs / printed - 1) < 0.02)
    #expect(vision.family == "ResNet")
  }

  /// Counted by hand: patches, then layers of 4 w² + 8 w² a token and 2 T² w, then the projection.
  @Test(
    "ViTs cost what their shape says, and what Figure 10 shows within 2 %",
    arguments: [
      (224, 32, 768, 12, 512, 4_408_811_520.0, 4.4), (224, 16, 768, 12, 512, 17_563_453_440, 17.8),
      (224, 14, 1024, 24, 768, 81_012_768_768, 81),
      (336, 14, 1024, 24, 768, 190_959_894_528, 192),
    ])
  func visionTransformers(
    pixels: Int, patch: Int, width: Int, layers: Int, embedding: Int, count: Double, shown: Double
  ) throws {
    let text = """
      {"imageSize": \(pixels), "patchSize": \(patch), "embeddingWidth": \(embedding), "transformer": {"width": \(width),
      "layers": \(layers), "heads": \(width / 64), "mlpWidth": \(4 * width), "activation": "gelu", "layerNormEpsilon": 1e-5}}
      """
    let vision = VisionConfiguration.transformer(
      try JSONDecoder().decode(VisionTransformerConfiguration.self, from: Data(text.utf8)))
    #expect(vision.forwardGFLOPs * 1e9 == count)
    #expect(abs(vision.forwardGFLOPs / shown - 1) < 0.02)
    #expect(vision.family == "ViT")
  }
}
