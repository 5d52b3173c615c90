/// Frames of videos in sets, each an anchor and the frames around it that show the same (Shankar et al. 2019). A set is right as a
/// whole, or not.
package struct FrameSets: Sendable, Equatable {
  /// The set of each frame, by number from 0.
  package private(set) var numbers: [Int]
  /// Of each frame.
  package private(set) var isAnchor: [Bool]
  /// Frames of each set, the anchor among them, whether or not `numbers` still has all of them.
  package private(set) var sizes: [Int]
  /// Sets of the complete split.
  package var expectedCount: Int

  /// - Parameters:
  ///   - numbers: the set of each frame, from 0 without gaps.
  ///   - isAnchor: true for one frame of each set.
  package init(numbers: [Int], isAnchor: [Bool]) {
    precondition(numbers.count == isAnchor.count)
    self.numbers = numbers
    self.isAnchor = isAnchor
    sizes = [Int](repeating: 0, count: (numbers.max() ?? -1) + 1)
    for number in numbers { sizes[number] += 1 }
    expectedCount = sizes.count
  }

  /// As predictions record them.
  /// - Parameter sizesOfFrames: of each frame, the size of its set.
  /// - Returns: nil where the numbers cannot be so.
  package init?(numbers: [Int], sizesOfFrames: [Int], isAnchor: [Bool]) {
    guard numbers.count == isAnchor.count, numbers.count == sizesOfFrames.count,
      numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 31 })
    else { return nil }
    var known: [Int: Int] = [:]
    var renumbered: [Int] = []
    var sizes: [Int] = []
    for (number, size) in zip(numbers, sizesOfFrames) {
      let set = known[number] ?? sizes.count
      if known.updateValue(set, forKey: number) == nil { sizes.append(size) }
      renumbered.append(set)
    }
    self.init(numbers: renumbered, isAnchor: isAnchor)
    self.sizes = sizes
    expectedCount = sizes.count
  }

  /// Some of the frames. Sets that have lost some keep their sizes.
  package func rows(_ rows: [Int]) -> FrameSets {
    var sets = self
    sets.numbers = rows.map { numbers[$0] }
    sets.isAnchor = rows.map { isAnchor[$0] }
    return sets
  }

  /// The frames of whole sets, in order: sets spread evenly, at most `count` frames together, but one set at least.
  package func wholeSets(within count: Int) -> [Int] {
    guard count < numbers.count else { return Array(numbers.indices) }
    let members = self.members
    let wanted = max(1, count * sizes.count / max(numbers.count, 1))
    var taken: [Int] = []
    for set in (0..<wanted).map({ members[$0 * sizes.count / wanted] }) {
      guard taken.isEmpty || taken.count + set.count <= count else { break }
      taken += set
    }
    return taken.sorted()
  }

  /// The sets that are left when nothing else was asked for.
  package func restricted(to rows: [Int]) -> FrameSets {
    var known: [Int: Int] = [:]
    let renumbered = rows.map { row in
      let set = known[numbers[row]] ?? known.count
      known[numbers[row]] = set
      return set
    }
    var sets = FrameSets(numbers: renumbered, isAnchor: rows.map { isAnchor[$0] })
    sets.expectedCount = expectedCount
    return sets
  }

  private var members: [[Int]] {
    var members = [[Int]](repeating: [], count: sizes.count)
    for (frame, number) in numbers.enumerated() { members[number].append(frame) }
    return members
  }
}
