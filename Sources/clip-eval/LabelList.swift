import Core

/// The value of `--labels`: names separated by commas, as one line of CSV, so that a quoted name may hold commas.
enum LabelList {
  /// - Throws: `EvalError.usage` for an open quote, no name at all, or a name given twice.
  static func parse(_ text: String) throws -> [String] {
    var names: [String] = []
    var current = ""
    var isQuoted = false
    var wasQuoted = false
    func finish() {
      let name = wasQuoted ? current : trimmed(current)
      if !name.isEmpty { names.append(name) }
      current = ""
      wasQuoted = false
    }
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if isQuoted {
        guard character == "\"" else {
          current.append(character)
          continue
        }
        if rest.first == "\"" {
          current.append("\"")
          rest.removeFirst()
        } else {
          isQuoted = false
        }
      } else if character == ",", !isQuoted {
        finish()
      } else if character == "\"", trimmed(current).isEmpty {
        current = ""
        isQuoted = true
        wasQuoted = true
      } else if !(wasQuoted && character.isWhitespace) {
        current.append(character)
      }
    }
    guard !isQuoted else {
      throw EvalError(.usage, "--labels has a quote that is not closed: \(text)")
    }
    finish()
    guard !names.isEmpty else { throw EvalError(.usage, "--labels names no class") }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw EvalError(.usage, "--labels names \"\(name)\" twice")
    }
    return names
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
