package import CLIPModels
package import Core
package import EmbeddingStore
package import Foundation
package import Imaging
import LinearAlgebra

/// A checkpoint made ready for use: its preprocessing, its tokenizer and, when asked for, its towers.
package struct ModelSession: Sendable {
  package let checkpoint: Checkpoint
  package let recipe: PreprocessRecipe

  /// - Parameters:
  ///   - preprocessing: overrides what the checkpoint and its format say.
  ///   - activation: overrides what the checkpoint says.
  package init(
    _ url: URL, preprocessing: PreprocessOverrides = PreprocessOverrides(),
    activation: Activation? = nil
  ) throws {
    checkpoint = try Checkpoint(url, activation: activation)
    recipe = preprocessing.applied(
      to: try checkpoint.preprocessing(), size: checkpoint.configuration.vision.imageSize)
  }

  package func imageTower(batchSize: Int? = nil) throws -> any ImageTower {
    try checkpoint.imageTower(batchSize: batchSize)
  }

  /// A tower for `count` images: when they do not fill a batch, its batches are no larger than that.
  package func imageTower(forImages count: Int) throws -> any ImageTower {
    try checkpoint.imageTower(forImages: count)
  }

  package func textTower() throws -> TextTransformer { try checkpoint.textTower() }

  package func tokenizer() throws -> CLIPTokenizer { try checkpoint.tokenizer() }

  package func imageKey(
    weights: SHA256Digest, kind: FeatureKind, batchSize: Int
  ) -> ImageFeatureKey {
    ImageFeatureKey(
      weights: weights, settings: checkpoint.configuration.vision.settings,
      preprocessing: recipe.description, precision: TowerPrecision.fp32.rawValue,
      featureKind: kind.rawValue,
      batchSize: batchSize, kernels: .current)
  }
}
