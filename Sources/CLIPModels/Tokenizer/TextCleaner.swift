/// What OpenAI's tokenizer does to a text before cutting it into words, with Python's definitions: HTML entities are
/// resolved twice, white space is collapsed, letters are lower-cased.
///
/// OpenAI runs `ftfy.fix_text` first; that repair is not part of this program. Ids are OpenAI's wherever ftfy leaves
/// the text as it is. With its defaults (version 6.3) ftfy changes:
/// - mojibake, UTF-8 that was once read as Windows-1252, Latin-1 or the like (`cafÃ©` → `café`);
/// - decomposed characters: the result is in normalisation form C (`e` + U+0301 → `é`, U+212B → `Å`);
/// - curly single and double quotation marks, low ones included, to `'` and `"` (not `«»‹›`);
/// - Latin ligatures (`ﬁ` → `fi`, `ĳ` → `ij`, `ŉ` → `'n`), full-width and half-width forms (`Ａ` → `A`, `ｶ` → `カ`,
///   U+3000 → space);
/// - C1 control characters, to the Windows-1252 characters they were meant as (U+0085 → `…`);
/// - line ends: CR LF, CR, U+2028 and U+2029 become LF;
/// - terminal escape sequences, and control characters that show nothing (U+0000–0008, 000B, 000E–001F, 007F, U+206A–206F,
///   U+FEFF, U+FFF9–FFFC), which it deletes;
/// - pairs of surrogate code points (a Swift string cannot hold those);
/// - HTML entities, in a text without `<`: names in capitals (`&EACUTE;`) too, and one more round beside the two here.
package enum TextCleaner {
  package static func clean(_ text: String) -> [Unicode.Scalar] {
    var scalars = Array(text.unicodeScalars)
    if scalars.contains("&") {
      scalars = HTMLEntities.unescape(HTMLEntities.unescape(scalars))
    }
    return lowercased(collapsed(strip(scalars[...])))
  }

  /// Python's `str.isspace`: what `strip()` removes. Unlike `\s` of the `regex` module (Unicode's White_Space, which
  /// Swift's `isWhitespace` is too) it counts the four information separators U+001C–001F.
  private static func isStripped(_ scalar: Unicode.Scalar) -> Bool {
    (0x1C...0x1F).contains(scalar.value) || isSpace(scalar)
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      ? scalar == " " || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
  }

  private static func strip(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    guard let first = text.firstIndex(where: { !isStripped($0) }),
      let last = text.lastIndex(where: { !isStripped($0) })
    else { return [] }
    return text[first...last]
  }

  /// Each run of white space becomes one space.
  private static func collapsed(_ text: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var inSpace = false
    for scalar in text {
      let space = isSpace(scalar)
      if !space { result.append(scalar) } else if !inSpace { result.append(" ") }
      inSpace = space
    }
    return result
  }

  /// Python's `str.lower`: the full mapping of each code point, and Σ at the end of a word becomes ς.
  package static func lowercased(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for (index, scalar) in text.enumerated() {
      if scalar.isASCII {
        let isUpper = (0x41...0x5A).contains(scalar.value)
        result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar)
      } else if scalar == "Σ" {
        result.append(isFinalSigma(text, at: index) ? "ς" : "σ")
      } else {
        result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return result
  }

  /// Unicode's Final_Sigma condition: a cased letter before, none after, case-ignorable characters skipped.
  private static func isFinalSigma(_ text: [Unicode.Scalar], at index: Int) -> Bool {
    let before = text[..<index].last { !$0.properties.isCaseIgnorable }
    guard let before, before.properties.isCased else { return false }
    let after = text[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    return !(after?.properties.isCased ?? false)
  }
}
