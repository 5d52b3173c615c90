import Core

/// Reads the numbers of a PBM, PGM or PPM file: its header's, and the samples of the plain kinds.
struct NetpbmScanner {
  private let bytes: UnsafeRawBufferPointer
  private let name: String
  /// Of the byte after the last one read.
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, position: Int, name: String) {
    self.bytes = bytes
    self.position = position
    self.name = name
  }

  /// A number of the header. Exactly one blank follows it, which is read too: after the last number come the samples.
  mutating func number(_ what: String) throws -> Int {
    guard let value = try digits(what) else {
      throw EvalError(.malformedData, "the PBM/PGM/PPM header is truncated", subject: name)
    }
    guard position < bytes.count else {
      throw EvalError(.malformedData, "the PBM/PGM/PPM header is truncated", subject: name)
    }
    return value
  }

  /// A sample of a plain file; nil at the end of the file.
  mutating func sample() throws -> Int? { try digits("next sample") }

  /// A pixel of a plain PBM file; nil at the end of the file.
  mutating func bit() throws -> Bool? {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "0"): return false
      case UInt8(ascii: "1"): return true
      case UInt8(ascii: "#"): skipLine()
      default: guard Self.isBlank(byte) else { throw unexpected(byte, "a pixel (0 or 1)") }
      }
    }
    return nil
  }

  private mutating func digits(_ what: String) throws -> Int? {
    var value: Int?
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "#") where value == nil: skipLine()
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let next = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        guard next < 1 << 31 else {
          throw EvalError(
            .malformedData, "the \(what) is over 2³¹", subject: "\(name), byte \(position - 1)")
        }
        value = next
      default:
        guard Self.isBlank(byte) else { throw unexpected(byte, "the \(what)") }
        if value != nil { return value }
      }
    }
    return value
  }

  private mutating func skipLine() {
    while position < bytes.count, bytes[position] != 10, bytes[position] != 13 { position += 1 }
  }

  private func unexpected(_ byte: UInt8, _ what: String) -> EvalError {
    EvalError(
      .malformedData, "expected \(what) of a PBM/PGM/PPM image, found byte \(byte)",
      subject: "\(name), byte \(position - 1)")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }
}
