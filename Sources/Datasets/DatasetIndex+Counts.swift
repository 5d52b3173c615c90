extension DatasetIndex {
  /// What is counted and scored: samples, or clips where several frames stand for one.
  package var unitCount: Int { clips?.count ?? samples.count }

  /// Samples, or clips, of each class, in the order of `classes`; of a multi-label dataset, positive ones.
  package var perClassCounts: [Int] {
    if let multiLabels { return multiLabels.counts(of: .positive) }
    var counts = [Int](repeating: 0, count: classes.count)
    for sample in clips?.firsts ?? Array(samples.indices) { counts[samples[sample].label] += 1 }
    return counts
  }

  /// The samples that `limited(to:)` takes: sample ⌊i·N/count⌋ for each i; of frames in sets, whole sets; of several frames a
  /// clip, all of clip ⌊i·N/count⌋.
  package func positions(limitedTo count: Int) -> [Int] {
    guard count < unitCount else { return Array(samples.indices) }
    if let frameSets { return frameSets.wholeSets(within: count) }
    let n = max(count, 0)
    guard let clips else { return (0..<n).map { $0 * samples.count / n } }
    let firsts = clips.firsts
    let wanted = Set((0..<n).map { clips.numbers[firsts[$0 * firsts.count / n]] })
    return samples.indices.filter { wanted.contains(clips.numbers[$0]) }
  }

  /// At most `count` samples, or clips, spread evenly over the split, in the same order; of frames in sets, whole sets, one at
  /// least.
  ///
  /// The result is partial: it matches no variant, and expects the full count.
  package func limited(to count: Int) -> DatasetIndex {
    guard count < unitCount else { return self }
    var index = self
    let taken = positions(limitedTo: count)
    index.samples = taken.map { samples[$0] }
    index.multiLabels = multiLabels?.rows(taken)
    index.captions = captions?.restricted(to: taken)
    index.composition = composition?.restricted(to: taken)
    index.groups = groups?.rows(taken)
    index.folds = folds?.rows(taken)
    index.frameSets = frameSets?.restricted(to: taken)
    index.clips = clips?.rows(taken)
    index.candidates = candidates?.rows(taken)
    index.variant = nil
    index.expectedCount = expectedCount ?? unitCount
    index.fingerprint = Self.indexFingerprint(
      index.samples, classes: classes, multiLabels: index.multiLabels)
    return index
  }
}
