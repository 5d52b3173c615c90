/// Parquet's RLE / bit-packed hybrid, the form of levels and of dictionary indices.
enum ParquetHybrid {
  /// Exactly `count` values below 2^`bitWidth`.
  static func decode(
    _ bytes: ArraySlice<UInt8>, bitWidth: Int, count: Int, fail: (String) -> any Error
  ) throws -> [UInt32] {
    guard (0...32).contains(bitWidth) else { throw fail("values of \(bitWidth) bits") }
    if bitWidth == 0 { return [UInt32](repeating: 0, count: count) }
    var values: [UInt32] = []
    var rest = bytes
    while values.count < count {
      guard let header = ParquetVarint.read(&rest) else {
        throw fail("runs that end after \(values.count) of \(count) values")
      }
      let left = count - values.count
      let length = header >> 1
      guard length > 0 else { throw fail("a run of no values") }
      if header & 1 == 0 {
        let width = (bitWidth + 7) / 8
        guard rest.count >= width else { throw fail("a run without its value") }
        let value = rest.prefix(width).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        rest = rest.dropFirst(width)
        values.append(contentsOf: repeatElement(value, count: Int(min(length, UInt64(left)))))
      } else {
        // Groups of eight; the last one may be cut to the values that are used.
        let used = length >= UInt64((left + 7) / 8) ? left : 8 * Int(length)
        guard rest.count >= (used * bitWidth + 7) / 8 else {
          throw fail("a packed run of \(used) values in \(rest.count) bytes")
        }
        appendPacked(rest, bitWidth: bitWidth, count: used, to: &values)
        let (size, overflow) = length.multipliedReportingOverflow(by: UInt64(bitWidth))
        rest = rest.dropFirst(overflow || size > UInt64(rest.count) ? rest.count : Int(size))
      }
    }
    return values
  }

  /// Little-endian, lowest bits first. There must be enough bytes.
  private static func appendPacked(
    _ bytes: ArraySlice<UInt8>, bitWidth: Int, count: Int, to values: inout [UInt32]
  ) {
    var buffer: UInt64 = 0
    var bits = 0
    var next = bytes.startIndex
    for _ in 0..<count {
      while bits < bitWidth {
        buffer |= UInt64(bytes[next]) << UInt64(bits)
        next += 1
        bits += 8
      }
      values.append(UInt32(truncatingIfNeeded: buffer & (1 << UInt64(bitWidth) - 1)))
      buffer >>= UInt64(bitWidth)
      bits -= bitWidth
    }
  }
}

/// Unsigned LEB128.
enum ParquetVarint {
  /// Nil when the bytes end or the number does not fit 64 bits.
  static func read(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let next = bytes.popFirst(), shift < 63 || next <= 1 else { return nil }
      value |= UInt64(next & 0x7F) << shift
      if next & 0x80 == 0 { return value }
    }
    return nil
  }
}
