/// The known classes of a dataset, found by what a disk calls them.
struct ClassTable: Sendable {
  let classes: [DatasetClass]
  private let exact: [String: Int]
  private let loose: [String: Int]

  /// - Parameter aliases: other names of classes, with the id that each stands for.
  init(_ classes: [DatasetClass], aliases: [String: String] = [:]) {
    self.classes = classes
    var exact: [String: Int] = [:]
    var loose: [String: Int] = [:]
    var shared: Set<String> = []
    for (label, owner) in classes.enumerated() {
      exact[owner.id] = label
      let key = Self.key(owner.id)
      if loose.updateValue(label, forKey: key) != nil { shared.insert(key) }
    }
    for key in shared { loose[key] = nil }
    for (alias, id) in aliases {
      if exact[alias] == nil { exact[alias] = exact[id] }
    }
    self.exact = exact
    self.loose = loose
  }

  /// Classes whose names are their ids with spaces for `_` and `/`.
  init(ids: [String], aliases: [String: String] = [:]) {
    self.init(
      ids.map {
        DatasetClass(id: $0, name: $0.replacing("_", with: " ").replacing("/", with: " "))
      }, aliases: aliases)
  }

  /// The class with this id or alias, else the one whose id has the same letters and digits in the same order: copies write
  /// `Ram C-V Cargo Van` for `Ram C/V Cargo Van`, and `Apple_Pie` for `apple_pie`.
  func label(of name: some StringProtocol) -> Int? {
    exact[String(name)] ?? loose[Self.key(name)]
  }

  private static func key(_ name: some StringProtocol) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
