import Core
import Foundation
import Prompts

/// The class names that a container lists, joined to a dataset's classes by what they say, never by their order.
struct ContainerClasses {
  let classes: [DatasetClass]
  /// Class index of each number that the container gives its classes.
  private let indices: [Int]
  private let byName: [String: Int]
  /// What the container has otherwise than the dataset.
  let notes: [String]

  /// Class index of a class number of the container.
  func label(_ number: Int) -> Int? { indices.indices.contains(number) ? indices[number] : nil }

  /// Class index of a class name of the container.
  func label(named name: String) -> Int? { byName[Self.key(name)] }

  /// Number of the container's classes.
  var count: Int { indices.count }

  /// Labels that are the classes' own ids.
  init(own classes: [DatasetClass], note: String? = nil) {
    self.classes = classes
    indices = Array(classes.indices)
    byName = Dictionary(
      classes.enumerated().map { (Self.key($1.id), $0) }, uniquingKeysWith: { first, _ in first })
    notes = note.map { [$0] } ?? []
  }

  /// - Parameters:
  ///   - names: by the container's numbers.
  ///   - canonical: the dataset's classes; nil takes the container's, whose ids are their names (`name#number` where several
  ///     have one name).
  ///   - file: what lists the names, for errors.
  /// - Throws: `EvalError.malformedData` naming every class that does not join.
  init(
    names: [String], canonical: [DatasetClass]?, dataset: DatasetInfo, file: String
  ) throws {
    guard let canonical else {
      let uses = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
      self.init(
        own: names.enumerated().map { number, name in
          DatasetClass(id: uses[name] == 1 ? name : "\(name)#\(number)", name: name)
        })
      return
    }
    // A container uses the names of one source: the dataset's own, or those of a prompt set.
    let own = canonical.map { Set([Self.key($0.id), Self.key($0.name)]) }
    var failure: Failure?
    for extra in [own] + Self.promptNames(dataset.id, canonical) {
      let keys = zip(own, extra).map { $0.union($1) }
      switch Self.match(names, keys: keys) {
      case .success(let indices):
        self.init(canonical, joined: indices, names: names)
        return
      case .failure(let found):
        if found.unmatched.count < failure?.unmatched.count ?? .max { failure = found }
      }
    }
    throw (failure ?? Failure()).error(
      names: names, canonical: canonical, dataset: dataset, file: file)
  }

  /// How many of a container's names some class of the dataset has.
  static func agreement(_ names: [String], canonical: [DatasetClass], dataset: String) -> Int {
    var known = Set(canonical.flatMap { [key($0.id), key($0.name)] })
    for table in promptNames(dataset, canonical) { known.formUnion(table.flatMap(\.self)) }
    return names.count { known.contains(key($0)) }
  }

  /// A class that the container does not list is none to choose from: copies leave out Caltech-101's background.
  private init(_ canonical: [DatasetClass], joined found: [Int], names: [String]) {
    let listed = Set(found).sorted()
    let position = Dictionary(uniqueKeysWithValues: listed.enumerated().map { ($1, $0) })
    classes = listed.map { canonical[$0] }
    indices = found.compactMap { position[$0] }
    byName = Dictionary(
      zip(names, indices).map { (Self.key($0), $1) }, uniquingKeysWith: { first, _ in first })
    notes =
      (found == listed
        ? [] : ["the container counts the classes in an order of its own; joined by name"])
      + (listed.count < canonical.count
        ? ["the container lists \(listed.count) of \(canonical.count) classes"] : [])
  }

  // MARK: Matching

  private struct Failure: Error {
    /// Numbers of the container's names that no class has.
    var unmatched: [Int] = []
    var problems: [String] = []
    /// Classes that a name was found for.
    var matched: Set<Int> = []

