import Core

/// Options of a dataset as a command line gives them.
enum DatasetChoices {
  /// - Parameter written: `NAME=VALUE` each.
  /// - Throws: `EvalError.usage` for another form, or a name that comes twice.
  static func parse(_ written: [String]) throws(EvalError) -> [String: String] {
    var choices: [String: String] = [:]
    for text in written {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw EvalError(.usage, "expected --option NAME=VALUE, found `\(text)`")
      }
      guard choices.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw EvalError(.usage, "--option \(parts[0]) is given twice")
      }
    }
    return choices
  }
}
