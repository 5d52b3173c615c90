import Core

/// Something of a dataset that the field does in more than one way, and that moves the number: how wide a border is cut off,
/// which frames of a video are seen.
package struct DatasetOption: Sendable, Codable, Equatable {
  package var name: String
  /// What is taken where nothing is chosen.
  package var defaultValue: String
  /// The allowed values; `uniform:N` stands for any positive whole number in place of N.
  package var values: [String]
  package var meaning: String

  package init(_ name: String, default value: String, of values: [String], meaning: String) {
    self.name = name
    defaultValue = value
    self.values = values
    self.meaning = meaning
  }

  private func allows(_ value: String) -> Bool {
    values.contains { pattern in
      guard pattern.hasSuffix(":N") else { return pattern == value }
      let lead = pattern.dropLast()
      guard value.hasPrefix(lead) else { return false }
      return ClassFolders.nonNegativeInteger(value.dropFirst(lead.count)).map { $0 > 0 } ?? false
    }
  }

  /// `2, 1 or 0`.
  private var choices: String {
    guard values.count > 1, let last = values.last else { return values.joined() }
    return values.dropLast().joined(separator: ", ") + " or " + last
  }

  fileprivate func check(_ value: String, dataset: String) throws(EvalError) {
    guard allows(value) else {
      throw EvalError(
        .usage,
        "the option \(name) is \(choices), found `\(value)`",
        subject: dataset, remedy: meaning)
    }
  }
}

extension DatasetOption {
  /// Choices as protocols record them: `crop=1`, by name; nil where there are none.
  package static func text(_ values: [String: String]) -> String? {
    values.isEmpty
      ? nil : values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
  }
}

extension DatasetAdapter {
  /// A value for each of the dataset's options: the one chosen, or its default.
  /// - Throws: `EvalError.usage` for an option or a value that the dataset does not have.
  package func effectiveOptions(_ choices: [String: String]) throws -> [String: String] {
    let known = options.map(\.name)
    for name in choices.keys.sorted() where !known.contains(name) {
      throw EvalError(
        .usage,
        known.isEmpty
          ? "the dataset has no options, found `\(name)`"
          : "no option `\(name)`; the dataset has \(known.joined(separator: ", "))",
        subject: info.id, remedy: NearMiss.hint(for: name, among: known))
    }
    var values: [String: String] = [:]
    for option in options {
      let value = choices[option.name] ?? option.defaultValue
      try option.check(value, dataset: info.id)
      values[option.name] = value
    }
    return values
  }

  /// The same dataset with options chosen; the others keep their defaults.
  /// - Throws: as `effectiveOptions`.
  package func configured(_ choices: [String: String]) throws -> any DatasetAdapter {
    let values = try effectiveOptions(choices)
    return choices.isEmpty ? self : try choosing(values)
  }
}
