/// How an image becomes the tensor a model sees. Recorded in every protocol, and hashed with it.
package struct PreprocessRecipe: Hashable, Sendable, Codable {
  /// The two orders that exist in the field; they differ on non-RGB images and odd crop margins.
  package enum Order: String, Sendable, Codable, CaseIterable {
    /// openai/CLIP `_transform`: resize and crop in the image's own mode, then `convert("RGB")`;
    /// crop offsets rounded half to even.
    case openai
    /// transformers `CLIPImageProcessor`: `convert("RGB")` first; crop offsets floored.
    case huggingface
  }

  package enum Resize: Hashable, Sendable, Codable {
    /// The shorter side becomes `n` pixels, the longer side keeps the aspect ratio (truncated).
    case shorterSide(Int)
    /// Both sides become `n` pixels.
    case squash(Int)
    case none
  }

  package enum Crop: Hashable, Sendable, Codable {
    case center(Int)
    case none
  }

  package var order: Order
  /// Pixels cut off each side of the image before anything else.
  package var croppedBorder: Int
  package var resize: Resize
  package var crop: Crop
  /// Per channel (R, G, B), in units of pixels scaled to 0…1.
  package var mean: [Float]
  package var standardDeviation: [Float]
  /// Without it, values stay 0…255.
  package var normalizes: Bool

  package static let openAIMean: [Float] = [0.48145466, 0.4578275, 0.40821073]
  package static let openAIStandardDeviation: [Float] = [0.26862954, 0.26130258, 0.27577711]

  package init(
    order: Order, resize: Resize, crop: Crop, croppedBorder: Int = 0, mean: [Float] = openAIMean,
    standardDeviation: [Float] = openAIStandardDeviation, normalizes: Bool = true
  ) {
    self.order = order
    self.croppedBorder = croppedBorder
    self.resize = resize
    self.crop = crop
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.normalizes = normalizes
  }

  /// The paper's preprocessing for an `n`-pixel model, in the given order.
  package init(order: Order, size n: Int) {
    self.init(order: order, resize: .shorterSide(n), crop: .center(n))
  }
}
