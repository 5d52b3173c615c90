extension DatasetRegistry {
  /// Labels and often pixels in files of a form of their own.
  static let recordDatasets: [any DatasetAdapter] =
    [STL10(), SVHN(), PCam(), HatefulMemes(), KITTI(), CLEVRCounts(), CIFAR101()]
    + FairFace.adapters + UTKFace.adapters + [SVHNFull()] + UserClasses.adapters
}
