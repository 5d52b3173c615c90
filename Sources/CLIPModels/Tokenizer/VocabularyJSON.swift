import Core
package import Foundation

/// Reads `vocab.json`: one flat JSON object from token to id.
///
/// Foundation's readers return `Dictionary<String, …>`, which silently drops one of two keys that are canonically
/// equivalent (`é` composed and decomposed) though a vocabulary may hold both; here keys stay bytes.
package struct VocabularyJSON {
  private let bytes: [UInt8]
  private let subject: String
  private var position = 0

  /// UTF-8 spellings indexed by id; ids must be 0…count−1, each once.
  package static func tokensByID(_ data: Data, subject: String) throws -> [[UInt8]] {
    var reader = VocabularyJSON(bytes: [UInt8](data), subject: subject)
    return try reader.readObject()
  }

  private init(bytes: [UInt8], subject: String) {
    self.bytes = bytes
    self.subject = subject
  }

  private mutating func readObject() throws -> [[UInt8]] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    var entries: [(token: [UInt8], id: Int)] = []
    try expect("{")
    if peek() == UInt8(ascii: "}") {
      position += 1
    } else {
      repeat {
        let token = try readString()
        try expect(":")
        entries.append((token, try readInteger()))
      } while try readSeparator()
    }
    guard peek() == nil else { throw error("expected the end of the file after the object") }

    var tokens = [[UInt8]?](repeating: nil, count: entries.count)
    for (token, id) in entries {
      let name = String(decoding: token, as: UTF8.self)
      guard tokens.indices.contains(id) else {
        throw malformed(
          "expected ids 0…\(entries.count - 1) for \(entries.count) tokens, found \(id) for \"\(name)\""
        )
      }
      if let other = tokens[id] {
        throw malformed(
          "id \(id) belongs to both \"\(String(decoding: other, as: UTF8.self))\" and \"\(name)\"")
      }
      tokens[id] = token
    }
    let spellings = tokens.compactMap(\.self)
    guard Set(spellings).count == spellings.count else {
      throw malformed("a token is listed twice")
    }
    return spellings
  }

  /// The next byte that is not white space; nil at the end.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard peek() == UInt8(ascii: character) else { throw error("expected \"\(character)\"") }
    position += 1
  }

  /// True after `,`, false after `}`.
  private mutating func readSeparator() throws -> Bool {
    switch peek() {
    case UInt8(ascii: ","):
      position += 1
      return true
    case UInt8(ascii: "}"):
      position += 1
      return false
    default: throw error("expected \",\" or \"}\"")
    }
  }

  private mutating func readInteger() throws -> Int {
    _ = peek()
    var value = 0
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]), position - start < 10 {
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
    }
    guard position > start else { throw error("expected a token id (digits)") }
    return value
  }

  private mutating func readString() throws -> [UInt8] {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return text
      case UInt8(ascii: "\\"): text += try readEscape()
      case 0..<0x20: throw error("a control character inside a string must be escaped")
      default: text.append(byte)
      }
    }
    throw error("the string does not end")
  }

  private mutating func readEscape() throws -> [UInt8] {
    guard position < bytes.count else { throw error("the string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var code = try readFourHexDigits()
      if (0xD800..<0xDC00).contains(code), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try readFourHexDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      return Array(String(Character(scalar)).utf8)
    default: throw error("unknown escape in a string")
    }
  }

  private mutating func readFourHexDigits() throws -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { throw error("expected four hexadecimal digits after \\u") }
      code = code << 4 + UInt32(digit)
      position += 1
    }
    return code
  }

  private func error(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: "\(subject), byte \(position)")
  }

  private func malformed(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: subject)
  }
}
