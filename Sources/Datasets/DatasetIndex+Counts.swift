extension DatasetIndex {
  /// Samples of each class, in the order of `classes`; of a multi-label dataset, positive ones.
  package var perClassCounts: [Int] {
    if let multiLabels { return multiLabels.counts(of: .positive) }
    var counts = [Int](repeating: 0, count: classes.count)
    for sample in samples { counts[sample.label] += 1 }
    return counts
  }

  /// At most `count` samples spread evenly over the split, in the same order: sample ⌊i·N/count⌋ for each i.
  ///
  /// The result is partial: it matches no variant, and expects the full count.
  package func limited(to count: Int) -> DatasetIndex {
    guard count < samples.count else { return self }
    let n = max(count, 0)
    var index = subset((0..<n).map { $0 * samples.count / n })
    index.expectedCount = expectedCount ?? samples.count
    return index
  }
}
