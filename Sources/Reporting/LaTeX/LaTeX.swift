import Foundation

/// Text as LaTeX: ASCII alone, so that it reads the same whatever the encoding of the document it is pasted into; T1 fonts.
enum LaTeX {
  /// Words longer than this may be broken, or they would run out of their column.
  static let longestWord = 24

  /// Text as it is, whatever it holds. A character that has no command here is shown by its number, `U+4E2D`.
  static func escaped(_ text: String) -> String {
    if text.utf8.count <= longestWord, text.utf8.allSatisfy({ isPlain[Int($0)] }) { return text }
    let words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return words.map(Substring.init).map { word in
      word.utf8.count > longestWord && word.count > longestWord ? broken(word) : characters(word)
    }.joined(separator: " ")
  }

  /// A line of Markdown.
  static func inline(_ markdown: String) -> String { text(MarkdownSpan.parse(markdown)) }

  static func text(_ spans: [MarkdownSpan]) -> String {
    spans.map { span in
      let text = span.isCode ? "\\texttt{\(escaped(span.text))}" : escaped(span.text)
      return span.isBold ? "\\textbf{\(text)}" : text
    }.joined()
  }

  /// May be broken after punctuation, or else anywhere after `longestWord / 2` characters.
  private static func broken(_ word: Substring) -> String {
    var result = ""
    var piece = ""
    for character in word {
      piece.append(character)
      let isPunctuation = "/._-:;,=@+&?)]".contains(character)
      if piece.count >= longestWord / 2 || (isPunctuation && piece.count > 3) {
        result += (result.isEmpty ? "" : "\\allowbreak{}") + characters(piece[...])
        piece = ""
      }
    }
    return piece.isEmpty ? result : result + "\\allowbreak{}" + characters(piece[...])
  }

  private static func characters(_ text: Substring) -> String {
    var isASCII = true
    var isAllPlain = true
    for byte in text.utf8 where !isPlain[Int(byte)] {
      isAllPlain = false
      isASCII = isASCII && byte < 128
    }
    if isAllPlain { return String(text) }
    var result = ""
    func append(_ piece: String) {
      if let end = result.utf8.last, let start = piece.utf8.first, isLigature(end, start) {
        result += "{}"
      }
      result += piece
    }
    if isASCII {
      for byte in text.utf8 { append(commandOfByte[Int(byte)]) }
      return result
    }
    var isAfterNumber = false
    for character in text {
      let isNumber = isNumbered(character)
      if isNumber {
        let numbers = character.unicodeScalars.map { "\\texttt{\(number($0))}" }
        append((isAfterNumber ? "\\," : "") + numbers.joined(separator: "\\,"))
      } else if let byte = character.asciiValue {
        append(commandOfByte[Int(byte)])
      } else {
        append(LaTeXSymbols.commands[character] ?? accented(character) ?? "")
      }
      isAfterNumber = isNumber
    }
    return result
  }

  /// Whether the two would be set as another sign than the one after the other.
  private static func isLigature(_ first: UInt8, _ second: UInt8) -> Bool {
    switch second {
    case UInt8(ascii: "-"), UInt8(ascii: "'"), UInt8(ascii: ","): first == second
    case UInt8(ascii: "`"): "`!?".utf8.contains(first)
    default: false
    }
  }

  private static let commandOfByte: [String] = (0..<128).map { byte in
    let character = Character(Unicode.Scalar(UInt8(byte)))
    return ascii[character] ?? (character.isControl ? " " : String(character))
  }

  /// Characters with a meaning of their own, and those that would be taken for arguments at the beginning of a row.
  private static let ascii: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\textquotedbl{}",
    "`": "\\textasciigrave{}", "[": "{[}", "]": "{]}", "*": "{*}",
  ]

  /// Of each byte whether it is a character that is itself wherever it stands.
  private static let isPlain: [Bool] = (0..<256).map { byte in
    guard byte >= 32, byte < 127 else { return false }
    let character = Character(Unicode.Scalar(UInt8(byte)))
    return ascii[character] == nil && !"-',".contains(character)
  }

  /// A letter with its accents as commands; nil where one has none.
  private static func accented(_ character: Character) -> String? {
    let scalars = String(character).decomposedStringWithCanonicalMapping.unicodeScalars
    guard let base = scalars.first.map(Character.init), base.isLetter, base.asciiValue != nil,
      scalars.count > 1
    else { return nil }
    var result = ["i": "\\i", "j": "\\j"][base] ?? String(base)
    for mark in scalars.dropFirst() {
      guard let command = LaTeXSymbols.accents[mark] else { return nil }
      // Below the letter its dot stays.
      if "cdbk".contains(command), base == "i" || base == "j" { result = String(base) }
      result = "\\\(command){\(result)}"
    }
    return result
  }

  /// Whether it is shown by its number.
  static func isNumbered(_ character: Character) -> Bool {
    character.asciiValue == nil && LaTeXSymbols.commands[character] == nil
      && accented(character) == nil
  }

  private static func number(_ scalar: Unicode.Scalar) -> String {
    let hex = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
