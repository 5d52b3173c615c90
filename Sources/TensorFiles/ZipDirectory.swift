import Core
import Foundation

/// The entries of a memory-mapped zip, from its central directory (PKWARE's APPNOTE 4.3, zip64 included).
///
/// For archives whose entries are used where they lie: PyTorch stores pickles and tensors and compresses nothing but the code
/// of TorchScript archives, which is not read. Nothing is inflated here (`ZipMembers` does). Every entry is checked to lie in the file before the
/// directory, and no two overlap.
struct ZipDirectory {
  struct Entry: Sendable {
    let name: String
    /// Of its local header.
    let header: Int
    /// Where the entry's bytes lie in the file, compressed or not.
    let range: Range<Int>
    /// 0 for stored, 8 for deflated.
    let method: UInt16
    let isEncrypted: Bool
    /// Of its content, unpacked.
    let size: Int
    let crc32: UInt32
  }

  let entries: [String: Entry]
  private let subject: String

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let endLength = 22
  private static let longestComment = 0xFFFF
  private static let largestPlainSize = 0xFFFF_FFFF
  /// Thirty times the storages of the largest CLIP, its optimizer's included.
  private static let mostEntries = 100_000
  private static let longestName = 1024

  /// - Parameters:
  ///   - mostEntries: more are refused.
  ///   - remedy: what to do about a damaged archive.
  init(
    _ file: MappedFile, mostEntries: Int = Self.mostEntries,
    remedy: String = LittleEndianBytes.remedy
  ) throws {
    let bytes = LittleEndianBytes(bytes: file.bytes, subject: file.url.path, remedy: remedy)
    subject = file.url.path
    let directory = try Self.directory(bytes)
    var entries: [String: Entry] = [:]
    var position = directory.lowerBound
    while position < directory.upperBound {
      let (entry, next) = try Self.entry(at: position, in: bytes, before: directory)
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw bytes.malformed("two entries are called \(entry.name)", at: position)
      }
      guard entries.count <= mostEntries else {
        throw bytes.malformed("more than \(mostEntries) entries", at: position)
      }
      position = next
    }
    var end = 0
    var previous = ""
    for entry in entries.values.sorted(by: {
      ($0.header, $0.range.upperBound, $0.name) < ($1.header, $1.range.upperBound, $1.name)
    }) {
      guard entry.header >= end else {
        throw bytes.malformed(
          "the entries \(previous) and \(entry.name) overlap", at: entry.header)
      }
      (end, previous) = (entry.range.upperBound, entry.name)
    }
    self.entries = entries
  }

  /// The central directory's range, found from the end of the file.
  private static func directory(_ bytes: LittleEndianBytes) throws -> Range<Int> {
    let last = bytes.count - endLength
    var found: Int?
    // The comment may contain the signature, so its length has to lead to the end of the file.
    for position in stride(from: last, through: max(0, last - longestComment), by: -1)
    where try bytes.u32(position) == endSignature
      && position + endLength + Int(bytes.u16(position + 20)) == bytes.count
    {
      found = position
      break
    }
    guard let end = found else {
      throw bytes.malformed(
        "has no zip directory at its end, as if cut short", at: max(0, bytes.count))
    }
    var size = Int(try bytes.u32(end + 12))
    var offset = Int(try bytes.u32(end + 16))
    var limit = end
    // zip64: a locator right before names the place of a record with 64-bit values.
    if end >= 20, try bytes.u32(end - 20) == 0x0706_4b50 {
      let record = try bytes.size64(end - 20 + 8)
      guard record <= end - 20 - 56, try bytes.u32(record) == 0x0606_4b50 else {
        throw bytes.malformed("the zip64 record is not where it should be", at: end - 20)
      }
      size = try bytes.size64(record + 40)
      offset = try bytes.size64(record + 48)
      limit = record
    }
    guard offset <= limit, size <= limit - offset else {
      throw bytes.malformed("the zip directory claims bytes beyond its end", at: end)
    }
    return offset..<offset + size
  }

  private static func entry(
    at position: Int, in bytes: LittleEndianBytes, before directory: Range<Int>
  ) throws -> (Entry, next: Int) {
    guard try bytes.u32(position) == 0x0201_4b50 else {
      throw bytes.malformed("expected an entry of the zip directory", at: position)
    }
    let flags = try bytes.u16(position + 8)
    let method = try bytes.u16(position + 10)
    var compressed = Int(try bytes.u32(position + 20))
    var size = Int(try bytes.u32(position + 24))
    let nameLength = Int(try bytes.u16(position + 28))
    let extraLength = Int(try bytes.u16(position + 30))
    let commentLength = Int(try bytes.u16(position + 32))
    var header = Int(try bytes.u32(position + 42))
    let next = position + 46 + nameLength + extraLength + commentLength
    guard next <= directory.upperBound else {
      throw bytes.malformed("an entry reaches beyond the zip directory", at: position)
    }
    let nameRange = position + 46..<position + 46 + nameLength
    guard nameLength <= longestName,
      let name = String(validating: bytes.bytes[nameRange], as: UTF8.self)
    else {
      throw bytes.malformed(
        "an entry's name is not UTF-8 of at most \(longestName) bytes", at: position + 46)
    }
    // zip64: 64-bit values for those fields that are full, in this order.
    var extra = nameRange.upperBound
    let extraEnd = extra + extraLength
    while extraEnd - extra >= 4 {
      let end = extra + 4 + Int(try bytes.u16(extra + 2))
      guard end <= extraEnd else { break }
      if try bytes.u16(extra) == 1 {
        var field = extra + 4
        func wide(_ value: inout Int) throws {
          guard value == largestPlainSize else { return }
          guard end - field >= 8 else {
            throw bytes.malformed("the zip64 sizes of \(name) are cut short", at: extra)
          }
          value = try bytes.size64(field)
          field += 8
        }
        try wide(&size)
        try wide(&compressed)
        try wide(&header)
        break
      }
      extra = end
    }
    // The local header repeats the name; its own extra field (PyTorch pads with it) decides where the bytes begin.
    guard header <= directory.lowerBound - 30, try bytes.u32(header) == 0x0403_4b50 else {
      throw bytes.malformed("no local header for the entry \(name)", at: header)
    }
    let localNameLength = Int(try bytes.u16(header + 26))
    let start = header + 30 + localNameLength + Int(try bytes.u16(header + 28))
    guard start <= directory.lowerBound,
      bytes.bytes[header + 30..<header + 30 + localNameLength]
        .elementsEqual(bytes.bytes[nameRange])
    else {
      throw bytes.malformed("the local header of \(name) is of another entry", at: header)
    }
    guard compressed <= directory.lowerBound - start,
      method != 0 || size == compressed
    else {
      throw bytes.malformed(
        "the entry \(name) claims \(size) bytes (\(compressed) in the file), \(max(0, directory.lowerBound - start)) are left",
        at: start)
    }
    return (
      Entry(
        name: name, header: header, range: start..<start + compressed, method: method,
        isEncrypted: flags & 1 != 0, size: size, crc32: try bytes.u32(position + 16)),
      next
    )
  }

  /// Where the bytes of an entry lie; nil when there is none of that name.
  /// - Throws: `EvalError.malformedData` for an entry that is not stored as it is.
  func range(of name: String) throws -> Range<Int>? {
    guard let entry = entries[name] else { return nil }
    guard entry.method == 0, !entry.isEncrypted else {
      throw EvalError(
        .malformedData,
        "the entry \(name) is \(entry.isEncrypted ? "encrypted" : "compressed (method \(entry.method))"), expected it "
          + "stored as PyTorch stores it", subject: "\(subject), byte \(entry.range.lowerBound)",
        remedy:
          "Pack the archive again without compression (zip -0), or load and save it with PyTorch.")
    }
    return entry.range
  }
}

/// Little-endian numbers at checked offsets.
struct LittleEndianBytes {
  static let remedy = "The file is truncated or not a PyTorch archive: fetch it again."

  let bytes: UnsafeRawBufferPointer
  let subject: String
  var remedy = Self.remedy

  var count: Int { bytes.count }

  func malformed(_ message: String, at offset: Int) -> EvalError {
    EvalError(
      .malformedData, message, subject: "\(subject), byte \(offset)",
      remedy: remedy)
  }

  func u16(_ offset: Int) throws -> UInt16 { UInt16(littleEndian: try load(offset)) }
  func u32(_ offset: Int) throws -> UInt32 { UInt32(littleEndian: try load(offset)) }

  /// A 64-bit size or offset, which has to be one that a file can have.
  func size64(_ offset: Int) throws -> Int {
    guard let value = Int(exactly: UInt64(littleEndian: try load(offset))), value < 1 << 60 else {
      throw malformed("a size or offset beyond any file", at: offset)
    }
    return value
  }

  private func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) throws -> T {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else {
      throw malformed("expected \(MemoryLayout<T>.size) more bytes", at: max(0, offset))
    }
    return bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
  }
}
