import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct SeekableInflateTests {
  private let url = TestPaths.fixtures.appending(path: "deflate/digits.gz")

  /// What Tools/make-record-dataset-fixtures.py wrote.
  private var digits: [UInt8] {
    var state = 1
    return (0..<120_000).map { _ in
      state = state * 48271 % 2_147_483_647
      return UInt8(48 + state % 10)
    }
  }

  /// From every point on, over the boundary of blocks and of gzip members.
  @Test(arguments: [1, 5000, 1 << 20]) func readsAnywhere(spacing: Int) throws {
    let bytes = try SeekableInflate(
      PositionedFile(url), wrapper: .gzip, limit: 1_000_000, spacing: spacing)
    let digits = digits
    #expect(bytes.count == digits.count)
    for start in stride(from: 119_990, through: 0, by: -9973) {
      #expect(try bytes.read(at: start, count: 10) == Array(digits[start..<start + 10]))
    }
    #expect(try bytes.read(at: 1, count: digits.count - 1) == Array(digits.dropFirst()))
    #expect(try bytes.read(at: 69_990, count: 20) == Array(digits[69_990..<70_010]))
    #expect(throws: EvalError.self) { try bytes.read(at: 119_999, count: 2) }
    #expect(throws: EvalError.self) { try bytes.read(at: -1, count: 1) }
  }

  @Test func damageIsFound() throws {
    let folder = try TemporaryFolder()
    let data = try Data(contentsOf: url)
    let path = folder.url.appending(path: "damaged.gz")
    func open() throws -> Int {
      try SeekableInflate(PositionedFile(path), wrapper: .gzip, limit: 1_000_000, spacing: 5000)
        .count
    }
    // The checksum tells a changed digit from a right one.
    for position in [12, 500, 20_000, 40_000] {
      var damaged = data
      damaged[position] ^= 1
      try damaged.write(to: path)
      #expect(throws: EvalError.self) { try open() }
    }
    for end in [0, 1, 5, 18, 1000, 45_000] {
      try data.prefix(end).write(to: path)
      let error = #expect(throws: EvalError.self) { try open() }
      #expect(error?.kind == .malformedData)
    }
    let limit = #expect(throws: EvalError.self) {
      try SeekableInflate(PositionedFile(url), wrapper: .gzip, limit: 119_999)
    }
    #expect(limit?.message.contains("limit of 119999") == true)
  }

  @Test(
    "a block that unpacks to more than is sensible is refused before anything takes memory for it")
  func longBlock() throws {
    // One block with the fixed codes: a zero, then runs of 258 of it (code 285, distance 1).
    let runs = 400
    var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
    for _ in 0..<runs { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
    bits += [UInt8](repeating: 0, count: 7)
    var data = Data([0x78, 0x01])
    for start in stride(from: 0, to: bits.count, by: 8) {
      let byte = bits[start..<min(start + 8, bits.count)]
      data.append(byte.enumerated().reduce(0) { $0 | $1.element << UInt8($1.offset) })
    }
    let count = 1 + 258 * runs
    // Adler-32 of so many zeros.
    let sum = count % 65_521
    data.append(contentsOf: [UInt8(sum >> 8), UInt8(sum & 255), 0, 1])
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "zeros.z")
    try data.write(to: url)
    let bytes = try SeekableInflate(PositionedFile(url), wrapper: .zlib, limit: 1_000_000)
    #expect(try bytes.read(at: 0, count: count) == [UInt8](repeating: 0, count: count))
    let error = #expect(throws: EvalError.self) {
      try SeekableInflate(
        PositionedFile(url), wrapper: .zlib, limit: 1_000_000, spacing: 1000, longestBlock: 100_000)
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains("a block of the compressed data unpacks to more than") == true)
  }
}
