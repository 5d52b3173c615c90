/// Whether a checkpoint that goes by a model's name can be that model.
extension CatalogModel {
  /// The first thing in which a checkpoint differs from the model, as "what: expected …, found …"; nil when its architecture
  /// and sizes are the model's.
  package func conflict(with checkpoint: Checkpoint) -> String? {
    let found = checkpoint.configuration
    func difference(
      _ what: String, _ expected: some Equatable & CustomStringConvertible, _ found: String
    )
      -> String?
    { expected.description == found ? nil : "\(what): expected \(expected), found \(found)" }
    let image =
      switch found.vision {
      case .transformer(let vision):
        Architecture.vision(
          layers: vision.transformer.layers, width: vision.transformer.width,
          patch: vision.patchSize)
      case .resNet(let vision): Architecture.resNet(blocks: vision.stages, width: vision.width)
      }
    // A user's own --activation is no claim of the checkpoint; the protocol records it.
    let activations =
      checkpoint.activationIsChosen
      ? [] : [found.text.activation] + [found.vision.activation].compactMap(\.self)
    return difference("image tower", architecture.description, image.description)
      ?? difference("input side", resolution, "\(found.vision.imageSize)")
      ?? difference("joint width", embeddingWidth, "\(found.embeddingWidth)")
      ?? difference("text layers", textLayers, "\(found.text.layers)")
      ?? difference("text width", textWidth, "\(found.text.width)")
      ?? activations.first { $0 != activation }
      .map { "activation: expected \(activation.rawValue), found \($0.rawValue)" }
  }
}
