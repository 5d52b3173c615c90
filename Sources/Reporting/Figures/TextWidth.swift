/// How wide text will be, about: a figure is drawn by a program whose fonts are not known here. Widths are those of common
/// sans-serif fonts, rather too wide than too narrow.
enum TextWidth {
  /// In pixels.
  static func of(_ text: String, size: Double = 12) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ems($1) } * size
  }

  /// The text, or as much of its beginning as fits, with an ellipsis.
  static func fitted(_ text: String, to width: Double, size: Double = 12) -> String {
    guard of(text, size: size) > width else { return text }
    var kept = text
    while !kept.isEmpty, of(kept + "…", size: size) > width { kept.removeLast() }
    return kept + "…"
  }

  /// Lines that fit, broken between words where there are words.
  static func lines(_ text: String, width: Double, size: Double = 12) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let longer = line.isEmpty ? String(word) : "\(line) \(word)"
      if line.isEmpty || of(longer, size: size) <= width {
        line = longer
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    return (line.isEmpty ? lines : lines + [line]).map { fitted($0, to: width, size: size) }
  }

  private static func ems(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "|", "'", ".", ",", ":", ";", "!": 0.29
    case "f", "t", "r", "I", " ", "(", ")", "[", "]", "/", "\\", "-": 0.36
    case "m", "w", "M", "W", "%", "@", "&", "…": 0.9
    case "0"..."9": 0.58
    case "A"..."Z": 0.68
    case "\u{0300}"..."\u{036F}": 0
    case "\u{1100}"...: 1
    default: 0.57
    }
  }
}
