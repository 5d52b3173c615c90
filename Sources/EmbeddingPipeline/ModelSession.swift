package import CLIPModels
package import Core
package import EmbeddingStore
package import Foundation
package import Imaging
import LinearAlgebra
package import Neural

/// A checkpoint made ready for use: its preprocessing, its tokenizer and, when asked for, its towers.
package struct ModelSession: Sendable {
  package let checkpoint: Checkpoint
  package let recipe: PreprocessRecipe
  /// What its towers compute in.
  package let precision: TowerPrecision

  /// - Parameters:
  ///   - preprocessing: overrides what the checkpoint and its format say.
  ///   - activation: overrides what the checkpoint says.
  package init(
    _ url: URL, preprocessing: PreprocessOverrides = PreprocessOverrides(),
    activation: Activation? = nil, precision: TowerPrecision = .fp32
  ) throws {
    try precision.requireSupport()
    self.precision = precision
    checkpoint = try Checkpoint(url, activation: activation)
    let config = checkpoint.folder.appending(path: "preprocessor_config.json")
    let size = checkpoint.configuration.vision.imageSize
    let own =
      FileManager.default.fileExists(atPath: config.path)
      ? try PreprocessRecipe(huggingFaceConfigAt: config)
      : PreprocessRecipe(order: .huggingface, size: size)
    recipe = preprocessing.applied(to: own, size: size)
  }

  package func imageTower(batchSize: Int? = nil) throws -> any ImageTower {
    try checkpoint.imageTower(batchSize: batchSize, precision: precision)
  }

  /// A tower for `count` images: when they do not fill a batch, its batches are no larger than that.
  package func imageTower(forImages count: Int) throws -> any ImageTower {
    try checkpoint.imageTower(forImages: count, precision: precision)
  }

  package func textTower() throws -> TextTransformer {
    try checkpoint.textTower(precision: precision)
  }

  package func tokenizer() throws -> CLIPTokenizer {
    try CLIPTokenizer(
      contentsOf: checkpoint.folder,
      contextLength: checkpoint.configuration.contextLength)
  }

  package func imageKey(
    weights: SHA256Digest, kind: FeatureKind, batchSize: Int
  ) -> ImageFeatureKey {
    ImageFeatureKey(
      weights: weights, settings: checkpoint.configuration.vision.settings,
      preprocessing: recipe.description, precision: precision.rawValue,
      featureKind: kind.rawValue,
      batchSize: batchSize, kernels: .current)
  }
}
