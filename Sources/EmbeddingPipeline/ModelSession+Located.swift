package import CLIPModels
package import Core
import Foundation
package import Imaging
package import Neural

extension ModelSession {
  /// A model that was named by the user and found: results call it as the locator does.
  package init(
    _ model: LocatedModel, preprocessing: PreprocessOverrides = PreprocessOverrides(),
    activation: Activation? = nil, precision: TowerPrecision = .fp32
  ) throws {
    try self.init(
      model.url, preprocessing: preprocessing, activation: activation, precision: precision)
    name = model.name
    located = model
  }

  /// SHA-256 of the weight file.
  /// - Throws: `EvalError.malformedData` when the model was named by the catalog and the catalog's hash is another.
  package func weightsHash() throws -> SHA256Digest {
    let hash = try checkpoint.weightsHash()
    try located?.check(weights: hash)
    return hash
  }
}
