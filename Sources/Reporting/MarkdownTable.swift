/// A table as GitHub renders it.
struct MarkdownTable {
  enum Alignment: String {
    case left = "---"
    case right = "--:"
  }

  private let header: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  init(_ header: [(title: String, alignment: Alignment)]) { self.header = header }

  /// - Parameter cells: Markdown, already escaped; one a column.
  mutating func append(_ cells: [String]) { rows.append(cells) }

  var isEmpty: Bool { rows.isEmpty }

  /// Ends with a newline.
  var text: String {
    let lines =
      [header.map(\.title), header.map(\.alignment.rawValue)] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}

enum Markdown {
  /// What stands for a value that is not known or does not apply.
  static let unknown = "–"

  /// Text as it is, whatever it holds: names of files and classes may contain any character. Characters that would turn the order of what
  /// comes after them are left out: a class of that name must not turn its numbers.
  static func escaped(_ text: String) -> String {
    if let first = text.utf8.first, isLetter(first), text.utf8.allSatisfy({ isPlain[Int($0)] }) {
      return text
    }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      // GitHub takes what stands between two dollar signs for mathematics.
      case "\\", "|", "*", "_", "`", "[", "]", "~", "#", "$":
        result += "\\\(scalar)"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": break
      default:
        let isControl = scalar.properties.generalCategory == .control
        result.unicodeScalars.append(isControl ? " " : scalar)
      }
    }
    return withPlainBeginning(result)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// Of each byte whether it is a character that is itself, after a letter at least.
  private static let isPlain: [Bool] = (0..<256).map { byte in
    (0x20..<0x7F).contains(byte) && !"\\|*_`[]~#$<>&".utf8.contains(UInt8(byte))
  }

  /// At the beginning of a line it could be a list, a rule, a heading's underline or code.
  private static func withPlainBeginning(_ text: String) -> String {
    guard let first = text.first else { return text }
    switch first {
    case " ":
      return "\u{A0}" + text.dropFirst()
    case "-", "+", "=":
      let next = text.dropFirst().first
      let isMark = next == nil || next == " " || text.allSatisfy { "-= ".contains($0) }
      return isMark ? "\\" + text : text
    case "0"..."9":
      let number = text.prefix { $0.isASCII && $0.isNumber }
      let rest = text.dropFirst(number.count)
      guard let mark = rest.first, mark == "." || mark == ")" else { return text }
      let next = rest.dropFirst().first
      return next == nil || next == " " ? "\(number)\\\(rest)" : text
    default: return text
    }
  }
}
