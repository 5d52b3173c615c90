/// Samples that belong together and are no independent draws: frames around an anchor, clips cut from one video, images of one
/// drive. Intervals are bootstrapped over whole groups.
package struct SampleGroups: Sendable, Equatable {
  /// What a group is, in the plural, as `intervalMethod` says it: `drives`, `source groups`, `anchors`.
  package var unit: String
  /// The group of each sample: numbers from 0.
  package private(set) var numbers: [Int]

  /// - Parameter keys: of each sample, the name of its group.
  package init(unit: String, keys: some Sequence<String>) {
    self.unit = unit
    var known: [String: Int] = [:]
    numbers = keys.map { key in
      if let number = known[key] { return number }
      let number = known.count
      known[key] = number
      return number
    }
  }

  package func rows(_ rows: [Int]) -> SampleGroups {
    var groups = self
    groups.numbers = rows.map { numbers[$0] }
    return groups
  }

  /// The samples of each group that has any, in the order of the groups' numbers.
  package var members: [[Int]] {
    var members: [Int: [Int]] = [:]
    for (sample, number) in numbers.enumerated() { members[number, default: []].append(sample) }
    return members.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// How the samples of a split hang together: in which units they are drawn, and which of them are averaged apart.
package struct SampleStructure: Sendable, Equatable {
  /// Nil where samples are independent draws.
  package var groups: SampleGroups?
  /// Nil for one split; of several, metrics are the mean over them.
  package var folds: SampleGroups?

  package init(groups: SampleGroups? = nil, folds: SampleGroups? = nil) {
    self.groups = groups
    self.folds = folds
  }

  package static let independent = SampleStructure()

  package func rows(_ rows: [Int]) -> SampleStructure {
    SampleStructure(groups: groups?.rows(rows), folds: folds?.rows(rows))
  }
}
