package import Core

/// Reads JSON piece by piece, for documents of known form that may be large or hostile: nothing is built that the caller
/// does not ask for, and strings stay bytes (two keys that Unicode calls equivalent are two keys).
package struct JSONCursor {
  private let bytes: [UInt8]
  private let subject: String
  /// Of the first of these bytes in the file, for messages.
  private let origin: Int
  private var position = 0

  package init(_ bytes: [UInt8], subject: String, origin: Int = 0) {
    self.bytes = bytes
    self.subject = subject
    self.origin = origin
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next byte that is not white space; nil at the end.
  package mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
    return position < bytes.count ? bytes[position] : nil
  }

  package mutating func expect(_ character: Unicode.Scalar) throws {
    guard peek() == UInt8(ascii: character) else { throw error("expected \"\(character)\"") }
    position += 1
  }

  /// Reads past `character` where it is next.
  package mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Between elements: true after `,`, false after `close`.
  package mutating func separator(before close: Unicode.Scalar) throws -> Bool {
    if skip(",") { return true }
    if skip(close) { return false }
    throw error("expected \",\" or \"\(close)\"")
  }

  /// The members of an object; `member` reads each value.
  package mutating func object(_ member: (inout JSONCursor, [UInt8]) throws -> Void) throws {
    try expect("{")
    if skip("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while try separator(before: "}")
  }

  package mutating func end() throws {
    guard peek() == nil else { throw error("expected the end of the file after the object") }
  }

  /// Digits, at most `longest` of them.
  /// - Parameter expected: what they stand for, for messages.
  package mutating func digits(_ expected: String, longest: Int = 18) throws -> Int {
    _ = peek()
    var value = 0
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]),
      position - start < longest
    {
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
    }
    guard position > start else { throw error("expected \(expected)") }
    return value
  }

  package mutating func string() throws -> [UInt8] {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return text
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw error("a control character inside a string must be escaped")
      default: text.append(byte)
      }
    }
    throw error("the string does not end")
  }

  private mutating func escape() throws -> [UInt8] {
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
      var code = try fourHexDigits()
      if (0xD800..<0xDC00).contains(code), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      return Array(String(Character(scalar)).utf8)
    default: throw error("unknown escape in a string")
    }
  }

  private mutating func fourHexDigits() throws -> UInt32 {
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

  package func error(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: "\(subject), byte \(origin + position)")
  }
}
