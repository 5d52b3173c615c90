extension DatasetRegistry {
  /// Image files with folders or lists for labels.
  static let imageFolderDatasets: [any DatasetAdapter] = [
    Food101(), Birdsnap(), SUN397(), StanfordCars(), FGVCAircraft(), DTD(), Flowers102(),
    FER2013(), RESISC45(), GTSRB(), SplitFolders.country211, SplitFolders.renderedSST2,
  ]
}
