/// Writes SVG: elements in order, attributes as given, everything escaped.
struct SVGText {
  private(set) var text = ""
  private var open: [String] = []

  mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
    text += "<\(name)\(Self.text(attributes))>\n"
    open.append(name)
  }

  mutating func end() {
    guard let name = open.popLast() else { return }
    text += "</\(name)>\n"
  }

  /// - Parameters:
  ///   - content: the element's text.
  ///   - tip: what is shown when the pointer rests on it.
  mutating func add(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], content: String? = nil,
    tip: String? = nil
  ) {
    text += "<\(name)\(Self.text(attributes))"
    if content == nil, tip == nil {
      text += "/>\n"
      return
    }
    let title = tip.map { "<title>\(Self.escaped($0))</title>" } ?? ""
    text += ">\(title)\(content.map(Self.escaped) ?? "")</\(name)>\n"
  }

  private static func text(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
  }

  /// Text as it is, whatever it holds; what XML 1.0 has no character for becomes a space. Characters that would turn the order of what comes
  /// after them are left out: a class of that name must not turn its numbers.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{FFFE}", "\u{FFFF}": result += " "
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": break
      default:
        let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
        result.unicodeScalars.append(isControl ? " " : scalar)
      }
    }
    return result
  }
}
