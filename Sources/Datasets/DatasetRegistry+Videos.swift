extension DatasetRegistry {
  /// Clips of which frames are classified.
  static let videoDatasets: [any DatasetAdapter] = [UCF101(), Kinetics700()]
}
