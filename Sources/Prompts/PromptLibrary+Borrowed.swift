extension PromptLibrary {
  /// Datasets of another one's classes, joined by WordNet id: a set they do not have themselves is that one's, and results name it
  /// so (`ImageNet/openai-2021`).
  package static let lenders = [
    "ImageNetV2": "ImageNet", "ImageNetV2-threshold0.7": "ImageNet",
    "ImageNetV2-topimages": "ImageNet", "ImageNet-A": "ImageNet", "ImageNet-R": "ImageNet",
    "ImageNet-Sketch": "ImageNet",
  ]
}
