/// How wide text will be, about: in the width of the fonts that papers are set in (Computer Modern and its successors at 8 pt), rather
/// too wide than too narrow. In ems.
enum LaTeXWidth {
  static func of(_ spans: [MarkdownSpan]) -> Double {
    spans.reduce(0) { width, span in
      width
        + (span.isCode ? typewriter * Double(span.text.unicodeScalars.count) : of(span.text))
        * (span.isBold ? 1.17 : 1)
    }
  }

  static func of(_ text: String) -> Double {
    var width = 0.0
    for byte in text.utf8 {
      guard byte < 128 else { return text.reduce(0) { $0 + of($1) } }
      width += ascii[Int(byte)]
    }
    return width
  }

  private static let ascii = (0..<128).map { of(Character(Unicode.Scalar(UInt8($0)))) }

  private static let typewriter = 0.532

  private static func of(_ character: Character) -> Double {
    switch character {
    case "i", "j", "l", "I", "|", "'", "`", ".", ",", ":", ";", "!", " ": 0.33
    case "f", "t", "r", "s", "J", "(", ")", "[", "]", "-", "°": 0.43
    case "c", "e", "z", "?": 0.5
    case "m", "M", "W", "%", "—", "…", "→", "↔": 1.1
    case "w", "&", "@", "O", "Q", "G", "D", "H", "N", "A", "K", "U", "V", "X", "Y", "+", "=", "−",
      "±", "×", "<", ">", "≥", "≤", "≈":
      0.84
    case "A"..."Z": 0.8
    case "0"..."9", "–", "/", "_", "$", "#", "*": 0.54
    case _ where LaTeX.isNumbered(character):
      Double(character.unicodeScalars.count) * 6.4 * typewriter
    default: 0.6
    }
  }
}
