import Core
package import Foundation

/// A numeric array of a MATLAB level 5 file (SVHN's `X`, 1.6 GB), of which nothing is read but what is asked for. libmatio, which
/// reads what is small, cannot begin in the middle of a compressed one.
///
/// Layout: a header of 128 bytes, then elements of a type, a size and data. An element is an array (`miMATRIX`), or an array
/// compressed by zlib; an array's data are elements again: flags, dimensions, name and values.
package struct MatArray: Sendable {
  package let url: URL
  /// Column-major: the first one changes fastest.
  package let dimensions: [Int]
  package let count: Int
  /// How the values are stored, which is often narrower than the array's class.
  private let type: ValueType
  private let source: any RandomAccessBytes
  /// Of the values in the source.
  private let start: Int
  private let isBigEndian: Bool

  private enum ValueType: UInt32 {
    case int8 = 1
    case uint8 = 2
    case int16 = 3
    case uint16 = 4
    case int32 = 5
    case uint32 = 6
    case single = 7
    case double = 9
    case int64 = 12
    case uint64 = 13

    var byteCount: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .single: 4
      case .double, .int64, .uint64: 8
      }
    }
  }

  package var holdsBytes: Bool { type == .uint8 }

  /// - Parameter limit: most bytes a compressed array may unpack to.
  /// - Throws: `EvalError.notFound` when the file cannot be opened, `.malformedData` with the byte when it is no level 5 file, is cut
  ///   short, or has no such numeric array.
  package init(_ variable: String, from url: URL, limit: Int) throws {
    let file = try PositionedFile(url)
    let head = try file.read(at: 0, count: min(128, file.count))
    guard head.count == 128, head.starts(with: Array("MATLAB 5.0".utf8)) else {
      let found = String(decoding: head.prefix(10), as: UTF8.self)
      throw EvalError(
        .malformedData,
        "expected a MATLAB 5.0 MAT-file"
          + (found.hasPrefix("MATLAB") ? ", found `\(found)`" : ", found another header"),
        subject: url.path)
    }
    let isBigEndian = head[126] == UInt8(ascii: "M")
    var reader = MatReader(source: file, isBigEndian: isBigEndian, position: 128)
    var names: [String] = []
    while reader.position < file.count {
      let element = try reader.element()
      // A look at the head first: `X` comes before `y`.
      guard var array = try MatArrayHead(element, of: file, isBigEndian: isBigEndian) else {
        continue
      }
      names.append(array.name)
      guard array.name == variable else { continue }
      guard array.isRealNumbers else {
        throw reader.error(
          "expected `\(variable)` to be an array of real numbers", at: element.start)
      }
      if element.type == MatReader.compressed {
        array.rest.source = try SeekableInflate(
          file, range: element.range, wrapper: .zlib, limit: limit)
      }
      let values = try array.rest.element()
      var count = 1
      for size in array.dimensions {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard size >= 0, !overflow else {
          throw reader.error("`\(variable)` has impossible dimensions", at: element.start)
        }
        count = product
      }
      guard let type = ValueType(rawValue: values.type), count == values.count / type.byteCount
      else {
        throw reader.error(
          "`\(variable)` has dimensions \(array.dimensions), but \(values.count) bytes of values",
          at: element.start)
      }
      self.url = url
      dimensions = array.dimensions
      self.count = count
      self.type = type
      source = array.rest.source
      start = values.start
      self.isBigEndian = isBigEndian
      return
    }
    throw EvalError(
      .malformedData,
      "expected a variable `\(variable)`, found \(names.isEmpty ? "none" : names.joined(separator: ", "))",
      subject: url.path)
  }

  /// Values of an array of bytes.
  package func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    guard holdsBytes, offset >= 0, count >= 0, count <= self.count, offset <= self.count - count
    else {
      throw EvalError(.bug, "no bytes \(offset) to \(offset + count) of values", subject: url.path)
    }
    return try source.read(at: start + offset, count: count)
  }

  /// All values.
  /// - Parameter limit: most there may be.
  package func numbers(limit: Int) throws -> [Double] {
    guard count <= limit else {
      throw EvalError(
        .malformedData, "an array of \(count) values; the limit is \(limit)", subject: url.path)
    }
    let bytes = try source.read(at: start, count: count * type.byteCount)
    return bytes.withUnsafeBytes { bytes in
      func values<T: FixedWidthInteger>(_: T.Type) -> [T] {
        (0..<count).map {
          let value = bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)
          return isBigEndian ? T(bigEndian: value) : T(littleEndian: value)
        }
      }
      return switch type {
      case .int8: values(Int8.self).map(Double.init)
      case .uint8: values(UInt8.self).map(Double.init)
      case .int16: values(Int16.self).map(Double.init)
      case .uint16: values(UInt16.self).map(Double.init)
      case .int32: values(Int32.self).map(Double.init)
      case .uint32: values(UInt32.self).map(Double.init)
      case .int64: values(Int64.self).map(Double.init)
      case .uint64: values(UInt64.self).map(Double.init)
      case .single: values(UInt32.self).map { Double(Float(bitPattern: $0)) }
      case .double: values(UInt64.self).map(Double.init(bitPattern:))
      }
    }
  }
}

