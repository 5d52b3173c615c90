package import Core

/// Which results of a run are meant: all whose protocols have these values.
package struct RowSelection: Sendable, Equatable {
  private var wanted: [(key: String, value: String)]

  package static let all = RowSelection()

  private init() { wanted = [] }

  /// - Parameter written: `KEY=VALUE` each: a key of the protocol, with `classNames` and `templates` for the sets and `shots` for few-shot's.
  /// - Throws: `EvalError.usage` for another form, a key that no protocol has, or one that comes twice.
  package init(_ written: [String], option: String) throws(EvalError) {
    wanted = []
    for text in written {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw EvalError(.usage, "expected \(option) KEY=VALUE, found `\(text)`")
      }
      let known = Self.names
      let top = parts[0].split(separator: ".", maxSplits: 1).first.map(String.init) ?? parts[0]
      guard let name = known.first(where: { $0.lowercased() == top.lowercased() }) else {
        throw EvalError(
          .usage, "\(option) \(text): protocols have no key `\(parts[0])`",
          remedy: NearMiss.hint(for: parts[0], among: known)
            ?? "There are \(known.joined(separator: ", ")).")
      }
      let key = (Self.aliases[name] ?? name) + parts[0].dropFirst(top.count)
      guard !wanted.contains(where: { $0.key == key }) else {
        throw EvalError(.usage, "\(option) names \(parts[0]) twice")
      }
      wanted.append((key, parts[1]))
    }
  }

  package static func == (a: RowSelection, b: RowSelection) -> Bool {
    a.wanted.map { [$0.key, $0.value] } == b.wanted.map { [$0.key, $0.value] }
  }

  private static let aliases = [
    "classNames": "classNameSet", "templates": "templateSet", "shots": "probe.shots",
  ]

  private static var names: [String] {
    aliases.keys.sorted() + EvaluationProtocol.CodingKeys.allCases.map(\.rawValue)
  }

  package var keys: [String] { wanted.map(\.key) }
  package var isEmpty: Bool { wanted.isEmpty }
  func value(_ key: String) -> String? { wanted.first { $0.key == key }?.value }

  /// `templateSet=generic/bare`
  package var text: String { wanted.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }

  /// Whether one template of a set is asked for.
  package var namesSingleTemplate: Bool {
    value("templateSet").map { (try? TemplateReference($0))?.number != nil } ?? false
  }

  package func contains(_ row: ResultRow) throws -> Bool {
    guard !wanted.isEmpty else { return true }
    let flat = try FlatProtocol(row.protocol)
    return wanted.allSatisfy { key, value in
      guard let found = flat.values[key] else { return false }
      // Sets are named without their dataset, so that one name fits them on all.
      return found == value || found == "\(row.dataset)/\(value)"
        || (key.hasSuffix("SHA256") || key.hasSuffix("Hash")) && value.count >= 8
          && found.hasPrefix(value.lowercased())
    }
  }

  /// What rows have in place of what is wanted, `model: ViT-B/16, ViT-B/32` for each key; of single templates only where one is wanted.
  package func values(of rows: [ResultRow]) throws -> [String] {
    let flat = try rows.filter { namesSingleTemplate || !$0.protocol.isOfSingleTemplate }
      .map { try FlatProtocol($0.protocol) }
    return wanted.map { key, _ in
      let known = Set(flat.map { $0.values[key] ?? "–" }).sorted()
      return "\(key): \(known.prefix(8).joined(separator: ", "))\(known.count > 8 ? ", …" : "")"
    }
  }

  /// The axes that two selections of different values compare.
  package static func axes(
    _ first: RowSelection, _ second: RowSelection
  ) throws(EvalError) -> [ComparisonAxis] {
    var axes: [ComparisonAxis] = []
    for (key, value) in first.wanted {
      guard let other = second.value(key), other != value else { continue }
      let axis = try ComparisonAxis(named: ComparisonAxis.covering(key))
      if !axes.contains(axis) { axes.append(axis) }
    }
    return axes
  }
}
