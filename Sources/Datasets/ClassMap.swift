package import Core
package import Prompts

/// Which classes of a dataset, the base, stand for the classes of another, its shift: what a classifier of the base's classes is
/// restricted to, and by which of them an image of the shift is right.
///
/// Classes are joined by id, or by alias or name through the base's class names, never by position. ObjectNet, ImageNet-Vid-Robust and
/// YTBB-Robust, whose classes are several of ImageNet's, have maps of their own (`ImageNetClassMaps`).
package struct ClassMap: Sendable, Equatable {
  /// A group for each of `matched`, in that order.
  package let groups: ClassGroups
  /// Positions of the shift's classes that the base has, rising.
  package let matched: [Int]
  /// Ids of those that it lacks. Images that show nothing else are never right where the map says so, else they are left out.
  package let unmatched: [String]
  /// Images of `unmatched` count, and are wrong: how imagenet-testbed counts YTBB-Robust's.
  package let countsUnmatched: Bool
  /// Over the ids: which class of the shift is which of the base.
  package let hash: SHA256Digest

  /// - Parameters:
  ///   - names: the base's class names, through whose aliases and names classes are joined that share no id; nil for none.
  ///   - leavesOutUnmatched: classes that the base lacks are left out rather than an error.
  /// - Throws: `EvalError.malformedData` naming the classes that the base lacks, or two of the shift that are one of the base.
  package init(
    shift: (id: String, classes: [DatasetClass]), base: (id: String, classes: [DatasetClass]),
    names: PromptSet? = nil, leavesOutUnmatched: Bool = false
  ) throws {
    let found: [[Int]]
    if let known = ImageNetClassMaps.map(of: shift.id),
      base.classes.contains(where: { ImageNetClasses.isWordNetID($0.id) })
    {
      found = try Self.positions(known, shift: shift, base: base)
      countsUnmatched = true
    } else {
      found = try Self.positions(shift: shift, base: base, names: names)
      countsUnmatched = false
    }
    matched = found.indices.filter { !found[$0].isEmpty }
    let missing = found.indices.filter { found[$0].isEmpty }.map { shift.classes[$0].id }
    guard !matched.isEmpty else {
      throw EvalError(
        .malformedData, "none of the \(shift.classes.count) classes is one of \(base.id)'s",
        subject: shift.id, remedy: "A shift shares its base's classes.")
    }
    guard missing.isEmpty || countsUnmatched || leavesOutUnmatched else {
      throw EvalError(
        .malformedData,
        "\(missing.count) of \(shift.classes.count) classes are none of \(base.id)'s: \(missing.prefix(5).joined(separator: ", "))\(missing.count > 5 ? ", …" : "")",
        subject: shift.id,
        remedy:
          "Add them as aliases to the class names of \(base.id), or say `unmatched: leave-out` to evaluate the others."
      )
    }
    unmatched = missing
    groups = try ClassGroups(matched.map { found[$0] }, baseCount: base.classes.count)
    hash = Self.hash(found, shift: shift.classes, base: base.classes, counts: countsUnmatched)
  }

  /// By a map of the program's.
  private static func positions(
    _ known: [String: [String]], shift: (id: String, classes: [DatasetClass]),
    base: (id: String, classes: [DatasetClass])
  ) throws(EvalError) -> [[Int]] {
    let position = Dictionary(
      base.classes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [[Int]] = []
    for entry in shift.classes {
      var found: [Int] = []
      for id in known[entry.id] ?? [] {
        guard let place = position[id] else {
          throw EvalError(
            .malformedData, "the class \(entry.id) is \(id) among others, which \(base.id) lacks",
            subject: shift.id)
        }
        found.append(place)
      }
      result.append(found)
    }
    return result
  }

  /// One to one, by id, alias or name; as `ClassJoin`, by its name where the id is a number and the name another class's.
  private static func positions(
    shift: (id: String, classes: [DatasetClass]), base: (id: String, classes: [DatasetClass]),
    names: PromptSet?
  ) throws -> [[Int]] {
    let own = try PromptSet(
      dataset: base.id, name: "ids", version: 1, source: "the dataset's own files",
      classes: base.classes.map { PromptSet.ClassNames(id: $0.id, names: [$0.name]) },
      templates: [])
    // Which of the base's classes each entry of its class names is.
    let named = names.map { set in
      (
        set: set,
        position: Dictionary(
          ClassJoin.matches(of: base.classes.map { ($0.id, $0.name) }, in: set).enumerated()
            .compactMap { position, found in
              found.count == 1 ? (found[0], position) : nil
            }, uniquingKeysWith: { first, _ in first })
      )
    }
    let entries = shift.classes.map { ($0.id, $0.name) }
    let ownMatches = ClassJoin.matches(of: entries, in: own)
    let namedMatches = named.map { ClassJoin.matches(of: entries, in: $0.set) }
    var owner: [Int: String] = [:]
    var result: [[Int]] = []
    for (number, entry) in shift.classes.enumerated() {
      let own = ownMatches[number]
      let aliases =
        namedMatches?[number].compactMap { named?.position[$0] } ?? []
      let isSameID = own.count == 1 && base.classes[own[0]].id == entry.id
      let found = isSameID ? own : Set(own + aliases).sorted()
      guard found.count < 2 else {
        throw EvalError(
          .malformedData,
          "the class \(entry.id) may be \(found.map { base.classes[$0].id }.joined(separator: " or ")) of \(base.id)",
          subject: shift.id)
      }
      if let place = found.first, let other = owner.updateValue(entry.id, forKey: place) {
        throw EvalError(
          .malformedData,
          "the classes \(other) and \(entry.id) are both \(base.classes[place].id) of \(base.id)",
          subject: shift.id)
      }
      result.append(found)
    }
    return result
  }

  /// Over the lines `class of the shift \0 class of the base \0 …`, sorted by the former.
  private static func hash(
    _ found: [[Int]], shift: [DatasetClass], base: [DatasetClass], counts: Bool
  ) -> SHA256Digest {
    let lines = zip(shift, found).map { entry, positions in
      ([entry.id] + positions.map { base[$0].id }.sorted(by: bytewise)).joined(separator: "\0")
    }
    return SHA256.hash(
      (counts ? "unmatched count\n" : "")
        + lines.sorted(by: bytewise).map { $0 + "\n" }.joined())
  }
}
