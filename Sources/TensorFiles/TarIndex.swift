import Core
package import Foundation

/// Where each file of an uncompressed tar lies, so that members can be read later without unpacking.
///
/// Reads only the 512-byte headers: ustar (with its prefix), GNU long names and base-256 sizes, and pax
/// `path` and `size` records. Links, folders and devices are passed over.
package struct TarIndex: Sendable {
  package struct Member: Sendable, Equatable {
    package var name: String
    /// Of the member's first byte in the tar.
    package var offset: Int
    package var count: Int

    package init(name: String, offset: Int, count: Int) {
      self.name = name
      self.offset = offset
      self.count = count
    }
  }

  /// In the order of the archive.
  package let members: [Member]

  private static let block = 512
  /// Names longer than this are not names; bounds the memory that a hostile header can ask for.
  private static let longestExtension = 1 << 20

  /// - Throws: `EvalError.notFound` when the file cannot be opened, `.malformedData` with the byte offset when
  ///   a header's checksum is wrong or a member ends beyond the file.
  package init(contentsOf url: URL) throws {
    let file = try PositionedFile(url)
    try self.init(file, within: 0..<file.count)
  }

  /// A tar that is part of a file: a member of another tar. Offsets are the file's.
  /// - Throws: as above, and `.malformedData` for a range that the file does not have.
  package init(_ file: PositionedFile, within range: Range<Int>) throws {
    let url = file.url
    guard range.lowerBound >= 0, range.upperBound <= file.count else {
      throw EvalError(
        .malformedData, "expected bytes \(range), but the file ends at \(file.count)",
        subject: url.path)
    }
    var members: [Member] = []
    var offset = range.lowerBound
    var pending = Overrides()
    func fail(_ message: String) -> EvalError {
      EvalError(
        .malformedData, message, subject: "\(url.path), byte \(offset)",
        remedy: "The archive may be truncated or compressed; download it again or unpack it.")
    }
    while offset + Self.block <= range.upperBound {
      let header = try file.read(at: offset, count: Self.block)
      if header.allSatisfy({ $0 == 0 }) {
        self.members = members
        return
      }
      guard Self.checksumIsRight(header) else {
        throw fail("expected a tar header, found other bytes (its checksum is wrong)")
      }
      guard let headerSize = Self.number(header[124..<136]) else {
        throw fail("the header's size field is not a number")
      }
      let kind = header[156]
      let isExtension =
        kind == UInt8(ascii: "x") || kind == UInt8(ascii: "g")
        || kind == UInt8(ascii: "L") || kind == UInt8(ascii: "K")
      let size = isExtension ? headerSize : pending.size ?? headerSize
      let body = offset + Self.block
      guard size <= range.upperBound - body else {
        throw fail(
          "a member of \(size) bytes begins at \(body), but the \(range.upperBound < file.count ? "archive" : "file") ends at \(range.upperBound)"
        )
      }
      if isExtension {
        guard size <= Self.longestExtension else {
          throw fail("an extended header of \(size) bytes")
        }
        if kind == UInt8(ascii: "L") {
          pending.name = Self.text(try file.read(at: body, count: size)[...])
        } else if kind == UInt8(ascii: "x") {
          guard pending.take(paxRecords: try file.read(at: body, count: size)) else {
            throw fail("an extended header that is not `length key=value` lines")
          }
        }
      } else {
        if kind == UInt8(ascii: "0") || kind == 0 || kind == UInt8(ascii: "7") {
          let name = pending.name ?? Self.ustarName(header)
          members.append(Member(name: name, offset: body, count: size))
        }
        pending = Overrides()
      }
      offset = body + (size + Self.block - 1) / Self.block * Self.block
    }
    throw fail("expected another header or the block of zeros that ends a tar, but the file ends")
  }

  private static func ustarName(_ header: [UInt8]) -> String {
    let name = text(header[0..<100])
    let isUstar = Array(header[257..<262]) == Array("ustar".utf8)
    // GNU archives ("ustar  ") keep time stamps where POSIX ones ("ustar\0") keep the prefix.
    let prefix = isUstar && header[262] == 0 ? text(header[345..<500]) : ""
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Octal digits, or GNU's base-256 when the top bit is set. Nil for anything else or a negative number.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      var value = 0
      for byte in field.dropFirst() {
        guard value <= Int.max >> 9 else { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    if digits.isEmpty { return 0 }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }

  private static func checksumIsRight(_ header: [UInt8]) -> Bool {
    guard let stated = number(header[148..<156]) else { return false }
    var sum = 8 * 0x20
    for (i, byte) in header.enumerated() where !(148..<156).contains(i) { sum += Int(byte) }
    return sum == stated
  }

  private struct Overrides {
    var name: String?
    var size: Int?

    mutating func take(paxRecords bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        guard let space = rest.firstIndex(of: 0x20),
          let length = Int(String(decoding: rest[rest.startIndex..<space], as: UTF8.self)),
          length > space - rest.startIndex + 1, length <= rest.count
        else { return false }
        let record = rest[space + 1..<rest.startIndex + length - 1]
        rest = rest[(rest.startIndex + length)...]
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
        switch String(decoding: record[..<equals], as: UTF8.self) {
        case "path": name = value
        case "size":
          guard let number = Int(value), number >= 0 else { return false }
          size = number
        default: break
        }
      }
      return true
    }
  }
}
