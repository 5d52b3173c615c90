package import CLIPModels
package import Core
import Foundation
package import Imaging
package import Neural

extension ModelSession {
  /// A model that was named by the user and found: results call it as the locator does.
  ///
  /// - Throws: `EvalError.malformedData` when it is not what the catalog describes under its name.
  package init(
    _ model: LocatedModel, preprocessing: PreprocessOverrides = PreprocessOverrides(),
    activation: Activation? = nil, precision: TowerPrecision = .fp32
  ) throws {
    try self.init(
      model.url, preprocessing: preprocessing, activation: activation, precision: precision)
    name = model.name
    located = model
    try model.check(checkpoint)
  }

  /// Compares the weights with the catalog's hash, where the model was found by a name that has one.
  /// - Throws: `EvalError.malformedData` when they are others.
  package func checkWeights() throws {
    if located?.weightsSHA256 != nil { _ = try weightsHash() }
  }

  /// SHA-256 of the weight file.
  /// - Throws: `EvalError.malformedData` when the model was named by the catalog and the catalog's hash is another.
  package func weightsHash() throws -> SHA256Digest {
    let hash = try checkpoint.weightsHash()
    try located?.check(weights: hash)
    return hash
  }
}
