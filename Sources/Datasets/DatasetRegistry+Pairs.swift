extension DatasetRegistry {
  /// Images with candidates of their own: words of a lexicon, pairs of captions.
  static let pairDatasets: [any DatasetAdapter] = [
    IIIT5K(), SugarCrepe(), Winoground(),
  ]
}
