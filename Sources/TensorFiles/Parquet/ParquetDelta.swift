/// DELTA_BINARY_PACKED integers: differences in blocks of miniblocks, each with its own bit width.
enum ParquetDelta {
  static func decode(
    _ bytes: ArraySlice<UInt8>, count: Int, fail: (String) -> any Error
  ) throws -> [Int] {
    if count == 0 { return [] }
    var rest = bytes
    func number() throws -> UInt64 {
      guard let value = ParquetVarint.read(&rest) else { throw fail("the deltas end too early") }
      return value
    }
    func zigzag() throws -> Int64 {
      let value = try number()
      return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
    let (blockSize, miniblocks, total) = (try number(), try number(), try number())
    guard blockSize > 0, blockSize <= 1 << 20, miniblocks > 0, miniblocks <= blockSize / 8,
      blockSize % miniblocks == 0, total == UInt64(count)
    else { throw fail("a delta header of \(total) values in blocks of \(blockSize)") }
    let miniblockSize = Int(blockSize / miniblocks)
    var last = try zigzag()
    var values = [Int(last)]
    while values.count < count {
      let smallest = try zigzag()
      let widths = rest.prefix(Int(miniblocks))
      guard widths.count == miniblocks else { throw fail("the deltas end too early") }
      rest = rest.dropFirst(widths.count)
      for width in widths where values.count < count {
        let used = min(miniblockSize, count - values.count)
        // The last miniblock may be cut to the values that are used.
        guard width <= 64, rest.count >= (used * Int(width) + 7) / 8 else {
          throw fail("deltas of \(width) bits in \(rest.count) bytes")
        }
        var bit = 0
        for _ in 0..<used {
          var delta: UInt64 = 0
          for position in 0..<Int(width) {
            let at = bit + position
            let value = UInt64(rest[rest.startIndex + at / 8] >> UInt8(at % 8)) & 1
            delta |= value << UInt64(position)
          }
          bit += Int(width)
          // The format counts modulo 2⁶⁴.
          last = last &+ smallest &+ Int64(bitPattern: delta)
          values.append(Int(last))
        }
        rest = rest.dropFirst(miniblockSize * Int(width) / 8)
      }
    }
    return values
  }
}
