extension DatasetIndex {
  /// Samples of each class, in the order of `classes`; of a multi-label dataset, positive ones.
  package var perClassCounts: [Int] {
    if let multiLabels { return multiLabels.counts(of: .positive) }
    var counts = [Int](repeating: 0, count: classes.count)
    for sample in samples { counts[sample.label] += 1 }
    return counts
  }

  /// The samples that `limited(to:)` takes: sample ⌊i·N/count⌋ for each i; of frames in sets, whole sets.
  package func positions(limitedTo count: Int) -> [Int] {
    guard count < samples.count else { return Array(samples.indices) }
    if let frameSets { return frameSets.wholeSets(within: count) }
    let n = max(count, 0)
    return (0..<n).map { $0 * samples.count / n }
  }

  /// At most `count` samples spread evenly over the split, in the same order; of frames in sets, whole sets, one at least.
  ///
  /// The result is partial: it matches no variant, and expects the full count.
  package func limited(to count: Int) -> DatasetIndex {
    guard count < samples.count else { return self }
    var index = self
    let taken = positions(limitedTo: count)
    index.samples = taken.map { samples[$0] }
    index.multiLabels = multiLabels?.rows(taken)
    index.captions = captions?.restricted(to: taken)
    index.groups = groups?.rows(taken)
    index.folds = folds?.rows(taken)
    index.frameSets = frameSets?.restricted(to: taken)
    index.variant = nil
    index.expectedCount = expectedCount ?? samples.count
    index.fingerprint = Self.indexFingerprint(
      index.samples, classes: classes, multiLabels: index.multiLabels)
    return index
  }
}
