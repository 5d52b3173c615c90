package import Core

/// What is compared: a part of the protocol in which the two sides may differ. Everything else they have to agree in.
package struct ComparisonAxis: Sendable, Hashable {
  /// As the command line has it.
  package let name: String
  /// Keys of the protocol, with those below them (`probe` and `probe.solver`).
  let keys: [String]

  private static let named: [(name: String, keys: [String])] = [
    (
      "model",
      ["model", "weightsSHA256", "featuresSHA256", "activation", "robustness.zeroShotScale"]
    ),
    ("prompts", classNameKeys + templateKeys),
    ("classNames", classNameKeys),
    ("templates", templateKeys),
    ("precision", ["precision"]),
    ("features", ["featureKind", "normalisation"]),
    ("seeds", ["seed", "probe.seeds", "probe.drawHash"]),
    ("data", ["layout", "variant", "split", "splitHash", "datasetOptions", "datasetFingerprint"]),
  ]

  private static let classNameKeys = [
    "classNameSet", "classNamesHash", "robustness.baseClassNameSet",
    "robustness.baseClassNamesHash",
  ]
  private static let templateKeys = [
    "templateSet", "templatesHash", "robustness.baseTemplateSet", "robustness.baseTemplatesHash",
  ]

  package static let model = ComparisonAxis(name: "model", keys: named[0].keys)

  private init(name: String, keys: [String]) {
    self.name = name
    self.keys = keys
  }

  /// Those that stand for several keys, and then the protocol's keys.
  package static var names: [String] {
    let groups = named.map(\.name)
    return groups
      + EvaluationProtocol.CodingKeys.allCases.map(\.rawValue).filter {
        !groups.contains($0) && !["dataset"].contains($0)
      }
  }

  /// - Parameter name: one of `names`, in any case, or a key below one (`probe.solver`).
  /// - Throws: `EvalError.usage`.
  package init(named name: String) throws(EvalError) {
    let wanted = name.lowercased()
    if let group = Self.named.first(where: { $0.name.lowercased() == wanted }) {
      self.init(name: group.name, keys: group.keys)
      return
    }
    let top = name.split(separator: ".", maxSplits: 1).first.map(String.init) ?? ""
    let known = Self.names
    guard let key = known.first(where: { $0.lowercased() == top.lowercased() }),
      !top.isEmpty, top.count == name.count || ["probe", "robustness"].contains(key)
    else {
      throw EvalError(
        .usage, "no axis is called `\(name)`",
        remedy: NearMiss.hint(for: name, among: known)
          ?? "There are \(known.joined(separator: ", ")).")
    }
    let text = key + name.dropFirst(top.count)
    self.init(name: text, keys: [text])
  }

  /// Whether the sides may differ in this key of their protocols.
  func covers(_ key: String) -> Bool {
    keys.contains { key == $0 || key.hasPrefix("\($0).") }
  }

  /// The axis to name where this key differs: the narrowest that stands for it.
  static func covering(_ key: String) -> String {
    named.filter { $0.keys.contains(key) }.min { $0.keys.count < $1.keys.count }?.name ?? key
  }

  /// How the axis is set in a result, for names: its first key that is known, a set without its dataset.
  package func value(of row: ResultRow) -> String? {
    guard let flat = try? FlatProtocol(row.protocol) else { return nil }
    let own = "\(row.dataset)/"
    return keys.lazy.compactMap { flat.values[$0] }.first.map {
      $0.hasPrefix(own) ? String($0.dropFirst(own.count)) : $0
    }
  }
}
