import Core
import Foundation

/// An unpacked page: which of its rows have a value, and the bytes of the values.
struct ParquetPageBody {
  /// One for each row; nil when every row has a value.
  var isPresent: [Bool]?
  /// Values that are there.
  var presentCount: Int
  var values: ArraySlice<UInt8>
  /// Names the page in errors.
  var subject: String

  init(
    _ page: ParquetPage, of column: ParquetColumn, codec: ParquetCodec, in file: PositionedFile
  ) throws {
    let subject = "\(file.url.path), byte \(page.headerOffset) (column \(column.name))"
    self.subject = subject
    func fail(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: subject)
    }
    let stored = try file.read(at: page.bodyOffset, count: page.compressedSize)
    if let crc = page.crc, Gzip.crc32(Data(stored)) != UInt32(truncatingIfNeeded: crc) {
      throw EvalError(
        .malformedData, "the page does not match its checksum", subject: subject,
        remedy: "The file is damaged: fetch it again.")
    }
    var levels: ArraySlice<UInt8> = []
    switch page.kind {
    case .data2(let definitions, let repetitions, let isCompressed):
      // Bounds were checked with the header.
      levels = stored[repetitions..<repetitions + definitions]
      values = try ParquetDecompressor.unpack(
        stored[(repetitions + definitions)...], isCompressed ? codec : .uncompressed,
        count: page.uncompressedSize - repetitions - definitions, fail: fail)
    case .data where column.maxDefinition > 0:
      guard page.levelEncoding == 3 else {
        throw fail("definition levels in \(ParquetEncoding.name(page.levelEncoding)) are not read")
      }
      let body = try ParquetDecompressor.unpack(
        stored[...], codec, count: page.uncompressedSize, fail: fail)
      let count = body.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard body.count >= 4, count <= body.count - 4 else {
        throw fail("definition levels of \(count) bytes in a page of \(body.count)")
      }
      levels = body.dropFirst(4).prefix(count)
      values = body.dropFirst(4 + count)
    default:
      values = try ParquetDecompressor.unpack(
        stored[...], codec, count: page.uncompressedSize, fail: fail)
    }
    presentCount = page.valueCount
    guard column.maxDefinition > 0, page.kind != .dictionary else { return }
    let bitWidth = Int.bitWidth - column.maxDefinition.leadingZeroBitCount
    let present = try ParquetHybrid.decode(
      levels, bitWidth: bitWidth, count: page.valueCount, fail: fail
    ).map { $0 == UInt32(column.maxDefinition) }
    presentCount = present.count(where: { $0 })
    if presentCount < present.count { isPresent = present }
  }

  func fail(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: subject)
  }

  /// Where each value of a PLAIN BYTE_ARRAY lies in `values.base`: 4 bytes of length, little-endian, before each.
  func byteArrays() throws -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    // Every value takes four bytes at least.
    guard presentCount <= values.count / 4 else {
      throw fail("\(presentCount) values in \(values.count) bytes")
    }
    ranges.reserveCapacity(presentCount)
    var offset = values.startIndex
    for number in 0..<presentCount {
      guard values.endIndex - offset >= 4 else {
        throw fail("the page ends before value \(number)")
      }
      let count =
        Int(values[offset]) | Int(values[offset + 1]) << 8 | Int(values[offset + 2]) << 16
        | Int(values[offset + 3]) << 24
      offset += 4
      guard count <= values.endIndex - offset else {
        throw fail("value \(number) has \(count) bytes, the page \(values.endIndex - offset) left")
      }
      ranges.append(offset..<offset + count)
      offset += count
    }
    return ranges
  }

  /// PLAIN integers of 4 or 8 bytes.
  func integers(width: Int) throws -> [Int] {
    guard presentCount <= values.count / width else {
      throw fail("\(presentCount) values in \(values.count) bytes")
    }
    return values.withUnsafeBytes { bytes in
      (0..<presentCount).map { number in
        width == 4
          ? Int(
            Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * number, as: Int32.self)))
          : Int(
            Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * number, as: Int64.self)))
      }
    }
  }

  /// Positions in a dictionary of `count` entries: a byte with the bit width, then runs.
  func dictionaryIndices(count: Int) throws -> [Int] {
    if presentCount == 0 { return [] }
    guard let bitWidth = values.first else { throw fail("dictionary indices without a bit width") }
    return try ParquetHybrid.decode(
      values.dropFirst(), bitWidth: Int(bitWidth), count: presentCount, fail: fail
    ).map {
      guard $0 < count else { throw fail("index \($0) into a dictionary of \(count) entries") }
      return Int($0)
    }
  }
}
