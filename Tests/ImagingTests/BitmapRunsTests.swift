import Imaging
import Testing

/// What Pillow 9.4 misreads in run-length coded bitmaps; the expected pixels are Pillow 13's.
@Suite struct BitmapRunsTests {
  private func pixels(
    width: Int, height: Int, bits: Int, compression: Int, _ data: [UInt8]
  ) throws -> [UInt8] {
    func little(_ value: Int, _ count: Int = 4) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let start = 14 + 40 + 16 * 4
    var file = Array("BM".utf8) + little(start + data.count) + little(0) + little(start)
    file += little(40) + little(width) + little(height) + little(1, 2) + little(bits, 2)
    file +=
      little(compression) + little(data.count) + little(0) + little(0) + little(16) + little(0)
    for entry in 0..<16 { file += [UInt8(entry), 100, 3, 0] }
    return try (file + data).withUnsafeBytes {
      try ImageDecoder.decode(bytes: $0, name: "runs.bmp").pixels
    }
  }

  @Test func aStepLeavesZeros() throws {
    // Three 7s, 2 to the right and 1 up, two 9s, end of line.
    let found = try pixels(
      width: 5, height: 3, bits: 8, compression: 1,
      [3, 7, 0, 2, 2, 1, 2, 9, 0, 0, 0, 3, 1, 2, 3, 0, 0, 1])
    #expect(found == [9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 0, 0])
  }

  @Test func anOddLiteralEndsInsideItsLastByte() throws {
    let found = try pixels(
      width: 5, height: 2, bits: 4, compression: 2,
      [0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 5, 0xAB, 0, 1])
    #expect(found == [10, 11, 10, 11, 10, 1, 2, 3, 4, 5])
  }
}
