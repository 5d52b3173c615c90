extension DatasetRegistry {
  /// Image files with folders or lists for labels.
  static let imageFolderDatasets: [any DatasetAdapter] = [
    Food101(), DTD(), SplitFolders.country211, SplitFolders.renderedSST2,
  ]
}