    func error(
      names: [String], canonical: [DatasetClass], dataset: DatasetInfo, file: String
    ) -> EvalError {
      let limit = 10
      func list(_ texts: [String]) -> String {
        texts.prefix(limit).joined(separator: ", ") + (texts.count > limit ? ", …" : "")
      }
      var message = ""
      if !unmatched.isEmpty {
        message =
          "\(unmatched.count) of \(names.count) class names are none of \(dataset.id)'s: "
          + list(unmatched.map { "`\(names[$0])` (line \($0 + 1))" })
        let left = canonical.indices.filter { !matched.contains($0) }.map {
          "`\(canonical[$0].id)`"
        }
        if !left.isEmpty { message += "; classes without a name there: \(list(left))" }
      }
      message += (message.isEmpty || problems.isEmpty ? "" : "; ") + list(problems)
      return EvalError(
        .malformedData, message, subject: file,
        remedy:
          "Correct the names, or state them as aliases in Prompts/\(dataset.id); classes are never joined by their order."
      )
    }
  }

  private static func match(_ names: [String], keys: [Set<String>]) -> Result<[Int], Failure> {
    var owners: [String: [Int]] = [:]
    for (index, keys) in keys.enumerated() {
      for key in keys { owners[key, default: []].append(index) }
    }
    let found = names.map { owners[key($0)] ?? [] }
    var indices = found.map { $0.count == 1 ? $0[0] : nil }
    var failure = Failure(
      unmatched: found.indices.filter { found[$0].isEmpty },
      matched: Set(indices.compactMap(\.self)))
    // Names that several classes share (ImageNet's missile) say which only by elimination; or by their order, where every
    // other name shows that the container has the dataset's order.
    let isInOrder = indices.enumerated().allSatisfy { $1 == nil || $1 == $0 }
    let shared = Dictionary(grouping: found.indices.filter { found[$0].count > 1 }) { found[$0] }
    for (candidates, numbers) in shared.sorted(by: { $0.value[0] < $1.value[0] }) {
      let left = candidates.filter { !failure.matched.contains($0) }
      if left.count == 1, numbers.count == 1 {
        indices[numbers[0]] = left[0]
      } else if isInOrder, left == numbers {
        for number in numbers { indices[number] = number }
      } else {
        failure.problems.append(
          "`\(names[numbers[0]])` (line \(numbers[0] + 1)) is the name of \(left.count) classes")
      }
    }
    var first: [Int: Int] = [:]
    for (number, index) in indices.enumerated() {
      guard let index else { continue }
      if let other = first.updateValue(number, forKey: index) {
        failure.problems.append(
          "`\(names[other])` (line \(other + 1)) and `\(names[number])` (line \(number + 1)) are one class"
        )
      }
    }
    let complete = indices.compactMap(\.self)
    guard failure.problems.isEmpty, complete.count == names.count else { return .failure(failure) }
    return .success(complete)
  }

  /// Without the program's prompts there are fewer names to know a class by, which is no error here.
  private static let library = (try? ResourceLocator.folder(named: "Prompts")).flatMap {
    try? PromptLibrary(roots: [$0])
  }

  /// For each prompt set of the dataset, the names and aliases of every class; at last those of all sets together.
  private static func promptNames(
    _ dataset: String, _ canonical: [DatasetClass]
  ) -> [[Set<String>]] {
    guard let library else { return [] }
    let positions = Dictionary(
      canonical.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var tables: [[Set<String>]] = []
    let owners = [dataset, PromptLibrary.lenders[dataset]]
    for entry in library.entries where owners.contains(entry.dataset) {
      guard let set = try? library.find(dataset: entry.dataset, set: entry.name),
        !set.classes.isEmpty
      else { continue }
      var table = [Set<String>](repeating: [], count: canonical.count)
      for owner in set.classes {
        guard let index = ([owner.id] + owner.aliases).lazy.compactMap({ positions[$0] }).first
        else { continue }
        table[index].formUnion(([owner.id] + owner.aliases + owner.names).map(key))
      }
      tables.append(table)
    }
    if tables.count > 1 {
      let empty = [Set<String>](repeating: [], count: canonical.count)
      tables.append(tables.reduce(empty) { sum, table in zip(sum, table).map { $0.union($1) } })
    }
    return tables
  }

  /// Letters and digits alone, in lower case: copies differ in `_`, `-`, `/`, apostrophes and spaces.
  static func key(_ name: String) -> String {
    let key = name.lowercased().filter { $0.isLetter || $0.isNumber }
    return key.isEmpty ? name : key
  }
}
