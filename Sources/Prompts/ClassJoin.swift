import Core

/// The prompt names of a dataset's classes, in the dataset's class order.
package struct ClassJoin: Sendable, Equatable {
  /// For each dataset class, its names in the prompt set.
  package var names: [[String]]
  /// For each dataset class, its position among the prompt set's classes.
  package var positions: [Int]
  /// Ids of the prompt set's classes that no dataset class uses, in the set's order. Not an error: a subset of ImageNet
  /// is joined to all of its names.
  package var unusedIDs: [String]

  /// Matches each class by its id; failing that by an alias; failing that by a name as `PromptSet.normalized` has it. Never by
  /// position: where an id is a bare number and the name is another class's, the number is taken for a place in some copy's
  /// list, and the name decides.
  /// - Parameter dataset: what messages call the dataset.
  /// - Throws: `EvalError.malformedData` naming every class that matches nothing, several or an already matched class.
  package static func join(
    classes: [(id: String, name: String)], with set: PromptSet, dataset: String? = nil
  ) throws -> ClassJoin {
    let index = PromptClassIndex(set)
    var problems: [String] = []
    var matches: [Int] = []
    var owner: [Int: String] = [:]
    for entry in classes {
      let found = index.matches(id: entry.id, name: entry.name)
      let label = entry.id == entry.name ? "\"\(entry.id)\"" : "\"\(entry.id)\" (\(entry.name))"
      guard found.count == 1, let match = found.first else {
        problems.append(
          found.isEmpty
            ? label + index.hint(for: entry.name, countSoFar: problems.count)
            : "\(label) matches several: "
              + found.map { set.classes[$0].id }.joined(separator: ", "))
        continue
      }
      if let other = owner.updateValue(label, forKey: match) {
        problems.append("\(label) matches \(set.classes[match].id), as \(other) does")
      }
      matches.append(match)
    }
    guard problems.isEmpty else {
      throw EvalError(
        .malformedData,
        "\(problems.count) of \(classes.count) classes do not join to one class name each: "
          + problems.joined(separator: "; ") + ".",
        subject: [dataset, set.reference].compactMap(\.self).joined(separator: " with "),
        remedy: "Add the missing ids or aliases to the prompt set.")
    }
    return ClassJoin(
      names: matches.map { set.classes[$0].names }, positions: matches,
      unusedIDs: set.classes.indices.filter { owner[$0] == nil }.map { set.classes[$0].id })
  }

  /// Of each class the positions of the set's classes that it matches, likewise; none where nothing does.
  package static func matches(
    of classes: [(id: String, name: String)], in set: PromptSet
  ) -> [[Int]] {
    let index = PromptClassIndex(set)
    return classes.map { index.matches(id: $0.id, name: $0.name) }
  }
}

/// A prompt set's classes by everything they may be found under.
private struct PromptClassIndex {
  /// Searching near misses costs a distance for every known name; a list of a thousand unmatched classes needs none.
  private static let hintLimit = 20

  private var byID: [String: Int] = [:]
  private var byAlias: [String: Int] = [:]
  private var byName: [String: Set<Int>] = [:]
  private let candidates: [String]

  init(_ set: PromptSet) {
    for (index, entry) in set.classes.enumerated() {
      byID[entry.id] = index
      for alias in entry.aliases { byAlias[alias] = index }
      for text in [entry.id] + entry.aliases + entry.names {
        byName[PromptSet.normalized(text), default: []].insert(index)
      }
    }
    candidates = set.classes.flatMap { [$0.id] + $0.names }
  }

  func matches(id: String, name: String) -> [Int] {
    if id != name, id.allSatisfy({ $0.isASCII && $0.isNumber }),
      let named = byName[PromptSet.normalized(name)], named.count == 1
    {
      return Array(named)
    }
    if let index = byID[id] ?? byAlias[id] { return [index] }
    return (byName[PromptSet.normalized(id)] ?? [])
      .union(byName[PromptSet.normalized(name)] ?? []).sorted()
  }

  func hint(for name: String, countSoFar: Int) -> String {
    guard countSoFar < Self.hintLimit else { return "" }
    let close = Set(NearMiss.suggestions(for: name, among: candidates)).sorted()
    return close.isEmpty ? "" : " – near: \(close.joined(separator: ", "))"
  }
}