/// What stands before an array's values.
private struct MatArrayHead {
  let name: String
  let dimensions: [Int]
  let isRealNumbers: Bool
  /// Stands before the values.
  var rest: MatReader

  /// Nil for an element that is no array.
  init?(_ element: MatReader.Element, of file: PositionedFile, isBigEndian: Bool) throws {
    switch element.type {
    case MatReader.matrix:
      rest = MatReader(source: file, isBigEndian: isBigEndian, position: element.start)
    case MatReader.compressed:
      let bytes = try SeekableInflate.head(
        file, range: element.range, wrapper: .zlib, count: BytesOfHead.length)
      rest = MatReader(
        source: BytesOfHead(url: file.url, bytes: bytes), isBigEndian: isBigEndian, position: 0)
      let array = try rest.element()
      guard array.type == MatReader.matrix else { return nil }
      rest.position = array.start
    default: return nil
    }
    let flags = try rest.numbers(rest.element(), of: 6)
    dimensions = try rest.numbers(rest.element(), of: 5)
    name = try rest.text(rest.element())
    // Classes 6 to 15 are the numeric ones; bit 11 says complex.
    isRealNumbers = flags.first.map { (6...15).contains($0 & 0xff) && $0 & 0x800 == 0 } ?? false
  }
}

/// The first bytes of an array, which has more: flags, dimensions and name fit.
private final class BytesOfHead: RandomAccessBytes {
  static let length = 4096

  let url: URL
  let count = Int.max / 2
  private let bytes: [UInt8]

  init(url: URL, bytes: [UInt8]) {
    self.url = url
    self.bytes = bytes
  }

  func read(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw EvalError(
        .malformedData, "expected the flags, dimensions and name of an array", subject: url.path)
    }
    return Array(bytes[offset..<offset + count])
  }
}

/// Walks over the elements of a level 5 file, or of an array in it.
struct MatReader {
  struct Element {
    var type: UInt32
    var start: Int
    var count: Int

    var range: Range<Int> { start..<start + count }
  }
  /// Types of elements.
  static let matrix: UInt32 = 14
  static let compressed: UInt32 = 15

  var source: any RandomAccessBytes
  let isBigEndian: Bool
  var position: Int

  func error(_ message: String, at offset: Int) -> EvalError {
    EvalError(.malformedData, message, subject: "\(source.url.path), byte \(offset)")
  }

  private func integer(_ bytes: ArraySlice<UInt8>) -> Int {
    (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }

  /// Moves past the element that begins here.
  mutating func element() throws -> Element {
    let tag = try source.read(at: position, count: min(8, max(source.count - position, 0)))
    guard tag.count == 8 else { throw error("an element is cut short", at: position) }
    let word = integer(tag[..<4])
    // Small values stand in the tag, whose first half then has size and type.
    let isSmall = word >> 16 != 0
    let element = Element(
      type: UInt32(word & (isSmall ? 0xffff : 0xffff_ffff)), start: position + (isSmall ? 4 : 8),
      count: isSmall ? word >> 16 : integer(tag[4...]))
    guard element.count <= (isSmall ? 4 : source.count - element.start) else {
      throw EvalError(
        .malformedData,
        "an element of \(element.count) bytes begins here, but the data end at \(source.count)",
        subject: "\(source.url.path), byte \(position)", remedy: "The file is cut short.")
    }
    let end = element.start + element.count
    // Compressed elements are not padded.
    position = isSmall ? position + 8 : element.type == Self.compressed ? end : (end + 7) / 8 * 8
    return element
  }

  /// 32-bit integers; dimensions are at most 32 of them here.
  func numbers(_ element: Element, of type: UInt32) throws -> [Int] {
    guard element.type == type, element.count % 4 == 0, element.count <= 128 else {
      throw error("expected an array's flags, dimensions and name", at: element.start)
    }
    let bytes = try source.read(at: element.start, count: element.count)
    return stride(from: 0, to: bytes.count, by: 4).map { integer(bytes[$0..<$0 + 4]) }
  }

  /// A variable's name.
  func text(_ element: Element) throws -> String {
    guard element.count <= 1024 else {
      throw error("a name of \(element.count) bytes", at: element.start)
    }
    return String(
      decoding: try source.read(at: element.start, count: element.count), as: UTF8.self)
  }
}
