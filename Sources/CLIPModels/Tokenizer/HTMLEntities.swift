/// Resolves HTML character references as Python's `html.unescape` does (the HTML 5 rules).
enum HTMLEntities {
  /// One pass; text that a reference turns into is not looked at again.
  static func unescape(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      if text[position] == "&",
        let (replacement, end) = numeric(text, at: position + 1) ?? named(text, at: position + 1)
      {
        result += replacement
        position = end
      } else {
        result.append(text[position])
        position += 1
      }
    }
    return result
  }

  private typealias Resolved = (replacement: [Unicode.Scalar], end: Int)

  /// `#` and decimal digits, or `#x` and hexadecimal ones; the semicolon may be missing.
  private static func numeric(_ text: [Unicode.Scalar], at start: Int) -> Resolved? {
    guard start < text.count, text[start] == "#" else { return nil }
    var position = start + 1
    let isHex = position < text.count && (text[position] == "x" || text[position] == "X")
    if isHex { position += 1 }
    let firstDigit = position
    var code: UInt32 = 0
    while position < text.count, let digit = asciiDigit(text[position], hex: isHex) {
      // Anything above U+10FFFF is the same error, so larger values need not be kept.
      code = min(code * (isHex ? 16 : 10) + digit, 0x11_0000)
      position += 1
    }
    guard position > firstDigit else { return nil }
    if position < text.count, text[position] == ";" { position += 1 }
    return (character(forReference: code), position)
  }

  private static func asciiDigit(_ scalar: Unicode.Scalar, hex: Bool) -> UInt32? {
    switch scalar.value {
    case 0x30...0x39: scalar.value - 0x30
    case 0x41...0x46 where hex: scalar.value - 0x41 + 10
    case 0x61...0x66 where hex: scalar.value - 0x61 + 10
    default: nil
    }
  }

  /// What a numeric reference stands for: 0x80…0x9F are read as Windows-1252, control characters and noncharacters
  /// vanish, surrogates and values beyond Unicode become U+FFFD.
  private static func character(forReference code: UInt32) -> [Unicode.Scalar] {
    switch code {
    case 0x00: return ["\u{FFFD}"]
    case 0x0D: return ["\r"]
    case 0x80...0x9F: return [windows1252[Int(code - 0x80)]]
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
    default:
      guard let scalar = Unicode.Scalar(code) else { return ["\u{FFFD}"] }
      let isNoncharacter = code & 0xFFFE == 0xFFFE
      return isNoncharacter ? [] : [scalar]
    }
  }

  /// Code points of the bytes 0x80…0x9F; the five that Windows-1252 leaves open stay C1 controls.
  private static let windows1252: [Unicode.Scalar] = [
    "\u{20AC}", "\u{81}", "\u{201A}", "\u{0192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}",
    "\u{02C6}", "\u{2030}", "\u{0160}", "\u{2039}", "\u{0152}", "\u{8D}", "\u{017D}", "\u{8F}",
    "\u{90}", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}",
    "\u{02DC}", "\u{2122}", "\u{0161}", "\u{203A}", "\u{0153}", "\u{9D}", "\u{017E}", "\u{0178}",
  ]

  /// A name of up to 32 characters and an optional semicolon; failing the whole, its longest prefix of at least
  /// two characters that is a name (`&notit;` is `¬it;`).
  private static func named(_ text: [Unicode.Scalar], at start: Int) -> Resolved? {
    var end = start
    while end < text.count, end - start < 32, !endsName(text[end]) { end += 1 }
    guard end > start else { return nil }
    if end < text.count, text[end] == ";" { end += 1 }
    // Names are ASCII; the search key stops where the text stops being so.
    let key = text[start..<end].prefix { $0.isASCII }.map { UInt8($0.value) }
    for count in stride(from: key.count, through: 2, by: -1) {
      if let replacement = HTMLEntityTable.replacements[Array(key.prefix(count))] {
        return (replacement + text[(start + count)..<end], end)
      }
    }
    return (["&"] + text[start..<end], end)
  }

  private static func endsName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\u{0C}", " ", "<", "&", "#", ";": true
    default: false
    }
  }
}
