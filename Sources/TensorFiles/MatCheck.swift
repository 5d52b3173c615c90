import Core
import Foundation

/// What must hold of a MATLAB level 5 file before libmatio reads it, which trusts every size in it: compressed data are whole, elements
/// lie inside those around them, and no array claims more than its bytes hold. So memory stays within a few times the unpacked size.
struct MatCheck {
  /// A file's whole unpacked contents are at most this; Stanford Cars' come to 4 MB.
  private static let unpackedLimit = 256 << 20
  private static let depthLimit = 16

  private enum Class {
    static let cell = 1
    static let structure = 2
    static let text = 4
    static let numeric = 6...15
  }
  private enum Kind {
    static let int8: UInt32 = 1
    static let int32: UInt32 = 5
    static let uint32: UInt32 = 6
    /// Bytes of a value of each type of numbers and texts.
    static let sizes: [UInt32: Int] = [
      1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4,
    ]
  }

  static func check(_ file: PositionedFile) throws {
    let isBigEndian = try file.read(at: 126, count: 2) == Array("MI".utf8)
    var reader = MatReader(source: file, isBigEndian: isBigEndian, position: 128)
    var left = unpackedLimit
    while reader.position < file.count {
      let element = try reader.element()
      let bytes: [UInt8]
      if element.type == MatReader.compressed {
        let data = try SeekableInflate(file, range: element.range, wrapper: .zlib, limit: left)
        bytes = try data.read(at: 0, count: data.count)
      } else {
        guard element.count <= left else {
          throw reader.error("an array of \(element.count) bytes", at: element.start)
        }
        bytes = try file.read(at: element.start - 8, count: element.count + 8)
      }
      left -= bytes.count
      var inside = MatReader(
        source: BytesInMemory(url: file.url, bytes: bytes), isBigEndian: isBigEndian, position: 0)
      let array = try inside.element()
      guard array.type == MatReader.matrix else {
        throw inside.error("expected an array, found an element of type \(array.type)", at: 0)
      }
      inside.position = array.start
      try checkArray(&inside, end: array.range.upperBound, depth: 0)
    }
  }

  /// - Parameter reader: at the array's first element; moves to its end.
  private static func checkArray(_ reader: inout MatReader, end: Int, depth: Int) throws {
    let start = reader.position
    func fail(_ message: String) -> EvalError { reader.error(message, at: start) }
    guard depth < depthLimit else { throw fail("arrays lie in one another \(depth) deep") }
    let flags = try reader.numbers(next(&reader, end), of: Kind.uint32)
    let dimensions = try reader.numbers(next(&reader, end), of: Kind.int32)
    guard flags.count == 2, dimensions.count >= 2 else {
      throw fail("expected an array's flags and dimensions")
    }
    let name = try next(&reader, end)
    guard name.type == Kind.int8 else { throw fail("expected an array's name") }
    var count = 1
    for size in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      // The words are read as unsigned ones.
      guard !overflow, size <= Int(Int32.max) else {
        throw fail("the array has impossible dimensions")
      }
      count = product
    }
    switch flags[0] & 0xff {
    case Class.cell: try checkArrays(&reader, count, end: end, depth: depth)
    case Class.structure:
      let length = try reader.numbers(next(&reader, end), of: Kind.int32)
      let names = try next(&reader, end)
      guard length.count == 1, (1...256).contains(length[0]), names.type == Kind.int8,
        names.count % length[0] == 0
      else { throw fail("expected a struct's names of fields") }
      let (arrays, overflow) = count.multipliedReportingOverflow(by: names.count / length[0])
      guard !overflow, names.count > 0 || count <= (end - start) / 8 else {
        throw fail("the struct claims \(count) elements, more than its bytes hold")
      }
      try checkArrays(&reader, arrays, end: end, depth: depth)
      guard count <= (end - start) / 8 else {
        throw fail("the struct claims \(count) elements, more than its bytes hold")
      }
    case Class.text, Class.numeric:
      let isComplex = flags[0] & 0x800 != 0
      for _ in 0..<(isComplex ? 2 : 1) {
        let values = try next(&reader, end)
        guard let size = Kind.sizes[values.type], values.count % size == 0 else {
          throw fail("values of an unknown type \(values.type)")
        }
        let isText = flags[0] & 0xff == Class.text
        // A character of UTF-8 and UTF-16 may take several of its units.
        guard isText ? count <= values.count / size : count == values.count / size else {
          throw fail("the array claims \(count) values, found \(values.count / size)")
        }
      }
    default: throw fail("arrays of class \(flags[0] & 0xff) are not read")
    }
    reader.position = (end + 7) / 8 * 8
  }

  /// So many arrays one after the other.
  private static func checkArrays(
    _ reader: inout MatReader, _ count: Int, end: Int, depth: Int
  ) throws {
    guard count <= (end - reader.position) / 8 else {
      throw reader.error(
        "the array claims \(count) arrays inside, more than its bytes hold", at: reader.position)
    }
    for _ in 0..<count {
      let array = try next(&reader, end)
      guard array.type == MatReader.matrix else {
        throw reader.error("expected an array", at: array.start)
      }
      // Nothing at all stands for an empty one.
      if array.count == 0 { continue }
      let after = reader.position
      reader.position = array.start
      try checkArray(&reader, end: array.range.upperBound, depth: depth + 1)
      reader.position = after
    }
  }

  /// The next element, which lies inside the array.
  private static func next(_ reader: inout MatReader, _ end: Int) throws -> MatReader.Element {
    let start = reader.position
    guard start < end else { throw reader.error("an array ends too early", at: start) }
    let element = try reader.element()
    guard element.range.upperBound <= end else {
      throw reader.error("an element goes beyond the array around it", at: start)
    }
    return element
  }
}

/// What a compressed element unpacks to.
private final class BytesInMemory: RandomAccessBytes {
  let url: URL
  let count: Int
  private let bytes: [UInt8]

  init(url: URL, bytes: [UInt8]) {
    self.url = url
    self.bytes = bytes
    count = bytes.count
  }

  func read(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw EvalError(.malformedData, "an array ends too early", subject: url.path)
    }
    return Array(bytes[offset..<offset + count])
  }
}
