extension DatasetRegistry {
  /// Natural shifts of ImageNet and CIFAR-10.
  static let robustnessDatasets: [any DatasetAdapter] =
    ImageNetV2.all
    + [
      ImageNetShift.sketch, ImageNetShift.adversarial, ImageNetShift.renditions, ObjectNet(),
      ImageNetVidRobust(), YTBBRobust(),
    ]
}
