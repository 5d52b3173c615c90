import CLIPModels

/// What an image costs a model, as figures about scale need it.
package struct ModelCost: Codable, Sendable, Equatable {
  package enum Source: String, Codable, Sendable {
    /// As the paper prints it, or as it is read off its plot.
    case paper
    /// From the model's shape.
    case computed
  }

  /// As results call it.
  package var model: String
  /// `ViT` or `ResNet`.
  package var family: String
  /// Multiply-adds of one image, 10⁹: what the paper calls GFLOPs.
  package var gflops: Double
  package var source: Source

  /// The paper's number where it has one, else that of the shape.
  init(_ model: String, _ vision: VisionConfiguration) {
    if let published = ModelCost(published: model) {
      self = published
    } else {
      (self.model, family, gflops) = (model, vision.family, vision.forwardGFLOPs)
      source = .computed
    }
  }

  /// - Returns: nil for a model of which the paper tells none.
  init?(published model: String) {
    guard let known = ModelCatalog.models.first(where: { $0.name == model }),
      let gflops = known.paperGFLOPs
    else { return nil }
    (self.model, self.gflops, source) = (model, gflops, .paper)
    family =
      switch known.architecture {
      case .vision: "ViT"
      case .resNet: "ResNet"
      }
  }
}
