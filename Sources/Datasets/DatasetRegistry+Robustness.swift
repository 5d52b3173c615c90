extension DatasetRegistry {
  /// Natural shifts of ImageNet and CIFAR-10.
  static let robustnessDatasets: [any DatasetAdapter] = []
}
