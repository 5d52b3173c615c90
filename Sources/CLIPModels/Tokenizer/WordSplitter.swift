/// Cuts cleaned text into the words that BPE works on.
///
/// Stands for the pattern of OpenAI's tokenizer, as Python's `regex` module runs it with IGNORECASE on lower-cased text:
///
///     <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
///
/// Two things of that module matter: `'s` also matches `'ſ` (U+017F folds to s), and U+0345, a mark whose
/// case variants are letters, matches no alternative at all and so disappears.
package enum WordSplitter {
  package static let startText = "<|startoftext|>"
  package static let endText = "<|endoftext|>"

  private static let specialTexts = [startText, endText].map { Array($0.unicodeScalars) }
  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map {
    Array($0.unicodeScalars)
  }

  package enum Kind: UInt8 { case letter, number, space, nothing, other }

  /// Ranges of the words in `text`, in order.
  package static func words(_ text: [Unicode.Scalar]) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start = 0
    while start < text.count {
      if let end = fixedWordEnd(text, at: start) {
        words.append(start..<end)
        start = end
        continue
      }
      let kind = kind(of: text[start])
      var end = start + 1
      switch kind {
      case .space, .nothing:
        start = end
        continue
      case .number: break
      case .letter, .other:
        while end < text.count, self.kind(of: text[end]) == kind { end += 1 }
      }
      words.append(start..<end)
      start = end
    }
    return words
  }

  package static func kind(of scalar: Unicode.Scalar) -> Kind {
    scalar.isASCII ? asciiKinds[Int(scalar.value)] : kindFromProperties(scalar)
  }

  private static let asciiKinds = (0..<128).map { kindFromProperties(Unicode.Scalar(UInt8($0))) }

  private static func kindFromProperties(_ scalar: Unicode.Scalar) -> Kind {
    if scalar.value == 0x345 { return .nothing }
    let properties = scalar.properties
    if properties.isWhitespace { return .space }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }

  /// End of a special token or contraction that starts at `start`.
  private static func fixedWordEnd(_ text: [Unicode.Scalar], at start: Int) -> Int? {
    let candidates: [[Unicode.Scalar]]
    switch text[start] {
    case "<": candidates = specialTexts
    case "'": candidates = contractions
    default: return nil
    }
    for candidate in candidates where start + candidate.count <= text.count {
      if candidate.indices.allSatisfy({ matches(text[start + $0], candidate[$0]) }) {
        return start + candidate.count
      }
    }
    return nil
  }

  private static func matches(_ found: Unicode.Scalar, _ wanted: Unicode.Scalar) -> Bool {
    found == wanted || (wanted == "s" && found.value == 0x17F)
  }
}
