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
  /// What results call the model.
  package var name: String
  /// The catalog's word on the weights, where the model was found by a name of the catalog.
  var located: LocatedModel?
  package let recipe: PreprocessRecipe
  /// Whether the user chose how images are resized, which no dataset then changes.
  package let resizeIsChosen: Bool
  /// What its towers compute in.
  package let precision: TowerPrecision

  /// - Parameters:
  ///   - preprocessing: overrides what the checkpoint and its format say.
  ///   - activation: overrides what the checkpoint says.
  /// - Throws: `EvalError.usage` for an embeddings folder; what `Checkpoint` throws.
  package init(
    _ url: URL, preprocessing: PreprocessOverrides = PreprocessOverrides(),
    activation: Activation? = nil, precision: TowerPrecision = .fp32
  ) throws {
    try precision.requireSupport()
    guard !EmbeddingsFolder.recognises(url) else {
      throw EvalError(
        .usage, "is a folder of features; the model itself is needed here", subject: url.path,
        remedy: "Name the checkpoint that made them. Features stand in for a model in `run` alone.")
    }
    self.precision = precision
    checkpoint = try Checkpoint(url, activation: activation)
    name = checkpoint.name
    resizeIsChosen = preprocessing.resize != nil
    recipe = preprocessing.applied(
      to: try checkpoint.preprocessing(), size: checkpoint.configuration.vision.imageSize)
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

  package func tokenizer() throws -> CLIPTokenizer { try checkpoint.tokenizer() }

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
