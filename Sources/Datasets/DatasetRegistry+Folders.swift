extension DatasetRegistry {
  /// Image files with folders or lists for labels.
  static let imageFolderDatasets: [any DatasetAdapter] = []
}
