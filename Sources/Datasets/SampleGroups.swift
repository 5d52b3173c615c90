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

  /// The groups of these samples and then of more.
  /// - Parameter sharingNumbers: groups of one number are one; otherwise none of the two is the other's.
  func followed(by more: SampleGroups, sharingNumbers: Bool = false) -> SampleGroups {
    var groups = self
    let offset = sharingNumbers ? 0 : (numbers.max() ?? -1) + 1
    groups.numbers += more.numbers.map { $0 + offset }
    return groups
  }
}
