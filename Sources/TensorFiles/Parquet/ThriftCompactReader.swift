import Core

/// Reads Thrift's compact protocol, the form of Parquet's footer and page headers.
///
/// Structs, lists and nesting are bounded by the bytes there are and by `deepest`; unknown fields are skipped.
struct ThriftCompactReader {
  enum Kind: UInt8 {
    case yes = 1
    case no, byte, int16, int32, int64, double, binary, list, set, map, structure
  }

  struct Field {
    var id: Int
    var kind: Kind
  }

  private(set) var position = 0
  private let bytes: [UInt8]
  /// Of the first byte in the file.
  private let base: Int
  private let path: String
  private var depth = 0

  private static let deepest = 24

  init(_ bytes: [UInt8], base: Int, path: String) {
    self.bytes = bytes
    self.base = base
    self.path = path
  }

  func fail(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: "\(path), byte \(base + position)")
  }

  /// Calls `body` for every field of a struct; it must read the value or skip it.
  mutating func structure(
    _ body: (inout ThriftCompactReader, Field) throws -> Void
  ) throws {
    try descend()
    defer { depth -= 1 }
    var id = 0
    while true {
      let header = try byte()
      if header == 0 { return }
      guard let kind = Kind(rawValue: header & 0x0F) else {
        throw fail("a Thrift field of unknown type \(header & 0x0F)")
      }
      id = header >> 4 == 0 ? Int(try zigzag(limit: Int64(Int16.max))) : id + Int(header >> 4)
      try body(&self, Field(id: id, kind: kind))
    }
  }

  /// Calls `body` for every element of a list of structs.
  mutating func structures(
    _ field: Field, _ body: (inout ThriftCompactReader, Field) throws -> Void,
    end: () -> Void
  ) throws {
    try elements(field, of: .structure) {
      try $0.structure(body)
      end()
    }
  }

  mutating func texts(_ field: Field) throws -> [String] {
    var texts: [String] = []
    try elements(field, of: .binary) { texts.append(try $0.text()) }
    return texts
  }

  mutating func integer(_ field: Field) throws -> Int {
    switch field.kind {
    case .byte: return Int(Int8(bitPattern: try byte()))
    case .int16, .int32, .int64: return Int(try zigzag(limit: .max))
    default: throw fail("expected an integer in field \(field.id), found \(field.kind)")
    }
  }

  mutating func boolean(_ field: Field) throws -> Bool {
    guard field.kind == .yes || field.kind == .no else {
      throw fail("expected a truth value in field \(field.id), found \(field.kind)")
    }
    return field.kind == .yes
  }

  mutating func text(_ field: Field) throws -> String {
    guard field.kind == .binary else {
      throw fail("expected a text in field \(field.id), found \(field.kind)")
    }
    return try text()
  }

  /// Enters a field that must be a struct.
  mutating func structure(
    in field: Field, _ body: (inout ThriftCompactReader, Field) throws -> Void
  ) throws {
    guard field.kind == .structure else {
      throw fail("expected a struct in field \(field.id), found \(field.kind)")
    }
    try structure(body)
  }

  mutating func skip(_ kind: Kind) throws {
    switch kind {
    case .yes, .no: break
    case .byte: _ = try byte()
    case .int16, .int32, .int64: _ = try zigzag(limit: .max)
    case .double: try advance(8)
    case .binary: try advance(try length())
    case .structure: try structure { try $0.skip($1.kind) }
    case .list, .set:
      let (count, element) = try listHeader()
      try descend()
      for _ in 0..<count { try skipElement(element) }
      depth -= 1
    case .map:
      let count = try length()
      guard count > 0 else { return }
      let kinds = try byte()
      guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 0x0F) else {
        throw fail("a Thrift map of unknown types")
      }
      try descend()
      for _ in 0..<count {
        try skipElement(key)
        try skipElement(value)
      }
      depth -= 1
    }
  }

  // MARK: -

  /// Truth values take a byte inside collections, none as fields.
  private mutating func skipElement(_ kind: Kind) throws {
    if kind == .yes || kind == .no { _ = try byte() } else { try skip(kind) }
  }

  private mutating func elements(
    _ field: Field, of wanted: Kind, _ body: (inout ThriftCompactReader) throws -> Void
  ) throws {
    guard field.kind == .list else {
      throw fail("expected a list in field \(field.id), found \(field.kind)")
    }
    let (count, kind) = try listHeader()
    guard count == 0 || kind == wanted else {
      throw fail("expected a list of \(wanted) in field \(field.id), found \(kind)")
    }
    for _ in 0..<count { try body(&self) }
  }

  private mutating func listHeader() throws -> (count: Int, kind: Kind) {
    let header = try byte()
    let count = header >> 4 == 15 ? try length() : Int(header >> 4)
    guard let kind = Kind(rawValue: header & 0x0F) else {
      // An empty list may leave its type out.
      if count == 0 { return (0, .structure) }
      throw fail("a Thrift list of unknown type \(header & 0x0F)")
    }
    // Every element takes a byte at least.
    guard count <= bytes.count - position else {
      throw fail("a list of \(count) elements in \(bytes.count - position) bytes")
    }
    return (count, kind)
  }

  private mutating func text() throws -> String {
    let count = try length()
    let start = position
    try advance(count)
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func descend() throws {
    depth += 1
    guard depth <= Self.deepest else { throw fail("structures nested too deeply") }
  }

  private mutating func advance(_ count: Int) throws {
    guard count <= bytes.count - position else {
      throw fail("expected \(count) more bytes, found \(bytes.count - position)")
    }
    position += count
  }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw fail("the data end inside a structure") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func length() throws -> Int {
    let value = try varint()
    guard value <= UInt64(bytes.count) else {
      throw fail("a length of \(value) in \(bytes.count) bytes")
    }
    return Int(value)
  }

  private mutating func zigzag(limit: Int64) throws -> Int64 {
    let value = try varint()
    let signed = Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    guard signed <= limit, signed >= -limit - 1 else { throw fail("the number \(signed)") }
    return signed
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let next = try byte()
      guard shift < 63 || next <= 1 else { break }
      value |= UInt64(next & 0x7F) << shift
      if next & 0x80 == 0 { return value }
    }
    throw fail("a number longer than 64 bits")
  }
}
