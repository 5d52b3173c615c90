/// For each of N samples the classes that it may be: its own list, where samples do not share one.
package struct CandidateLists: Sendable, Equatable {
  /// Where each sample's list ends in `classes`.
  private var ends: [Int] = []
  private var classes: [Int32] = []

  package init() {}

  package var count: Int { ends.count }

  /// The list of one more sample; numbers that are repeated count once.
  package mutating func append(_ list: some Sequence<Int>) {
    classes += Set(list).sorted().map { Int32(clamping: $0) }
    ends.append(classes.count)
  }

  /// Rising class numbers.
  package func row(_ sample: Int) -> ArraySlice<Int32> {
    classes[(sample > 0 ? ends[sample - 1] : 0)..<ends[sample]]
  }

  /// Some of the samples, in the given order.
  package func rows(_ wanted: some Sequence<Int>) -> CandidateLists {
    var result = CandidateLists()
    for sample in wanted {
      result.classes += row(sample)
      result.ends.append(result.classes.count)
    }
    return result
  }

  /// What choosing uniformly from each sample's own list is expected to give, when the right one is among them and the first
  /// `choices` count: the mean of `choices` / length. Nil without samples.
  package func chance(choices: Int) -> Double? {
    guard count > 0 else { return nil }
    let lengths = Dictionary(grouping: (0..<count).map { row($0).count }) { $0 }
    // By length: a sum of thousands of equal terms would gather rounding errors.
    let sum = lengths.sorted { $0.key < $1.key }.reduce(0.0) { sum, entry in
      let (length, samples) = entry
      guard length > 0 else { return sum }
      return sum + Double(samples.count * min(choices, length)) / Double(length)
    }
    return sum / Double(count)
  }
}
