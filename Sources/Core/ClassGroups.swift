/// Classes that a classifier of other classes, the base's, answers for: each is a group of one or several of them (ObjectNet's `chair` is
/// three kinds of chairs of ImageNet). Base classes of no group may not be chosen.
package struct ClassGroups: Sendable, Equatable {
  /// Of each group the positions of its base classes, rising; none is empty, and no base class is in two.
  package let members: [[Int]]
  /// Of each base class its group; nil where it may not be chosen.
  package let groupOfBase: [Int?]

  /// - Parameters:
  ///   - members: of each group the positions of its base classes, in any order.
  ///   - baseCount: classes of the base.
  /// - Throws: `EvalError.malformedData` for a group without a class, and a class that is none of the base's or in two groups.
  package init(_ members: [[Int]], baseCount: Int) throws(EvalError) {
    var groupOfBase = [Int?](repeating: nil, count: baseCount)
    for (group, classes) in members.enumerated() {
      guard !classes.isEmpty else {
        throw EvalError(.malformedData, "group \(group) has no class of the base")
      }
      for position in classes {
        guard groupOfBase.indices.contains(position) else {
          throw EvalError(.malformedData, "\(position) is none of \(baseCount) classes of the base")
        }
        if let other = groupOfBase[position] {
          throw EvalError(
            .malformedData, "class \(position) of the base is in the groups \(other) and \(group)")
        }
        groupOfBase[position] = group
      }
    }
    self.members = members.map { $0.sorted() }
    self.groupOfBase = groupOfBase
  }

  package var count: Int { members.count }
  package var baseCount: Int { groupOfBase.count }
  /// The base classes that may be chosen, rising.
  package var choices: [Int] { groupOfBase.indices.filter { groupOfBase[$0] != nil } }
}
