package import Core

/// A published CLIP model: what it is called, what it is made of, and where its weights are.
package struct CatalogModel: Sendable {
  package enum Architecture: Sendable {
    /// Layers of the image tower, its width, side of a patch in pixels.
    case vision(layers: Int, width: Int, patch: Int)
    /// Blocks of the four stages, width of the stem.
    case resNet(blocks: [Int], width: Int)
  }

  /// One file that holds everything, with the hash its publisher gives.
  package struct File: Sendable {
    package var address: String
    /// The name it has in the models folder.
    package var name: String
    package var sha256: SHA256Digest
    /// As copies of the file have it: for people; the hash decides.
    package var bytes: Int
  }

  /// As results call it: the paper's name, or open_clip's `architecture/pretrained`.
  package var name: String
  /// Other names it is known by; Hugging Face repositories are no part of them.
  package var aliases: [String]
  package var architecture: Architecture
  /// Side of the square input, pixels.
  package var resolution: Int
  /// Of the joint space.
  package var embeddingWidth: Int
  package var textWidth: Int
  package var textLayers: Int
  /// Millions, of the image tower and of the rest.
  package var imageParameters: Double
  package var textParameters: Double
  /// Of the transformers' MLP blocks; a ResNet image tower has ReLU.
  package var activation: Activation
  /// GFLOPs of one image according to the paper; the ViTs' are read off its Figure 10. Nil for other models.
  package var paperGFLOPs: Double?
  /// Nil for models that are published as repositories only.
  package var file: File?
  /// Hugging Face repositories with these weights, the preferred one first.
  package var repositories: [String]

  /// Millions.
  package var parameters: Double { imageParameters + textParameters }
}

extension CatalogModel.Architecture: CustomStringConvertible {
  package var description: String {
    switch self {
    case .vision(let layers, let width, let patch):
      "ViT, patch \(patch), \(layers) layers of \(width)"
    case .resNet(let blocks, let width):
      "ResNet \(blocks.map(String.init).joined(separator: "-")), width \(width)"
    }
  }
}
