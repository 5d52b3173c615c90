import Core

/// The JSON at the head of a safetensors file, read strictly: the entries in the order of the file, no name twice.
///
/// Foundation's readers keep one of two equal names without a word, take `true` and `1.0` for whole numbers, and need many
/// times a hostile header's size.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let dtype: String
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  private static let longestName = 512
  private static let mostDimensions = 16

  /// - Parameter origin: where the header begins in the file.
  init(_ bytes: [UInt8], subject: String, origin: Int) throws {
    var cursor = JSONCursor(bytes, subject: subject, origin: origin)
    var names: Set<[UInt8]> = []
    guard cursor.peek() == UInt8(ascii: "{") else {
      throw cursor.error("the header is not a JSON object")
    }
    try cursor.object { cursor, key in
      let name = try Self.text(key, &cursor)
      guard names.insert(key).inserted else {
        throw cursor.error("two tensors are called \(name)")
      }
      if name == "__metadata__" {
        try cursor.object { cursor, key in
          metadata[String(decoding: key, as: UTF8.self)] = String(
            decoding: try cursor.string(), as: UTF8.self)
        }
      } else {
        entries.append(try Self.entry(name, &cursor))
      }
    }
    // Writers pad with spaces.
    try cursor.end()
  }

  private static func text(_ bytes: [UInt8], _ cursor: inout JSONCursor) throws -> String {
    guard bytes.count <= longestName, let text = String(validating: bytes, as: UTF8.self) else {
      throw cursor.error(
        "expected a name of at most \(longestName) bytes in UTF-8, found one of \(bytes.count) bytes"
      )
    }
    return text
  }

  private static func entry(_ name: String, _ cursor: inout JSONCursor) throws -> Entry {
    var dtype: String?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.object { cursor, key in
      switch String(decoding: key, as: UTF8.self) {
      case "dtype" where dtype == nil: dtype = try text(cursor.string(), &cursor)
      case "shape" where shape == nil:
        shape = try numbers(&cursor, "a dimension", atMost: mostDimensions)
      case "data_offsets" where offsets == nil:
        offsets = try numbers(&cursor, "an offset", atMost: 2)
      case let other:
        throw cursor.error(
          "tensor \(name) has the field \(other.prefix(40)), expected dtype, shape and data_offsets, each once"
        )
      }
    }
    guard let dtype, let shape, let offsets, offsets.count == 2 else {
      throw cursor.error("tensor \(name) has no dtype, shape and data_offsets")
    }
    return Entry(name: name, dtype: dtype, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private static func numbers(
    _ cursor: inout JSONCursor, _ what: String, atMost limit: Int
  ) throws -> [Int] {
    var numbers: [Int] = []
    try cursor.expect("[")
    if cursor.skip("]") { return numbers }
    repeat {
      guard numbers.count < limit else { throw cursor.error("more than \(limit) numbers here") }
      let expected = "\(what): a whole number of at most 18 digits"
      numbers.append(try cursor.digits(expected))
      if let next = cursor.peek(), (0x30...0x39).contains(next) {
        throw cursor.error("expected \(expected)")
      }
    } while try cursor.separator(before: "]")
    return numbers
  }
}
